import { isIP, type LookupFunction, connect as plainConnect } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, Fault, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { MqttClient } from 'mqtt'
import type { CameraChange } from '../cameras/cameras.ts'
import type { CameraStatus } from '../cameras/known.ts'
import type { ChannelOf, MqttSettings } from './channel.ts'
import { discovery, type Retained, topics } from './home-assistant.ts'
import { type Carrier, type Delivered, dead, type Notice, retry } from './notice.ts'
import { type Ends, saidOf } from './post.ts'
import { isLoopback, reachable } from './reach.ts'

const PATIENCE_MS = 10_000
const AGAIN_MS = 1000
const DAY_MS = 86_400_000
/** What Home Assistant says when it has started. */
const BIRTH = 'online'

export type MqttEnds = Ends & {
  cameras: {
    all(): CameraStatus[]
    listen(listener: (change: CameraChange) => void): () => void
  }
  clock: Pick<Clock, 'after'>
  log: Log
}

/**
 * Tells a broker, and whoever has subscribed there. Stays connected while the channel is on, so that
 * the broker can say that it is not.
 */
export class Mqtt implements Carrier {
  readonly batch = 1
  readonly parallel = 1
  readonly apart = 0
  readonly patience = DAY_MS
  readonly urgentFirst = false
  readonly #channel: ChannelOf<'mqtt'>
  readonly #ends: MqttEnds
  readonly #client: MqttClient
  readonly #unlisten: () => void
  #trouble: unknown

  constructor(channel: ChannelOf<'mqtt'>, ends: MqttEnds) {
    this.#channel = channel
    this.#ends = ends
    const { topic, username, password, discovery: prefix } = channel.settings
    this.#client = new MqttClient(() => streamTo(channel.settings, ends), {
      clientId: `vedette-${channel.id}`,
      clean: true,
      reconnectPeriod: AGAIN_MS,
      connectTimeout: PATIENCE_MS,
      // What was not acknowledged is told again by the outbox, in its order.
      resubscribe: false,
      ...(username !== null && { username, password: password ?? '' }),
      will: {
        topic: topics(topic).available,
        payload: Buffer.from('offline'),
        qos: 1,
        retain: true,
      },
    })
    this.#client.on('error', (error) => {
      this.#trouble = error
      const told = { channel: channel.id, code: codeOf(error), message: saidOf(error) }
      ends.log.warn(told, 'channel.disconnected')
    })
    this.#client.on('connect', () => void this.#introduce())
    this.#client.on('message', (at, payload) => {
      if (at === `${prefix}/status` && payload.toString() === BIRTH) void this.#introduce()
    })
    this.#unlisten = ends.cameras.listen((change) => {
      if (change.kind === 'camera') void this.#tellCameras([change.camera])
      else if (change.kind === 'forgotten') void this.#introduce()
    })
  }

  async deliver([notice]: readonly Notice[], signal: AbortSignal): Promise<Delivered> {
    const { hostname } = new URL(this.#channel.settings.url)
    try {
      await reachable(hostname, this.#ends.reach, this.#ends.resolve)
      await this.#connected(signal)
      for (const { topic, payload, retain } of messages(notice!, this.#channel.settings.topic)) {
        await this.#publish(topic, payload, retain, signal)
      }
      return { done: 'sent', said: 'the broker has it' }
    } catch (error) {
      if (error instanceof Fault && !error.retryable) {
        return dead(error.code, `${error.message}; ${error.hint ?? ''}`)
      }
      const cause = this.#client.connected ? error : (this.#trouble ?? error)
      return retry(`mqtt.${codeOf(cause)}`, saidOf(cause))
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten()
    if (this.#client.connected) {
      const signal = AbortSignal.timeout(1000)
      const { available } = topics(this.#channel.settings.topic)
      await this.#publish(available, 'offline', true, signal).catch(() => {})
    }
    await this.#client.endAsync(true)
  }

  /** Says what there is, and how it is; again whenever somebody may not have heard it. */
  async #introduce(): Promise<void> {
    this.#trouble = undefined
    const { id, settings } = this.#channel
    const { topic, discovery: prefix } = settings
    const cameras = this.#cameras()
    const said: Retained[] = prefix === null ? [] : discovery({ prefix, base: topic, id }, cameras)
    try {
      if (prefix !== null) await this.#client.subscribeAsync(`${prefix}/status`, { qos: 1 })
      const signal = AbortSignal.timeout(PATIENCE_MS)
      for (const one of said) await this.#publish(one.topic, one.payload, true, signal)
      await this.#tellCameras(cameras)
      await this.#publish(topics(topic).available, 'online', true, signal)
    } catch (error) {
      const told = { channel: id, code: codeOf(error), message: messageOf(error) }
      this.#ends.log.warn(told, 'channel.unintroduced')
    }
  }

  async #tellCameras(cameras: readonly CameraStatus[]): Promise<void> {
    if (!this.#client.connected) return
    const at = topics(this.#channel.settings.topic)
    const signal = AbortSignal.timeout(PATIENCE_MS)
    try {
      for (const camera of cameras.filter((one) => this.#isTold(one))) {
        const { state, why, stateSince } = camera
        const details = { state, why, since: new Date(stateSince).toISOString() }
        await this.#publish(at.camera(camera), state === 'red' ? 'ON' : 'OFF', true, signal)
        await this.#publish(at.cameraDetails(camera), JSON.stringify(details), true, signal)
      }
    } catch {
      // The connection is gone; with the next one all of them are told.
    }
  }

  #cameras(): CameraStatus[] {
    return this.#ends.cameras.all().filter((camera) => this.#isTold(camera))
  }

  #isTold({ agent, camera }: CameraStatus): boolean {
    const { cameras } = this.#channel.rules
    return (
      cameras === null || cameras.includes(`${agent}/*`) || cameras.includes(`${agent}/${camera}`)
    )
  }

  #publish(topic: string, payload: string, retain: boolean, signal: AbortSignal): Promise<void> {
    const published = this.#client.publishAsync(topic, payload, { qos: 1, retain })
    return until(
      published.then(() => {}),
      signal,
      this.#ends.clock,
    )
  }

  #connected(signal: AbortSignal): Promise<void> {
    if (this.#client.connected) return Promise.resolve()
    const client = this.#client
    const connected = new Promise<void>((resolve, reject) => {
      const opened = () => {
        client.off('close', closed)
        resolve()
      }
      const closed = () => {
        client.off('connect', opened)
        reject(this.#trouble ?? new Error('the broker hangs up'))
      }
      client.once('connect', opened).once('close', closed)
    })
    return until(connected, signal, this.#ends.clock)
  }
}

type Message = Retained & { retain: boolean }

/** What a notice is on the wire. What a broker keeps names nobody: it outlives the entry. */
function messages({ picture, at, ...notice }: Notice, base: string): Message[] {
  const where = topics(base)
  const time = new Date(at).toISOString()
  const event = {
    event_type: notice.kind,
    ...notice,
    at: time,
    ...(picture && { picture: picture.toString('base64') }),
  }
  const told = [{ topic: where.events, payload: JSON.stringify(event), retain: false }]
  if (notice.alert === undefined) return told
  const { name: _, ...alert } = notice.alert
  const kept = JSON.stringify({ at: time, kind: notice.kind, ...alert })
  const over = alert.certainty === 'withdrawn' || alert.state === 'resolved'
  return [
    ...told,
    { topic: where.alert(alert.id), payload: over ? '' : kept, retain: true },
    { topic: where.last, payload: kept, retain: true },
  ]
}

function streamTo({ url, ca }: MqttSettings, { reach, resolve }: Ends) {
  const { hostname, protocol, port } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  const isPlain = protocol === 'mqtt:'
  const to = {
    host,
    port: Number(port) || (isPlain ? 1883 : 8883),
    lookup: judgedLookup(reach, resolve),
  }
  const stream = isPlain
    ? plainConnect(to)
    : tlsConnect({
        ...to,
        minVersion: 'TLSv1.2',
        ...(isIP(host) === 0 && { servername: host }),
        ...(ca !== null && { ca }),
      })
  const judged = reachable(host, reach, resolve).then(() => {
    if (isPlain && !isLoopback(host)) stream.destroy(new TypeError('only mqtts goes beyond here'))
  })
  judged.catch((error: Error) => stream.destroy(error))
  return stream
}

/** Of every connection: what a name means may change. */
function judgedLookup(reach: Ends['reach'], resolve: Ends['resolve']): LookupFunction {
  return (host, options, done) => {
    reachable(host, reach, resolve).then(
      ({ address, family }) => {
        if (options.all) done(null, [{ address, family }])
        else done(null, address, family)
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    )
  }
}

/** `work`, unless it takes too long or the signal aborts. */
function until<T>(work: Promise<T>, signal: AbortSignal, clock: Pick<Clock, 'after'>): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = () => reject(signal.aborted ? signal.reason : new Error('no answer in time'))
    const timer = clock.after(PATIENCE_MS, give)
    signal.addEventListener('abort', give, { once: true })
    work.then(resolve, reject).finally(() => {
      timer.cancel()
      signal.removeEventListener('abort', give)
    })
  })
}
