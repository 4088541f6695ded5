import {
  createDecipheriv,
  createECDH,
  createPublicKey,
  type ECDH,
  hkdfSync,
  randomBytes,
  verify,
} from 'node:crypto'
import type { PushMessage } from '@vedette/server/channels/push'
import { pushEnd } from '@vedette/server/channels/subscribing'
import { Refusal } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Received, Receiver, TestChannels } from '../../support/server-channels.ts'
import { HAND } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'
import { until } from '../../support/until.ts'

/** A browser on a device: what only it knows opens what it is sent. */
class Device {
  readonly path: string
  readonly #keys: ECDH
  readonly #auth = randomBytes(16)

  constructor(path: string) {
    this.path = path
    this.#keys = createECDH('prime256v1')
    this.#keys.generateKeys()
  }

  end(service: string) {
    const [p256dh, auth] = [this.#keys.getPublicKey(), this.#auth]
    return {
      endpoint: `${service}${this.path}`,
      keys: { p256dh: p256dh.toString('base64url'), auth: auth.toString('base64url') },
    }
  }

  /** Source: RFC 8291, 3.4, and RFC 8188, 2. */
  open({ body }: Received): PushMessage {
    const salt = body.subarray(0, 16)
    const length = body.readUInt8(20)
    const sender = body.subarray(21, 21 + length)
    const sealed = body.subarray(21 + length)
    const shared = this.#keys.computeSecret(sender)
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#keys.getPublicKey(), sender])
    const secret = Buffer.from(hkdfSync('sha256', shared, this.#auth, info, 32))
    const from = (what: string, bytes: number) =>
      Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${what}\0`, bytes))
    const decipher = createDecipheriv('aes-128-gcm', from('aes128gcm', 16), from('nonce', 12))
    decipher.setAuthTag(sealed.subarray(-16))
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
    // Behind the text stand the number of the last record, 2, and zeros.
    return JSON.parse(plain.subarray(0, plain.lastIndexOf(2)).toString()) as PushMessage
  }
}

let channels: TestChannels
let service: Receiver

beforeEach(async () => {
  channels = await TestChannels.open()
  service = await Receiver.open()
  channels.accounts.set('anna', { lists: null }).set('bert', { lists: ['missing'] })
})

afterEach(() => Promise.all([channels, service].map((one) => one[Symbol.asyncDispose]())))

const add = (rules = {}) => channels.add('push', { subject: 'mailto:desk@house.example' }, rules)
const subscribe = (device: Device, operator = 'anna') => {
  const hand = { ...HAND, by: operator }
  const own = { operator, device: `browser of ${operator}`, hand }
  return channels.all.subscribing.add(pushEnd.parse(device.end(service.url)), own)
}

describe('a device', () => {
  it('is told, encrypted for it alone and without the name, where its person may see it', async () => {
    const { settings } = await add()
    const [own, other] = [new Device('/own'), new Device('/other')]
    await subscribe(own)
    await subscribe(other, 'bert')
    const { id } = await channels.alert('Anna Example')
    await channels.settled()
    expect(service.received.map(({ path }) => path)).toEqual(['/own'])
    const [got] = service.received
    expect(got!.headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high' })
    expect(own.open(got!)).toMatchObject({
      ...{ title: 'Alert, priority 3, camera north of gate-7', tag: id },
      ...{ path: `/alerts?id=${id}`, stays: true, body: 'list wanted. possible match' },
    })
    expect(() => other.open(got!)).toThrow()
    expect(isFrom(got!, String(settings.publicKey), service.url)).toBe(true)
    await channels.decisions.acknowledge(id, HAND, null)
    await channels.settled()
    const [, taken] = service.received
    expect(own.open(taken!)).toMatchObject({ tag: id, stays: false })
    expect(taken!.headers.topic).toBe(got!.headers.topic)
  })

  it('is told the name where the rules say so', async () => {
    await add({ names: true, language: 'de' })
    const own = new Device('/own')
    await subscribe(own)
    await channels.alert('Anna Example')
    await channels.settled()
    expect(own.open(service.received[0]!).body).toBe(
      'Anna Example. Liste wanted. mögliche Übereinstimmung',
    )
  })

  it.each([404, 410])('of which its service says %i is told nothing any more', async (status) => {
    await add()
    const [gone, here] = [new Device('/gone'), new Device('/here')]
    await subscribe(gone)
    await subscribe(here)
    service.answer = ({ path }, response) =>
      void response.writeHead(path === '/gone' ? status : 201).end()
    await channels.alert('Anna')
    await channels.settled()
    const left = await channels.all.subscribing.of('anna')
    expect(left.map(({ end }) => new URL(end.endpoint).pathname)).toEqual(['/here'])
    await channels.alert('Bert')
    await channels.settled()
    expect(service.received.filter(({ path }) => path === '/gone')).toHaveLength(1)
    expect(service.received.filter(({ path }) => path === '/here')).toHaveLength(2)
  })

  it('whose service is slow keeps no other waiting', async () => {
    await add()
    const [slow, quick] = [new Device('/slow'), new Device('/quick')]
    await subscribe(slow)
    await subscribe(quick)
    service.answer = ({ path }, response) => {
      if (path === '/quick') response.writeHead(201).end()
    }
    await channels.alert()
    await until(() => service.received.some(({ path }) => path === '/quick'))
    await until(async () => (await channels.notices()).some(({ state }) => state === 'sent'))
  })

  it('of somebody who has signed out there, or whose account is disabled, is told nothing', async () => {
    await add()
    channels.accounts.set('carl', { lists: null })
    await subscribe(new Device('/anna'))
    await subscribe(new Device('/carl'), 'carl')
    await channels.all.signedOut('anna', 'another browser', HAND)
    expect(await channels.all.subscribing.of('anna')).toHaveLength(1)
    await channels.all.signedOut('anna', 'browser of anna', HAND)
    channels.disable('carl')
    await until(async () => (await channels.all.subscribing.of('carl')).length === 0)
    expect(await channels.all.subscribing.of('anna')).toEqual([])
    await channels.alert()
    await channels.settled()
    expect(service.received).toEqual([])
  })

  it('that is used by somebody else now is theirs', async () => {
    await add()
    channels.accounts.set('carl', { lists: null })
    const shared = new Device('/shared')
    await subscribe(shared)
    await subscribe(shared, 'carl')
    expect(await channels.all.subscribing.of('anna')).toEqual([])
    expect(await channels.all.subscribing.of('carl')).toHaveLength(1)
  })
})

describe('a subscription', () => {
  it('is refused where it is none, goes nowhere it must not, or nobody is told that way', async () => {
    const good = new Device('/own').end('https://push.example')
    const bad = [
      { ...good, endpoint: 'http://push.example/own' },
      { ...good, endpoint: 'file:///etc/passwd' },
      { ...good, keys: { ...good.keys, auth: 'AAAA' } },
      { ...good, keys: { ...good.keys, p256dh: 'AAAA' } },
    ]
    expect(pushEnd.safeParse(good).success).toBe(true)
    expect(bad.map((one) => pushEnd.safeParse(one).success)).toEqual(Array(4).fill(false))
    expect(await rejectionOf(subscribe(new Device('/own')), Refusal)).toMatchObject({
      code: 'channel.off',
    })
    expect(channels.stored.rows('pushSubscriptions')).toBe(0)
  })

  it('and the key it is signed with are sealed, and more than ten are too many', async () => {
    await add()
    for (let i = 0; i < 10; i++) await subscribe(new Device(`/device-${i}`))
    const many = await rejectionOf(subscribe(new Device('/one-more')), Refusal)
    expect(many.code).toBe('channel.too-many')
    const [channel] = await channels.stored.store.channels.all()
    const { privateKey } = channel!.settings as { privateKey: string }
    for (const file of (await channels.stored.files()).values()) {
      expect(file.toString('latin1')).not.toMatch(/device-\d/)
      expect(file.includes(privateKey)).toBe(false)
    }
  })
})

/** Whether a push service would take it for what it says it is. Source: RFC 8292. */
function isFrom({ headers }: Received, key: string, audience: string): boolean {
  const [, token = '', said = ''] =
    /^vapid t=([^,]+), ?k=(.+)$/.exec(String(headers.authorization)) ?? []
  const [head = '', claims = '', signature = ''] = token.split('.')
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((one) => one.toString('base64url'))
  const publicKey = createPublicKey({
    key: { kty: 'EC', crv: 'P-256', x: x!, y: y! },
    format: 'jwk',
  })
  const { aud } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { aud: string }
  const signed = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  return signed && aud === audience && said === key
}
