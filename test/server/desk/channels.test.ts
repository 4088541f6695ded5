import type { PushAnswer, PushDevice } from '@vedette/server/desk/answered/push'
import type { Problem } from '@vedette/server/desk/problem'
import type { ChannelAdded, ChannelStatus, Delivered } from '@vedette/server/desk/routes/channels'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Receiver } from '../../support/server-channels.ts'
import { Browser, PASSWORD, signable } from '../../support/server-console.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let receiver: Receiver
let anna: DeskUser

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  receiver = await Receiver.open()
  anna = desk.user(deployment.anna)
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([receiver, deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const settings = () => ({ url: `${receiver.url}/hook` })
const codeOf = async (asked: Promise<{ bytes: Buffer; status: number }>) => {
  const answer = await asked
  return [answer.status, (JSON.parse(answer.bytes.toString()) as Problem).code]
}

it('a channel is added, tested, changed and removed, and each of it is on record', async () => {
  const said = { kind: 'webhook', name: 'Duty system', settings: settings() }
  const added = await anna.post('/channels', said)
  expect(added.status).toBe(201)
  const { id, secret } = jsonOf<ChannelAdded>(added)
  expect(secret).toMatch(/^whsec_/)
  const tested = await anna.post(`/channels/${id}/test`, {})
  expect(jsonOf<Delivered>(tested)).toEqual({ done: 'sent', said: 'HTTP status 204' })
  await anna.send(`/channels/${id}`, {
    ...{ method: 'PATCH', body: JSON.stringify({ rules: { names: true }, on: false }) },
    headers: { 'content-type': 'application/json' },
  })
  const [shown] = jsonOf<ChannelStatus[]>(await anna.get('/channels'))
  expect(shown).toMatchObject({ on: false, rules: { names: true, priority: 5 }, version: 2 })
  expect(JSON.stringify(shown)).not.toContain('whsec_')
  expect(await codeOf(anna.get('/channels/none'))).toEqual([404, 'channel.not-found'])
  expect((await anna.delete(`/channels/${id}`)).status).toBe(204)
  const kinds = ['channel.added', 'channel.tested', 'channel.changed', 'channel.removed'] as const
  expect(desk.acts(...kinds).map(([kind]) => kind)).toEqual([...kinds])
  expect(desk.stored.rows('notices')).toBe(0)
})

it.each([
  [{ kind: 'webhook', name: 'x', settings: { url: 'http://a.example/' } }, 'channel.invalid'],
  [{ kind: 'webhook', name: 'x', settings: { url: 'https://a/', more: 1 } }, 'channel.invalid'],
  [{ kind: 'webhook', name: 'x\u0007', settings: { url: 'https://a/' } }, 'request.invalid'],
  [{ kind: 'pigeon', name: 'x', settings: {} }, 'request.invalid'],
  [{ kind: 'speech', name: 'x', settings: {}, rules: { priority: 6 } }, 'request.invalid'],
  [{ kind: 'mail', name: 'x', settings: { host: 'a;b' } }, 'channel.invalid'],
])('%j is refused, and nothing is stored', async (said, code) => {
  expect(await codeOf(anna.post('/channels', said))).toEqual([400, code])
  expect(desk.stored.rows('channels')).toBe(0)
})

it('an alert is made sound for whoever sees it, and for nobody else', async () => {
  const id = await desk.entry('Anna Example')
  await desk.alert(id)
  const [alert] = await desk.stored.store.alerts.list({ limit: 1 })
  const sound = await anna.get(`/alerts/${alert!.id}/speech?language=de`)
  expect([sound.status, sound.type]).toEqual([200, 'audio/wav'])
  expect(sound.bytes.toString('latin1', 0, 4)).toBe('RIFF')
  const { credentials } = await deployment.issue('operator', 'lisa')
  await desk.account('lisa', 'operator', { lists: [] })
  const lisa = desk.user(credentials)
  expect(await codeOf(lisa.get(`/alerts/${alert!.id}/speech`))).toEqual([404, 'alert.not-found'])
})

it('a browser that signs out, or is signed out everywhere, is told nothing any more', async () => {
  const push = { kind: 'push', name: 'Phones', settings: { subject: 'mailto:desk@house.example' } }
  expect((await anna.post('/channels', push)).status).toBe(201)
  await signable(desk, 'otto', 'operator')
  const body = (n: number) => ({
    endpoint: `${receiver.url}/push/${n}`,
    keys: {
      p256dh: Buffer.alloc(65, 4).toString('base64url'),
      auth: Buffer.alloc(16).toString('base64url'),
    },
  })
  const browsers = [1, 2].map(() => new Browser(desk.desk.consolePort))
  for (const [n, browser] of browsers.entries()) {
    await browser.signIn('otto', PASSWORD)
    const told = await browser.ask('/api/push', { method: 'POST', body: body(n) })
    expect(told.status).toBe(201)
  }
  const [one, two] = browsers as [Browser, Browser]
  await using _one = one
  await using _two = two
  const devices = async () => (await desk.channels.subscribing.of('otto')).length
  expect(await devices()).toBe(2)
  const { key, devices: seen } = jsonOf<PushAnswer>(await one.ask('/api/push'))
  expect([typeof key, seen.length]).toEqual(['string', 2])
  expect(JSON.stringify(seen)).not.toContain(receiver.url)
  // What is somebody else's is not there.
  expect(await codeOf(anna.delete(`/push/${(seen[0] as PushDevice).id}`))).toEqual([
    404,
    'channel.not-found',
  ])
  await one.ask('/api/session', { method: 'DELETE' })
  expect(await devices()).toBe(1)
  await two.ask('/api/me/sessions', { method: 'DELETE' })
  expect(await devices()).toBe(0)
})
