import { createHmac } from 'node:crypto'
import type { WebhookBody, WebhookNotice } from '@vedette/server/channels/webhook'
import { Refusal } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Received, Receiver, TestChannels } from '../../support/server-channels.ts'
import { sightingOf } from '../../support/server-sightings.ts'
import { HAND } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'
import { until } from '../../support/until.ts'

let channels: TestChannels
let receiver: Receiver

beforeEach(async () => {
  channels = await TestChannels.open()
  receiver = await Receiver.open()
})

afterEach(() => Promise.all([channels, receiver].map((one) => one[Symbol.asyncDispose]())))

const hook = (rules = {}, path = '/hook') =>
  channels.add('webhook', { url: `${receiver.url}${path}` }, rules)
const bodyOf = ({ body }: Received) => JSON.parse(body.toString()) as WebhookBody
const noticesOf = (received: readonly Received[]): WebhookNotice[] =>
  received.flatMap((one) => bodyOf(one).data.notices)
const kinds = () => noticesOf(receiver.received).map(({ kind }) => kind)

/** What a receiver does that knows the secret; written from the specification alone. */
function isSigned({ headers, body }: Received, secret: string): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const mac = createHmac('sha256', key).update(signed).digest('base64')
  return String(headers['webhook-signature']).split(' ').includes(`v1,${mac}`)
}

describe('a webhook', () => {
  it('is told of an alert, signed, by ids and without the name', async () => {
    const { secret } = await hook()
    const { id, entry } = await channels.alert('Anna Example')
    await channels.settled()
    const [first] = receiver.received
    expect(receiver.received).toHaveLength(1)
    const [notice] = noticesOf(receiver.received)
    expect(notice).toMatchObject({ kind: 'new', alert: { id, entry, camera: 'north' } })
    expect(first!.headers['webhook-id']).toBe(notice!.id)
    expect(first!.body.toString()).not.toMatch(/Anna|picture/)
    expect(isSigned(first!, secret!)).toBe(true)
    const changed = { ...first!, body: Buffer.from(first!.body.toString().replace('new', 'old')) }
    expect(isSigned(changed, secret!)).toBe(false)
    const later = { ...first!, headers: { ...first!.headers, 'webhook-timestamp': '1' } }
    expect(isSigned(later, secret!)).toBe(false)
  })

  it('is told the name and shown the picture where its rules say so, and neither of whom it was not', async () => {
    await hook({ names: true, picture: true })
    const { id, entry } = await channels.alert('Anna Example')
    await channels.settled()
    await channels.alerts.consider(
      sightingOf(entry, { standing: 'fallen', probe: { track: await trackOf(id) } }),
    )
    await channels.settled()
    const [raised, withdrawn] = noticesOf(receiver.received)
    expect(raised!.alert!.name).toBe('Anna Example')
    expect(Buffer.from(raised!.picture!, 'base64').toString()).toBe('chip')
    expect(withdrawn).toMatchObject({ kind: 'withdrawn', alert: { id, certainty: 'withdrawn' } })
    expect(JSON.stringify(withdrawn)).not.toMatch(/Anna|picture/)
  })

  it('gets together what waits together, and each alert in its order', async () => {
    await hook()
    let open = () => {}
    const held = new Promise<void>((resolve) => {
      open = resolve
    })
    receiver.answer = async (_received, response) => {
      await held
      response.writeHead(204).end()
    }
    const { id } = await channels.alert()
    await until(() => receiver.received.length === 1)
    await channels.decisions.acknowledge(id, HAND, null)
    await channels.alert('Bert Example')
    await channels.decisions.resolve(id, 'true', HAND, 'x')
    await until(async () => (await channels.notices()).length === 4)
    open()
    await channels.settled()
    expect(kinds()).toEqual(['new', 'acknowledged', 'new', 'resolved'])
    expect(receiver.received).toHaveLength(2)
    const ids = noticesOf(receiver.received).map((notice) => notice.id)
    expect(new Set(ids).size).toBe(4)
  })

  it('is tried again with the same id after 500, 429 and a broken connection', async () => {
    await hook()
    let turn = 0
    receiver.answer = (_received, response) => {
      const status = [500, 429, undefined, 204][turn++]
      if (status === undefined) response.destroy()
      else response.writeHead(status).end()
    }
    await channels.alert()
    await channels.settled()
    const ids = new Set(receiver.received.map(({ headers }) => headers['webhook-id']))
    expect([receiver.received.length, ids.size]).toEqual([4, 1])
    expect(await channels.notices()).toMatchObject([{ state: 'sent', attempts: 4 }])
  })

  it.each([
    [301, 'channel.redirected'],
    [307, 'channel.redirected'],
    [400, 'http.400'],
    [410, 'http.410'],
  ])(
    'that answers %i is not tried again: %s, until a person has it tried',
    async (status, code) => {
      const { id } = await hook()
      receiver.next(status)
      await channels.alert()
      await channels.settled()
      expect(await channels.notices(id)).toMatchObject([{ state: 'dead', code, attempts: 1 }])
      expect(receiver.received.map(({ path }) => path)).toEqual(['/hook'])
      expect((await channels.all.get(id)).tally).toMatchObject({ dead: 1, waiting: 0 })
      expect(await channels.figures()).toContain('notices{kind="webhook",state="dead"} 1')
      expect(await channels.all.revive(id, undefined, HAND)).toBe(1)
      await channels.settled()
      const [first, second] = receiver.received.map(({ headers }) => headers['webhook-id'])
      expect(second).toBe(first)
      expect(await channels.notices(id)).toMatchObject([{ state: 'sent' }])
    },
  )

  it('of whose notices one is refused gets the others all the same', async () => {
    const { id } = await hook()
    let open = () => {}
    const held = new Promise<void>((resolve) => {
      open = resolve
    })
    let bad = ''
    receiver.answer = async (received, response) => {
      await held
      response.writeHead(bad !== '' && received.body.includes(bad) ? 422 : 204).end()
    }
    await channels.alert()
    await until(() => receiver.received.length === 1)
    bad = (await channels.alert('Bert')).id
    await channels.alert('Carl')
    await until(async () => (await channels.notices()).length === 3)
    open()
    await channels.settled()
    const states = (await channels.notices(id)).map(({ state }) => state)
    expect(states).toEqual(['sent', 'dead', 'sent'])
  })

  it('that does not answer keeps no other waiting', async () => {
    await hook({}, '/silent')
    receiver.answer = (received, response) => {
      if (received.path !== '/silent') response.writeHead(204).end()
    }
    await hook({}, '/well')
    for (const name of ['Anna', 'Bert', 'Carl']) await channels.alert(name)
    await until(() => receiver.received.filter(({ path }) => path === '/well').length > 0)
    const well = () => receiver.received.filter(({ path }) => path === '/well')
    await until(() => noticesOf(well()).length === 3)
    expect(receiver.received.filter(({ path }) => path === '/silent')).toHaveLength(1)
  })
})

describe('a camera', () => {
  it('that cannot be relied upon is told once, and that it can be again, restarts or not', async () => {
    await hook()
    channels.cameras.set('amber', 'waiting')
    channels.cameras.set('red', 'no-canary')
    channels.cameras.set('red', 'away')
    await until(() => receiver.received.length === 1)
    await channels.settled()
    await channels.stop()
    await channels.start()
    channels.cameras.set('red', 'away')
    channels.cameras.set('amber', 'slow')
    channels.cameras.set('green', 'well')
    channels.cameras.set('red', 'blind', 'south')
    await until(() => noticesOf(receiver.received).length === 3)
    await channels.settled()
    expect(noticesOf(receiver.received)).toMatchObject([
      { kind: 'canary', camera: { agent: 'gate-7', camera: 'north', state: 'red' } },
      { kind: 'canary', camera: { camera: 'north', state: 'green', why: 'well' } },
      { kind: 'camera', camera: { camera: 'south', state: 'red', why: 'blind' } },
    ])
  })
})

describe('what was committed', () => {
  it('while nobody was there to tell it is told, in its order', async () => {
    await hook()
    await channels.stop()
    const ids: string[] = []
    for (const name of ['Anna', 'Bert', 'Carl']) ids.push((await channels.alert(name)).id)
    await channels.decisions.acknowledge(ids[0]!, HAND, null)
    await channels.start()
    await channels.settled()
    // What somebody has acted upon meanwhile calls nobody any more.
    expect(noticesOf(receiver.received).map(({ alert }) => alert!.id)).toEqual(ids.slice(1))
  })

  it('is lost by no kill between commit, plan and delivery, and what comes twice has one id', async () => {
    await hook()
    const ids: string[] = []
    for (let round = 0; round < 12; round++) {
      // Nobody answers: whatever was posted is not known to have arrived when the end comes.
      receiver.answer = (_received, response) => {
        if (round % 3 === 0) response.writeHead(204).end()
      }
      ids.push((await channels.alert(`Anna ${round}`)).id)
      if (round % 2 === 0) await until(() => receiver.received.length > round / 2)
      await channels.stop()
      await channels.start()
    }
    receiver.answer = (_received, response) => void response.writeHead(204).end()
    await channels.stop()
    await channels.start()
    await until(async () => (await channels.notices()).length === 12)
    await channels.settled()
    const told = noticesOf(receiver.received)
    expect(new Set(told.map(({ alert }) => alert!.id))).toEqual(new Set(ids))
    expect(new Set(told.map(({ id }) => id)).size).toBe(12)
    expect(told.length).toBeGreaterThan(12)
    expect((await channels.notices()).map(({ state }) => state)).toEqual(Array(12).fill('sent'))
  })

  it('before there was a channel, or while it was off, is not told', async () => {
    await channels.alert('Anna')
    const { id } = await hook()
    await channels.alert('Bert')
    await channels.settled()
    await channels.all.change(id, { on: false }, HAND)
    await channels.alert('Carl')
    await channels.all.change(id, { on: true }, HAND)
    await channels.alert('Dora')
    await until(() => receiver.received.length === 2)
    await channels.settled()
    expect(await channels.notices()).toHaveLength(2)
  })

  it('of an entry that is erased meanwhile is told without anything of a person', async () => {
    const { id } = await hook({ names: true, picture: true })
    await channels.all.change(id, { on: false }, HAND)
    await channels.all.change(id, { on: true }, HAND)
    let open = () => {}
    const held = new Promise<void>((resolve) => {
      open = resolve
    })
    receiver.answer = async (_received, response) => {
      await held
      response.writeHead(500).end()
      receiver.next()
    }
    const { entry } = await channels.alert('Anna Example')
    await until(() => receiver.received.length === 1)
    await channels.stored.erase(entry)
    open()
    await channels.settled()
    expect(receiver.received[1]!.body.toString()).not.toMatch(/Anna|picture/)
  })
})

describe('where a webhook may go', () => {
  it.each([
    ['ftp://a.example/', 'expected https: or http:'],
    ['http://a.example/', 'encrypted'],
    ['https://user:word@a.example/', 'no name'],
  ])('%s is refused when it is said', async (url, words) => {
    const fault = await rejectionOf(channels.add('webhook', { url }), Refusal)
    expect(fault).toMatchObject({ code: 'channel.invalid' })
    expect(String(fault)).toContain(words.replace('https: or http:', 'https:// or http://'))
    expect(await channels.all.all()).toEqual([])
  })

  it('its secret and its path are in no answer but the first, in no log and in no file', async () => {
    const { id, secret, settings } = await hook({}, '/services/T0KEN?key=geheim')
    expect(settings).toEqual({ url: `${receiver.url}/…`, ownCa: false })
    receiver.next(500, 400)
    await channels.alert()
    await channels.settled()
    await channels.all.test(id, 'anna')
    const said = JSON.stringify([
      await channels.all.all(),
      await channels.notices(),
      channels.book.lines,
    ])
    const files = [...(await channels.stored.files()).values()].map((file) =>
      file.toString('latin1'),
    )
    for (const text of [said, ...files]) {
      expect(text).not.toContain(secret!.slice(6))
      expect(text).not.toMatch(/T0KEN|geheim/)
    }
    const { secret: next } = await channels.all.change(id, { newSecret: true }, HAND)
    expect(next).not.toBe(secret)
    await channels.all.test(id, 'anna')
    expect(isSigned(receiver.received.at(-1)!, next!)).toBe(true)
    expect(isSigned(receiver.received.at(-1)!, secret!)).toBe(false)
  })
})

async function trackOf(id: string): Promise<string> {
  return (await channels.stored.store.alerts.get(id)).track
}
