import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { certsLayout } from '@vedette/certs/files'
import { issueCredentials } from '@vedette/certs/pki'
import { parseServerConfig, type ServerConfig } from '@vedette/server/config'
import { Server } from '@vedette/server/server'
import { Vault } from '@vedette/server/store/vault'
import { ConfigFault } from '@vedette/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { DeskUser, jsonOf } from '../../support/server-desk.ts'
import { LogBook } from '../../support/server-log.ts'
import { rejectionOf } from '../../support/thrown.ts'

const SPACE = 'dlib-resnet29-1'

let deployment: Deployment
let server: Server
let before: ServerConfig
let book: LogBook

function configOf(yaml: string): ServerConfig {
  const made = parseServerConfig(yaml, join(deployment.home, 'server.yaml'))
  const free = { host: '127.0.0.1', port: 0 }
  return { ...made, gate: { ...made.gate, ...free }, desk: { ...made.desk, ...free } }
}

beforeAll(async () => {
  deployment = await Deployment.found()
  await Vault.create(join(deployment.home, 'vault.key'))
  before = configOf('log: debug')
  book = new LogBook()
  server = await Server.start(before, { log: book.log })
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await deployment[Symbol.asyncDispose]()
})

/** What the desk says of the camera of agent gate-7: its budget, floor and walks. */
async function thresholds() {
  await using anna = new DeskUser(server.deskPort, deployment.anna)
  const [report] = jsonOf(await anna.get('/thresholds')) as unknown[]
  const { budget, floor, week } = report as {
    budget: { budget: number }
    floor: number
    week: { walks: number }
  }
  return { budget: budget.budget, floor, week }
}

/** The serial of the certificate that the gate shows now. */
async function shown(): Promise<string> {
  const { chain, key, trust } = await deployment.agent('gate-7')
  const socket = connect({
    ...{ host: '127.0.0.1', port: server.gatePort, minVersion: 'TLSv1.3' },
    ...{ cert: chain, key, ca: trust, checkServerIdentity: () => undefined },
  })
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.once('secureConnect', () => {
      resolve(socket.getPeerCertificate().serialNumber.toLowerCase())
      socket.destroy()
    })
  })
}

describe('a server that reads its configuration again', () => {
  it('takes over what may change: budgets, floors and the level of its log', async () => {
    const credentials = await deployment.agent('gate-7')
    using _agent = await ScriptedAgent.welcome(server.gatePort, credentials, { model: SPACE })
    const first = await thresholds()
    await server.reload(configOf('log: warn\nmatch: { budget: 7, floor: 0.97 }'))
    expect(await thresholds()).toMatchObject({ budget: 7, floor: 0.97 })
    expect(book.log.level).toBe('warn')
    await server.reload(before)
    expect(await thresholds()).toEqual(first)
    expect(book.log.level).toBe('debug')
  })

  it('takes over none of it where some cannot change, and names what', async () => {
    const first = await thresholds()
    const next = configOf(
      'log: warn\nmatch: { budget: 7 }\ndata: elsewhere\nsearch: { threads: 1 }',
    )
    const fault = await rejectionOf(server.reload(next), ConfigFault)
    expect(fault).toMatchObject({
      code: 'config.fixed',
      message: 'cannot change while it runs: data, search.threads',
    })
    expect(await thresholds()).toEqual(first)
    expect(book.log.level).toBe('debug')
  })

  it('shows the certificate that lies there now, and keeps the old one where that is bad', async () => {
    const old = await shown()
    const { home } = deployment
    const identity = { role: 'server', name: 'control' } as const
    const names = { dns: ['localhost'], ip: [] }
    const { serial } = await issueCredentials({ home, identity, names, replace: true })
    await server.reload(before)
    expect([old, await shown()]).toEqual([expect.not.stringMatching(serial), serial])

    const folder = certsLayout(home).credentials(identity)
    const key = join(folder, 'key.pem')
    const good = await readFile(key, 'utf8')
    await copyFile(join((await deployment.issue('agent', 'other')).folder, 'key.pem'), key)
    const fault = await rejectionOf(
      server.reload(configOf('log: debug\nmatch: { budget: 9 }')),
      ConfigFault,
    )
    expect(fault).toMatchObject({ code: 'config.invalid', hint: expect.stringContaining('belong') })
    expect(await shown()).toBe(serial)
    expect((await thresholds()).budget).toBe(1)
    await writeFile(key, good)
  })
})
