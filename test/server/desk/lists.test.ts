import type { CountedList } from '@vedette/server/desk/answered/lists'
import type { NamedRequest } from '@vedette/server/desk/answered/requests'
import type { Problem } from '@vedette/server/desk/problem'
import type { Entry } from '@vedette/server/store/entries'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import {
  type Answer,
  type DeskUser,
  jsonOf,
  openSight,
  TestDesk,
} from '../../support/server-desk.ts'
import { HAND, newEntry, newPhoto } from '../../support/server-store.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const people = new Map<string, DeskUser>()
let desk: TestDesk
let hidden: string
let shown: string

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  const who = { carl: 'approver', dora: 'approver', eve: 'enroller' } as const
  for (const [name, role] of Object.entries(who)) {
    const { credentials } = await deployment.issue('operator', name)
    await desk.account(name, role, name === 'dora' ? { lists: ['wanted'] } : {})
    people.set(name, desk.user(credentials))
  }
  people.set('anna', desk.user(deployment.anna))
  const anna = people.get('anna')!
  await anna.post('/lists', { id: 'secret', viewers: ['anna', 'dora'], approvals: 2 })
  const add = async (list: string) => {
    const said = newEntry(`Somebody on ${list}`, { list })
    return (await desk.stored.store.entries.add(said, [newPhoto()])).entry.id
  }
  ;[hidden, shown] = [await add('secret'), await add('wanted')]
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const as = (name: string) => people.get(name)!
const said = (answer: Answer) => [answer.status, jsonOf<Problem>(answer).code]
const patch = (user: DeskUser, path: string, body: object) =>
  user.send(path, {
    method: 'PATCH',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })

describe('a list that admits some', () => {
  it('is there for them alone, with whoever is on it and what waits', async () => {
    const seen = async (name: string) => ({
      entries: jsonOf<Entry[]>(await as(name).get('/entries')).map(({ id }) => id),
      requests: jsonOf<NamedRequest[]>(await as(name).get('/requests')).length,
    })
    expect(await seen('anna')).toEqual({ entries: [hidden, shown], requests: 1 })
    expect(await seen('carl')).toEqual({ entries: [shown], requests: 0 })
    // Admitted by the list, but the account does not reach it.
    expect(await seen('dora')).toEqual({ entries: [shown], requests: 0 })
  })

  it('answers the others as if nothing were there, and changes nothing for them', async () => {
    const before = await desk.stored.store.entries.get(hidden)
    const [request] = jsonOf<NamedRequest[]>(await as('anna').get('/requests'))
    const carl = as('carl')
    const asked = [
      carl.get(`/entries/${hidden}`),
      carl.get(`/entries/${hidden}/photos`),
      carl.get(`/entries/${hidden}/photos/1`),
      carl.post(`/entries/${hidden}/extend`, {}),
      carl.post(`/entries/${hidden}/move`, { list: 'wanted' }),
      carl.post(`/entries/${shown}/merge`, { from: hidden }),
      carl.post(`/entries/${hidden}/split`, { photos: [1], name: 'X' }),
      patch(carl, `/entries/${hidden}`, { name: 'X' }),
    ]
    for (const answer of await Promise.all(asked)) {
      expect(said(answer)).toEqual([404, 'entry.not-found'])
    }
    for (const decision of ['approve', 'refuse']) {
      const answer = await carl.post(
        `/requests/${request!.id}/${decision}`,
        {},
        {
          'x-vedette-reason': 'why not',
        },
      )
      expect(said(answer)).toEqual([404, 'request.not-found'])
    }
    const moved = await carl.post(`/entries/${shown}/move`, { list: 'secret' })
    expect(said(moved)).toEqual([404, 'list.not-found'])
    expect(await desk.stored.store.entries.get(hidden)).toEqual(before)
    expect((await desk.stored.store.requests.get(request!.id)).state).toBe('pending')
  })

  it('is out of reach of an account that is confined to others', async () => {
    const lists = jsonOf<CountedList[]>(await as('dora').get('/lists')).map(({ id }) => id)
    expect(lists).toEqual(['wanted'])
    expect(said(await as('dora').get('/lists/secret'))).toEqual([404, 'list.not-found'])
  })
})

describe('who may not consent', () => {
  it('does not, by role or because they asked, and nothing is live', async () => {
    const [request] = jsonOf<NamedRequest[]>(await as('anna').get('/requests'))
    const path = `/requests/${request!.id}/approve`
    expect(said(await as('eve').post(path, {}))).toEqual([403, 'operator.not-allowed'])
    expect(request!.askedBy).toBe(HAND.by)
    expect(said(await as('anna').post(path, {}))).toEqual([403, 'request.own'])
    expect(said(await as('eve').post('/lists', { id: 'mine' }))).toEqual([
      403,
      'operator.not-allowed',
    ])
    expect((await desk.stored.store.entries.get(hidden)).state).toBe('pending')
    expect(sight.gallery.entries).toBe(0)
  })
})

/** As it is sent: nothing of it where lists or imports are to be looked at again. */
type Told = { what?: string; entry?: string; name?: string }

describe('what becomes of entries', () => {
  it('is told to those who watch and see their list', async () => {
    const anna = await desk.user(deployment.anna).open('/alerts/events?entries=1')
    const { credentials } = await deployment.another('operator', 'carl')
    const carl = await desk.user(credentials).open('/alerts/events?entries=1')
    const hears = [anna.next(), carl.next()]
    await patch(as('anna'), `/entries/${hidden}`, { note: 'seen by few' })
    await patch(as('anna'), `/entries/${shown}`, { note: 'seen by all' })
    const [first, other] = (await Promise.all(hears)).map(({ value }) => value)
    expect(first).toMatchObject({ event: 'entry', data: { what: 'changed', entry: hidden } })
    expect(other).toMatchObject({
      event: 'entry',
      data: { what: 'changed', entry: shown, name: 'Somebody on wanted' },
    })
  })

  it('is told where it went to those who see that list, and to nobody else', async () => {
    const anna = await desk.user(deployment.anna).open('/alerts/events?entries=1')
    const { credentials } = await deployment.another('operator', 'carl')
    const carl = await desk.user(credentials).open('/alerts/events?entries=1&lists=1')
    await as('anna').post('/lists', { id: 'closed', viewers: ['anna'] })
    const hears = async ({ next }: { next(): Promise<{ value?: unknown }> }) => {
      const { event, data } = (await next()).value as { event: string; data: Told }
      return [event, data.what, data.entry, data.name]
    }
    const watching = { next: () => anna.next() }
    const outside = { next: () => carl.next() }
    expect(await hears(outside)).toEqual(['lists', undefined, undefined, undefined])
    await as('anna').post(`/entries/${shown}/move`, { list: 'closed' })
    expect(await hears(outside)).toEqual(['entry', 'gone', shown, undefined])
    expect(await hears(watching)).toEqual(['entry', 'changed', shown, 'Somebody on wanted'])
    await as('anna').post(`/entries/${shown}/strictness`, { factor: 10 })
    expect(await hears(watching)).toEqual(['entry', 'changed', shown, 'Somebody on wanted'])
    await as('eve').post('/imports', { photos: 1 }, { 'x-vedette-reason': 'many' })
    // Nothing was told in between of whom a list hides.
    expect(await hears(outside)).toEqual(['imports', undefined, undefined, undefined])
    await as('anna').post(`/entries/${shown}/move`, { list: 'wanted' })
    expect(await hears(outside)).toEqual(['entry', 'changed', shown, 'Somebody on wanted'])
    expect(await hears(watching)).toEqual(['entry', 'changed', shown, 'Somebody on wanted'])
  })

  it('is counted for the status', async () => {
    const chores = async (name: string) => jsonOf(await as(name).get('/chores'))
    expect(await chores('anna')).toEqual({ expiring: 0, waiting: 1 })
    expect(await chores('carl')).toEqual({ expiring: 0, waiting: 0 })
  })
})
