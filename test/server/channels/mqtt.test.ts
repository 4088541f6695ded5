import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { ExtendedKeyUsage } from '@vedette/certs/x509'
import { Aedes } from 'aedes'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Forged, forge } from '../../support/certs-forge.ts'
import { TestChannels } from '../../support/server-channels.ts'
import { sightingOf } from '../../support/server-sightings.ts'
import { HAND } from '../../support/server-store.ts'
import { until } from '../../support/until.ts'

type Said = { topic: string; payload: string; retain: boolean }

/** A broker that keeps what is published. */
class Broker {
  readonly said: Said[] = []
  readonly #aedes: Aedes
  readonly #server: Server
  /** Connections, newest last. */
  readonly sockets: { destroy(): void }[] = []

  static async open(own?: Forged): Promise<Broker> {
    const broker = new Broker(await Aedes.createBroker(), own)
    broker.#server.listen(0, '127.0.0.1')
    await once(broker.#server, 'listening')
    return broker
  }

  private constructor(aedes: Aedes, own: Forged | undefined) {
    this.#aedes = aedes
    this.#server =
      own === undefined
        ? createServer((socket) => this.#take(socket))
        : createTlsServer({ key: own.key, cert: own.certificate }, (socket) => this.#take(socket))
    aedes.on('publish', ({ topic, payload, retain }) => {
      if (!topic.startsWith('$SYS')) this.said.push({ topic, payload: payload.toString(), retain })
    })
  }

  #take(socket: import('node:net').Socket): void {
    this.sockets.push(socket)
    socket.on('error', () => {})
    this.#aedes.handle(socket)
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  on(topic: string): string[] {
    return this.said.filter((one) => one.topic === topic).map(({ payload }) => payload)
  }

  publish(topic: string, payload: string): void {
    const packet = { cmd: 'publish', qos: 1, dup: false, retain: false } as const
    this.#aedes.publish({ ...packet, topic, payload: Buffer.from(payload) }, () => {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    await new Promise<void>((done) => this.#aedes.close(() => done()))
    await new Promise((done) => this.#server.close(done))
  }
}

let channels: TestChannels
let broker: Broker
let own: Forged

beforeEach(async () => {
  channels = await TestChannels.open()
  own = await forge(undefined, {
    subject: 'localhost',
    names: [{ type: 'ip', value: '127.0.0.1' }],
    usage: ExtendedKeyUsage.serverAuth,
  })
  broker = await Broker.open(own)
})

afterEach(async () => {
  await channels[Symbol.asyncDispose]()
  await broker[Symbol.asyncDispose]()
})

const add = (more = {}, rules = {}) => {
  const url = `mqtts://127.0.0.1:${broker.port}`
  return channels.add('mqtt', { url, ca: own.certificate, ...more }, rules)
}
const CAMERA = 'vedette/cameras/gate-7/north/problem'

it('Home Assistant finds what there is, and again when it has started anew', async () => {
  channels.cameras.set('green', 'well')
  await add()
  await until(() => broker.on('vedette/available').includes('online'))
  const configs = broker.said.filter(({ topic }) => topic.startsWith('homeassistant/'))
  expect(configs.every(({ retain }) => retain)).toBe(true)
  const parsed = configs.map(({ payload }) => JSON.parse(payload) as Record<string, unknown>)
  expect(parsed.map(({ unique_id: id }) => String(id).replace(/vedette_\w{32}_/, ''))).toEqual([
    'alert',
    'last',
    'camera_gate-7_north',
  ])
  for (const config of parsed) {
    expect(config).toMatchObject({ availability_topic: 'vedette/available' })
    expect(config).toHaveProperty('device.identifiers')
  }
  expect(parsed[2]).toMatchObject({ device_class: 'problem', state_topic: CAMERA })
  expect(broker.on(CAMERA)).toEqual(['OFF'])
  channels.cameras.set('red', 'no-canary')
  await until(() => broker.on(CAMERA).includes('ON'))
  broker.said.length = 0
  broker.publish('homeassistant/status', 'online')
  await until(() => broker.on('vedette/available').includes('online'))
  expect(broker.on(CAMERA)).toEqual(['ON'])
})

it('an alert is an event, stands on a topic of its own, and is taken off it when it is withdrawn', async () => {
  await add({}, { names: true, picture: true })
  const { id, entry } = await channels.alert('Anna Example')
  await channels.settled()
  const { track } = await channels.stored.store.alerts.get(id)
  await channels.alerts.consider(sightingOf(entry, { standing: 'fallen', probe: { track } }))
  await channels.settled()
  const events = broker.on('vedette/events').map((text) => JSON.parse(text))
  expect(events.filter(({ event_type: type }) => type !== 'camera')).toMatchObject([
    { event_type: 'new', alert: { id, name: 'Anna Example' } },
    { event_type: 'withdrawn', alert: { id } },
  ])
  const [standing, gone] = broker.on(`vedette/alerts/${id}`)
  expect(JSON.parse(standing!)).toMatchObject({ id, kind: 'new', state: 'open' })
  expect(gone).toBe('')
  // What a broker keeps names nobody.
  const kept = broker.said.filter(({ retain }) => retain).map(({ payload }) => payload)
  expect(kept.join()).not.toMatch(/Anna|picture/)
})

it('a broker says that the server is gone, and hears of what happened meanwhile', async () => {
  await add()
  await until(() => broker.on('vedette/available').length === 1)
  broker.sockets.at(-1)!.destroy()
  await until(() => broker.on('vedette/available').includes('offline'))
  const { id } = await channels.alert()
  await channels.settled()
  await until(() => broker.on(`vedette/alerts/${id}`).length === 1)
  expect(broker.on('vedette/available').slice(0, 3)).toEqual(['online', 'offline', 'online'])
  await channels.stop()
  await until(() => broker.on('vedette/available').at(-1) === 'offline')
})

it('a broker that is somebody else is told nothing, and what is refused is said', async () => {
  const { id } = await add({ ca: null })
  expect(await channels.all.test(id, 'anna')).toMatchObject({ done: 'retry' })
  expect(broker.said).toEqual([])
  const { settings } = await channels.all.change(id, { settings: { ca: own.certificate } }, HAND)
  expect(settings).toMatchObject({ ownCa: true })
  expect(await channels.all.test(id, 'anna')).toMatchObject({ done: 'sent' })
})
