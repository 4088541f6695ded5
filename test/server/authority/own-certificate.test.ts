import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { Office } from '@vedette/certs/office'
import { issueCredentials } from '@vedette/certs/pki'
import { DeskClient } from '@vedette/server/cli/desk-client'
import { parseServerConfig, type ServerConfig } from '@vedette/server/config'
import { Server } from '@vedette/server/server'
import { Vault } from '@vedette/server/store/vault'
import { readCredentials } from '@vedette/shared/credentials'
import { lookOptions } from '@vedette/shared/tls'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { foundDeployment, TemporaryFolder } from '../../support/certs-deployment.ts'
import { ScriptedAgent } from '../../support/server-client.ts'
import { LogBook } from '../../support/server-log.ts'
import { until } from '../../support/until.ts'

const DAY = 86_400_000
/** For a server to start, and to be looked at, before its certificate is due; milliseconds. */
const SLACK_MS = 9000
const MODEL = { model: 'dlib-resnet29-1' }

const folders: TemporaryFolder[] = []
afterAll(() => Promise.all(folders.map((folder) => folder[Symbol.asyncDispose]())))

/** A deployment that was founded `ago` milliseconds ago: its leaves live 30 days from then. */
async function foundedAgo(ago: number): Promise<ServerConfig> {
  const folder = await TemporaryFolder.make()
  folders.push(folder)
  await foundDeployment(folder.path, Date.now() - ago)
  const config = parseServerConfig('', join(folder.path, 'server.yaml'))
  await Vault.create(config.vaultKey)
  const free = { host: '127.0.0.1', port: 0 }
  const [gate, desk] = [
    { ...config.gate, ...free },
    { ...config.desk, ...free },
  ]
  return { ...config, gate, desk, join: free }
}

/** What a server shows to whoever dials now. */
async function shownAt(port: number): Promise<X509Certificate> {
  const socket = connect({ ...lookOptions(), host: '127.0.0.1', port })
  socket.on('error', () => {})
  await new Promise((resolve) => socket.once('secureConnect', resolve))
  const shown = socket.getPeerX509Certificate()!
  socket.destroy()
  return shown
}

const lastsUntil = ({ validTo }: X509Certificate) => Date.parse(validTo)

describe("the server's own certificate", () => {
  it('is renewed while it serves: who is connected stays, who comes next sees the new one', async () => {
    const draw = vi.spyOn(Math, 'random').mockReturnValue(0)
    const { home, ...rest } = await foundedAgo(20 * DAY - SLACK_MS)
    const book = new LogBook()
    await using server = await Server.start({ home, ...rest }, { log: book.log })
    draw.mockRestore()
    expect(book.of('server.renewed')).toEqual([])
    const identity = { role: 'agent', name: 'gate-7' } as const
    const { folder } = await issueCredentials({ home, identity })
    const operator = join(home, 'certs', 'operators', 'anna')
    const own = await readCredentials(folder)
    using agent = await ScriptedAgent.welcome(server.gatePort, own, MODEL)
    const first = await shownAt(server.gatePort)
    await using desk = new DeskClient(
      `127.0.0.1:${server.deskPort}`,
      await readCredentials(operator),
    )
    await desk.json('GET', '/agents')

    await book.line('server.renewed')
    await until(async () => (await shownAt(server.gatePort)).serialNumber !== first.serialNumber)
    const second = await shownAt(server.gatePort)
    expect(second.subjectAltName).toBe(first.subjectAltName)
    expect(second.publicKey.equals(first.publicKey)).toBe(false)
    expect(lastsUntil(second) - lastsUntil(first)).toBeGreaterThan(19 * DAY)
    expect((await shownAt(server.deskPort)).serialNumber).toBe(second.serialNumber)
    await agent.settled()
    await desk.json('GET', '/agents')
    using newcomer = await ScriptedAgent.welcome(server.gatePort, own, MODEL)
    await newcomer.settled()
    const kept = await readCredentials(join(home, 'certs', 'server'))
    expect(new X509Certificate(kept.chain).serialNumber).toBe(second.serialNumber)
  })

  it.each([25, 40])(
    'is renewed before anybody sees it, %d days after it was made',
    async (days) => {
      const config = await foundedAgo(days * DAY)
      const book = new LogBook()
      await using server = await Server.start(config, { log: book.log })
      const shown = await shownAt(server.gatePort)
      expect(lastsUntil(shown)).toBeGreaterThan(Date.now() + 29 * DAY)
      expect(book.of('server.renewed')).toHaveLength(1)
    },
  )

  it('is left alone in the first half of its life', async () => {
    const config = await foundedAgo(10 * DAY)
    const book = new LogBook()
    await using server = await Server.start(config, { log: book.log })
    expect(lastsUntil(await shownAt(server.gatePort))).toBeLessThan(Date.now() + 21 * DAY)
    expect(book.of('server.renewed')).toEqual([])
  })

  it('that cannot be renewed is shown as long as it lasts, and that is said', async () => {
    const config = await foundedAgo(25 * DAY)
    const book = new LogBook()
    const issue = vi.spyOn(Office.prototype, 'issue').mockRejectedValue(new TypeError('no'))
    try {
      await using server = await Server.start(config, { log: book.log })
      expect(book.of('server.unrenewed')).toMatchObject([{ level: 'error' }])
      expect(lastsUntil(await shownAt(server.gatePort))).toBeLessThan(Date.now() + 6 * DAY)
    } finally {
      issue.mockRestore()
    }
  })
})
