import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { certsLayout } from '@vedette/certs/files'
import { parseServerConfig, type ServerConfig } from '@vedette/server/config'
import type { FleetCourse } from '@vedette/server/desk/answered/fleet'
import { Server } from '@vedette/server/server'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { IntegrityFault, Unavailable } from '@vedette/shared/errors'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../support/agent-clock.ts'
import { helloOf, matchOf, ScriptedAgent } from '../support/server-client.ts'
import { Browser } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { DeskUser, jsonOf } from '../support/server-desk.ts'
import { LogBook } from '../support/server-log.ts'
import { newEntry, newPhoto } from '../support/server-store.ts'
import { Threads } from '../support/server-threads.ts'
import { rejectionOf } from '../support/thrown.ts'

const SPACE = 'dlib-resnet29-1'
const deployment = await Deployment.found()
await Vault.create(join(deployment.home, 'vault.key'))

afterAll(() => deployment[Symbol.asyncDispose]())

let config: ServerConfig
let book: LogBook

beforeEach(async () => {
  config = configOf('')
  book = new LogBook()
  await rm(config.data, { recursive: true, force: true })
})

function configOf(yaml: string): ServerConfig {
  const made = parseServerConfig(yaml, join(deployment.home, 'server.yaml'))
  const [gate, desk] = [made.gate, made.desk].map((place) => ({
    ...place,
    host: '127.0.0.1',
    port: 0,
  }))
  return { ...made, gate: { ...made.gate, ...gate }, desk: { ...made.desk, ...desk } }
}

const start = (changed: Partial<ServerConfig> = {}) =>
  Server.start({ ...config, ...changed }, { log: book.log })

async function enrolled(): Promise<string> {
  const place = { file: join(config.data, 'wanted.db'), keyFile: config.vaultKey }
  await using store = await Store.open(place)
  return (await store.entries.add(newEntry('Anna Ω'), [newPhoto(1, { space: SPACE })])).entry.id
}

describe('a server', () => {
  it('lets browsers ask for pictures of the map where it is configured, and nowhere else', async () => {
    const policyOf = async (yaml: string) => {
      config = configOf(yaml)
      await using server = await start()
      await using browser = new Browser(server.consolePort)
      const { headers } = await browser.ask('/')
      return String(headers['content-security-policy'])
    }
    const tiles = '{ url: "https://tiles.example/{z}/{x}/{y}.png", attribution: Example }'
    const policy = await policyOf(`console: { map: { tiles: ${tiles} } }`)
    expect(policy).toMatch(/img-src [^;]* https:\/\/tiles\.example;/)
    expect(policy.replace(' https://tiles.example', '')).toBe(await policyOf(''))
  })

  it('says by itself when its list is too long for the built-in weights', async () => {
    {
      await using server = await start()
      expect(server.gatePort).toBeGreaterThan(0)
      expect(book.of('server.advice')).toEqual([])
    }
    const place = { file: join(config.data, 'wanted.db'), keyFile: config.vaultKey }
    {
      await using store = await Store.open(place)
      for (let seed = 1; seed <= 101; seed++) {
        await store.entries.add(newEntry(`person ${seed}`), [newPhoto(seed, { space: SPACE })])
      }
    }
    await using _server = await start()
    expect(await book.line('server.advice')).toMatchObject({
      level: 'warn',
      code: 'list.too-long',
      entries: 101,
      hint: expect.stringContaining('vedette models install yunet sface'),
    })
  })

  it('does not start without the model that its list is embedded with', async () => {
    const place = { file: join(config.data, 'wanted.db'), keyFile: config.vaultKey }
    {
      await using store = await Store.open(place)
      await store.spaces.open('a-model-that-is-gone', 1)
    }
    expect(await rejectionOf(start(), IntegrityFault)).toMatchObject({
      code: 'model.unknown',
      message: expect.stringContaining('a-model-that-is-gone'),
      hint: expect.stringContaining(config.models.folder),
    })
  })

  it('answers a camera, tells the desk, and has it announced where that is asked for', async () => {
    const id = await enrolled()
    config = configOf('gate: { announce: { hall: all } }')
    await using server = await start()
    expect(await book.line('server.ready')).toMatchObject({ entries: 1, templates: 1 })
    const [credentials, hallCredentials] = [
      await deployment.agent('gate-7'),
      await deployment.agent('hall'),
    ]
    const hello = { model: SPACE }
    using agent = await ScriptedAgent.welcome(server.gatePort, credentials, hello)
    using hall = await ScriptedAgent.welcome(server.gatePort, hallCredentials, {
      ...hello,
      announce: true,
    })
    await using anna = new DeskUser(server.deskPort, deployment.anna)
    const events = anna.events('/alerts/events?since=0')

    const { template } = newPhoto(1)
    agent.say(matchOf(0), matchOf(1, { probe: encodeEmbedding(template) }))
    expect(await agent.hears('ack', 1)).toBeDefined()
    expect((await events.next()).value).toMatchObject({
      event: 'raised',
      data: { alert: { entryId: id } },
    })
    expect(await hall.hears('alert')).toMatchObject({ name: 'Anna Ω', camera: 'north' })
    expect(agent.heard.map(({ type }) => type).sort()).toEqual(['ack', 'ack', 'trust', 'welcome'])
    const rates = { given: 25, skipped: 20.5, looked: 3 }
    const cameras = [
      { camera: 'north', ...rates },
      { camera: 'nobody-said-so', ...rates },
    ]
    agent.say({ type: 'fares', cameras, waiting: 4, dropped: 1 }, { type: 'ping', n: 7 })
    await agent.hears('pong')
    await using second = new DeskUser(server.deskPort, deployment.anna)
    expect(jsonOf(await second.get('/agents'))).toMatchObject([
      { name: 'gate-7', connected: true, fares: { waiting: 4, dropped: 1 } },
      { name: 'hall', connected: true, fares: null },
    ])
    const { cameras: known } = jsonOf<FleetCourse>(await second.get('/fleet'))
    expect(known.map(({ camera }) => camera)).not.toContain('nobody-said-so')
    expect(known.find(({ agent: its }) => its === 'gate-7')?.minutes.at(-1)).toMatchObject({
      ...rates,
      questions: 2,
    })
  })

  it('says goodbye, ends its streams and its threads when it stops, and starts again', async () => {
    using threads = new Threads()
    for (let round = 0; round < 2; round++) {
      const server = await start()
      using agent = await ScriptedAgent.welcome(server.gatePort, await deployment.agent('gate-7'), {
        model: SPACE,
      })
      await using anna = new DeskUser(server.deskPort, deployment.anna)
      const events = await anna.open('/alerts/events?since=0')
      await server[Symbol.asyncDispose]()
      expect((await agent.ended()).at(-1)).toMatchObject({ type: 'goodbye', reason: 'shutdown' })
      expect(await events.next()).toEqual({ value: undefined, done: true })
      expect(threads.running).toBe(0)
    }
    expect(book.of('server.stop')).toHaveLength(2)
  })

  it('counts what strangers score against the list, and keeps that when it stops', async () => {
    await enrolled()
    {
      await using server = await start()
      expect(await book.line('server.ready')).toMatchObject({ budget: 1, measured: 0 })
      using agent = await ScriptedAgent.welcome(server.gatePort, await deployment.agent('gate-7'), {
        model: SPACE,
      })
      agent.say(matchOf(0, { track: 'a' }), matchOf(1, { track: 'a' }), matchOf(2, { track: 'b' }))
      expect(await agent.hears('ack', 2)).toBeDefined()
    }
    const place = { file: join(config.data, 'wanted.db'), keyFile: config.vaultKey }
    await using store = await Store.open(place)
    const [north, ...others] = await store.thresholds.impostors(SPACE)
    expect(others).toEqual([])
    expect(north).toMatchObject({ agent: 'gate-7', camera: 'north', scores: { walks: 2 } })
  })

  it('counts the time in which cameras were watched', async () => {
    const clock = new ManualClock(Date.now())
    {
      await using server = await Server.start(config, { log: book.log, clock })
      using agent = await ScriptedAgent.welcome(server.gatePort, await deployment.agent('gate-7'), {
        model: SPACE,
      })
      for (let n = 0; n < 5; n++) {
        clock.advance(30_000)
        agent.say({ type: 'ping', n })
        await agent.hears('pong', n)
      }
    }
    const place = { file: join(config.data, 'wanted.db'), keyFile: config.vaultKey }
    await using store = await Store.open(place)
    const watched = (await store.thresholds.impostors(SPACE)).map(({ camera, scores }) => [
      ...[camera, scores.watchedMs, scores.walks],
    ])
    expect(watched).toEqual([
      ['north', 120_000, 0],
      ['south', 120_000, 0],
    ])
  })

  it('refuses agents of another embedding space', async () => {
    await using server = await start()
    using agent = await ScriptedAgent.dial(server.gatePort, await deployment.agent('gate-7'))
    agent.say(helloOf({ model: 'other-space' }))
    expect(await agent.ended()).toEqual([{ type: 'goodbye', reason: 'model' }])
  })
})

describe('a server that cannot start says why and leaves nothing running', () => {
  async function expectRefusal(code: string, changed: Partial<ServerConfig> = {}): Promise<void> {
    using threads = new Threads()
    await expect(start(changed)).rejects.toMatchObject({ code })
    expect(threads.running).toBe(0)
  }

  it.each(['gate', 'desk'] as const)('when the port of its %s is taken', async (place) => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    await expectRefusal('EADDRINUSE', { [place]: { ...config[place], port } })
    other.close()
    await using server = await start()
    expect(server.gatePort).toBeGreaterThan(0)
  })

  it('when another server has its data, until that is gone', async () => {
    {
      await using _first = await start()
      const refused = rejectionOf(start(), Unavailable)
      expect(await refused).toMatchObject({
        code: 'store.in-use',
        message: expect.stringContaining(`process ${process.pid} `),
      })
    }
    await using _second = await start()
  })

  it('when the vault key is missing', async () => {
    await expectRefusal('vault.key-missing', { vaultKey: join(deployment.home, 'none.key') })
  })

  it('when the vault key is another, and there is somebody on the list', async () => {
    await enrolled()
    const vaultKey = join(deployment.home, 'other.key')
    await writeFile(vaultKey, 'ab'.repeat(32))
    await expectRefusal('vault.wrong-key', { vaultKey })
  })

  it('when a newer version has written the database', async () => {
    await enrolled()
    const file = new BetterSqlite3(join(config.data, 'wanted.db'))
    file.pragma('user_version = 99')
    file.close()
    await expectRefusal('store.newer-schema')
  })

  it('when there are no certificates', async () => {
    await expectRefusal('config.missing', { home: join(deployment.home, 'elsewhere') })
    expect(certsLayout(deployment.home).folder).toContain(deployment.home)
  })
})
