import type { NamedChange } from '@vedette/server/desk/routes/alerts'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskEvent, type DeskUser, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
})

afterEach(() => desk[Symbol.asyncDispose]())
afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

/** The next `count` events. */
async function take(events: AsyncGenerator<DeskEvent>, count: number): Promise<DeskEvent[]> {
  const taken: DeskEvent[] = []
  while (taken.length < count) {
    const { value, done } = await events.next()
    if (done) throw new Error(`the stream ended after ${taken.length} of ${count}`)
    taken.push(value)
  }
  return taken
}

const ids = (events: readonly DeskEvent[]) => events.map(({ id }) => id)
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe('the stream of what happens to alerts', () => {
  it('tells everything from the start, and goes on with what comes', async () => {
    const id = await desk.entry('Łukasz Ω')
    await desk.alert(id, { probe: { track: 'walk' } })
    const events = anna.events('/alerts/events?since=0')
    const [raised] = await take(events, 1)
    expect(raised).toMatchObject({ id: 1, event: 'raised' })
    const { kind, seq, alert } = raised!.data as NamedChange
    expect([kind, seq, alert.entryId, alert.name]).toEqual(['raised', 1, id, 'Łukasz Ω'])

    await desk.alert(id, { score: 0.99, probe: { track: 'walk' } })
    await desk.user(deployment.anna).post(`/alerts/${alert.id}/acknowledge`, {})
    const rest = await take(events, 2)
    expect(rest.map(({ id: number, event }) => [number, event])).toEqual([
      [2, 'improved'],
      [3, 'acknowledged'],
    ])
    await events.return(undefined)
  })

  it('starts with what comes when nothing else is asked for', async () => {
    const id = await desk.entry()
    for (let i = 0; i < 3; i++) await desk.alert(id)
    const events = anna.events('/alerts/events')
    const next = events.next()
    await desk.listening(1)
    await desk.alert(id)
    expect(await next).toMatchObject({ value: { id: 4 } })
    await events.return(undefined)
  })

  it('resumes behind the last event, by header or by address', async () => {
    const id = await desk.entry()
    for (let i = 0; i < 5; i++) await desk.alert(id)
    for (const events of [
      anna.events('/alerts/events', 3),
      anna.events('/alerts/events?since=3'),
    ]) {
      expect(ids(await take(events, 2))).toEqual([4, 5])
      await events.return(undefined)
    }
  })

  it('loses nothing and tells nothing twice, however often the connection breaks', async () => {
    const random = seeded(1)
    const id = await desk.entry()
    const total = 120
    const raising = (async () => {
      for (let i = 0; i < total; i++) {
        await desk.alert(id)
        if (random() < 0.2) await new Promise(setImmediate)
      }
    })()
    const seen: DeskEvent[] = []
    let breaks = 0
    while (seen.length < total) {
      const user = desk.user(deployment.anna)
      const events = user.events('/alerts/events', seen.at(-1)?.id ?? 0)
      const most = Math.min(total - seen.length, 1 + Math.floor(random() * 20))
      seen.push(...(await take(events, most)))
      await user[Symbol.asyncDispose]() // in the middle of whatever comes
      breaks++
    }
    await raising
    expect(ids(seen)).toEqual(upTo(total))
    expect(breaks).toBeGreaterThan(5)
  })

  it('tells more than fits into one question to the database', async () => {
    const id = await desk.entry()
    const { alert } = await raisedBy(id)
    const insert = desk.stored
      .elsewhere()
      .prepare(`INSERT INTO alertEvents (alertId, kind, at, "by") VALUES (?, 'improved', 1, NULL)`)
    for (let i = 0; i < 1200; i++) insert.run(alert)
    const events = anna.events('/alerts/events?since=0')
    expect(ids(await take(events, 1201))).toEqual(upTo(1201))
    await events.return(undefined)
  })

  it('tells without a name of an entry that is gone', async () => {
    const id = await desk.entry()
    await desk.alert(id)
    await desk.stored.erase(id)
    const events = anna.events('/alerts/events?since=0')
    const [event] = await take(events, 1)
    expect((event!.data as NamedChange).alert.name).toBeUndefined()
    await events.return(undefined)
  })

  it('ends when the desk does, and is left by the desk when its reader leaves', async () => {
    const id = await desk.entry()
    const [one, other] = [desk.user(deployment.anna), desk.user(deployment.anna)]
    const streams = [one.events('/alerts/events?since=0'), other.events('/alerts/events?since=0')]
    const reading = streams.map((stream) => take(stream, 1))
    await desk.alert(id)
    await Promise.all(reading)
    await desk.listening(2)
    await one[Symbol.asyncDispose]()
    await desk.listening(1)
    const ending = streams[1]!.next()
    await desk.desk[Symbol.asyncDispose]()
    expect(await ending).toEqual({ value: undefined, done: true })
    await desk.listening(0)
  })

  async function raisedBy(id: string) {
    await desk.alert(id)
    const [alert] = await desk.stored.store.alerts.list({ limit: 1 })
    return { alert: alert!.id }
  }
})
