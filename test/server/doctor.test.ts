import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { issueCredentials } from '@vedette/certs/pki'
import { freePort } from '@vedette/scripts/free-port'
import { readServerConfig } from '@vedette/server/config'
import { databaseCheck, portCheck, serverChecks } from '@vedette/server/doctor/checks'
import { Server } from '@vedette/server/server'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import { examine, type Finding } from '@vedette/shared/doctor/findings'
import { silentLog } from '@vedette/shared/log'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../support/server-cli.ts'
import { Deployment } from '../support/server-deployment.ts'
import { newEntry, newPhoto } from '../support/server-store.ts'

const SPACE = 'dlib-resnet29-1'
let deployment: Deployment
let home: string
let own: string
let ports: { gate: number; desk: number }

beforeAll(async () => {
  deployment = await Deployment.found()
  home = deployment.home
  own = join(home, 'certs', 'server')
  await Vault.create(join(home, 'vault.key'))
  ports = { gate: await freePort(), desk: await freePort() }
  await configured('')
})

afterAll(() => deployment[Symbol.asyncDispose]())

const configured = (more: string) =>
  writeFile(
    join(home, 'server.yaml'),
    `gate: { host: 127.0.0.1, port: ${ports.gate} }\ndesk: { port: ${ports.desk} }\nmetrics: off\n${more}\n`,
  )

async function found(check: string): Promise<Finding | undefined> {
  const checks = await serverChecks(home, Date.now())
  return (await examine(checks.filter(({ name }) => name === check)))[0]
}

describe('the doctor of the server', () => {
  it('finds the server where it runs, its database whole and its models as they should be', async () => {
    await using _server = await Server.start(await readServerConfig(home), { log: silentLog })
    for (const check of [
      'configuration',
      'certificate',
      'vault key',
      'database',
      'list',
      'models',
    ]) {
      expect(await found(check)).toMatchObject({ check, state: 'ok' })
    }
    expect(await found('gate')).toMatchObject({ state: 'ok' })
    expect(await found('desk')).toMatchObject({ state: 'ok' })
    expect(await found('console')).toMatchObject({ state: 'ok' })
  })

  it('looks at the certificate that browsers are to be shown, and at what is shown', async () => {
    const [chain, key] = [join(home, 'console.pem'), join(home, 'console.key')]
    const copy = async () => {
      await copyFile(join(own, 'chain.pem'), chain)
      await copyFile(join(own, 'key.pem'), key)
    }
    await copy()
    const files = `console: { certificate: ${chain}, key: ${key} }`
    await configured(files)
    const certificate = () => found('certificate of the console')
    expect(await certificate()).toMatchObject({ found: expect.stringMatching(/good for|expires/) })
    const config = await readServerConfig(home)
    {
      await using server = await Server.start(config, { log: silentLog })
      expect(await found('console')).toMatchObject({ state: 'ok' })
      const identity = { role: 'server', name: 'control' } as const
      const names = { dns: ['localhost'], ip: [] }
      await issueCredentials({ home, identity, names, replace: true })
      await copy()
      expect(await found('console')).toMatchObject({
        state: 'fail',
        found: expect.stringContaining('another certificate'),
      })
      await server.reload(config)
      expect(await found('console')).toMatchObject({ state: 'ok' })
    }
    expect(await found('console')).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('nothing answers'),
    })
    const later = (await serverChecks(home, Date.now() + 400 * 86_400_000)).filter(
      ({ name }) => name === 'certificate of the console',
    )
    expect((await examine(later))[0]).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('expired'),
      todo: expect.stringContaining('SIGHUP'),
    })
    await configured(files.replace('console.key', 'console.pem'))
    expect(await found('console')).toMatchObject({ state: 'fail' })
    await expect(Server.start(await readServerConfig(home), { log: silentLog })).rejects.toThrow(
      /console\.pem/,
    )
    await configured('')
  })

  it('says where nothing answers, and where somebody else does', async () => {
    expect(await found('gate')).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('nothing answers'),
    })
    const stranger = createServer((socket) => socket.end('220 mail\r\n'))
    stranger.listen(ports.gate, '127.0.0.1')
    await new Promise((resolve) => stranger.once('listening', resolve))
    const place = { host: '127.0.0.1', port: ports.gate }
    expect(await portCheck('gate', place, own).look()).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('something else answers'),
      todo: expect.stringContaining('ss -ltnp'),
    })
    stranger.close()
  })

  it('names a vault key that is gone, and one that others can read', async () => {
    const file = join(home, 'vault.key')
    await chmod(file, 0o644)
    expect(await found('mode of the vault key')).toMatchObject({ state: 'fail' })
    await chmod(file, 0o600)
    const key = await readFile(file)
    await rm(file)
    expect(await found('vault key')).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('[vault.key-missing]'),
      todo: expect.stringContaining('restore it'),
    })
    await writeFile(file, key, { mode: 0o600 })
  })

  it('names a database that is damaged, and one of a newer version', async () => {
    const data = join(home, 'other')
    await (await Store.open({ file: join(data, 'wanted.db'), keyFile: join(home, 'vault.key') }))[
      Symbol.asyncDispose
    ]()
    const file = join(data, 'wanted.db')
    const db = new BetterSqlite3(file)
    db.pragma('user_version = 999')
    db.close()
    expect(await databaseCheck(data).look()).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('newer version'),
    })
    const bytes = await readFile(file)
    bytes.fill(0xff, 4096, 20_000)
    await writeFile(file, bytes)
    const [finding] = await examine([databaseCheck(data)])
    expect(finding).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('[store.damaged]'),
      todo: expect.stringContaining('restore a backup'),
    })
  })

  it('says when the list is too long for its weights', async () => {
    const place = { file: join(home, 'data', 'wanted.db'), keyFile: join(home, 'vault.key') }
    const store = await Store.open(place)
    await store.spaces.open(SPACE, 1)
    for (let seed = 1; seed <= 101; seed++) {
      await store.entries.add(newEntry(`person ${seed}`), [newPhoto(seed, { space: SPACE })])
    }
    await store[Symbol.asyncDispose]()
    expect(await found('list')).toMatchObject({
      state: 'warn',
      todo: expect.stringContaining('vedette models install'),
    })
  })

  it('names a mistake in the configuration, and ends with 1; as JSON where that is asked for', async () => {
    await configured('match: { budgets: 3 }')
    const { status, out } = await run(['--home', home, '--json', 'doctor'])
    expect(status).toBe(1)
    const findings = JSON.parse(out) as Finding[]
    expect(findings[0]).toMatchObject({
      check: 'configuration',
      state: 'fail',
      found: expect.stringContaining('match.budgets: unknown key'),
    })
    const other = await run(['--home', home, 'doctor'], { program: 'vedette-server' })
    expect([other.status, other.out]).toEqual([1, expect.stringMatching(/^fail {2}configuration/)])
    await configured('')
  })

  it('names a certificate whose key is another one', async () => {
    const key = join(own, 'key.pem')
    const good = await readFile(key)
    await copyFile(join((await deployment.issue('agent', 'x')).folder, 'key.pem'), key)
    expect(await found('certificate')).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('do not belong together'),
    })
    await writeFile(key, good)
  })
})
