import type { EntryAct } from '@vedette/server/desk/answered/entry-history'
import type { Waiting } from '@vedette/server/desk/answered/requests'
import type { Problem } from '@vedette/server/desk/problem'
import type { EnrolAnswer, Findings } from '@vedette/server/gallery/enrolment-answer'
import type { Entry } from '@vedette/server/store/entries'
import type { EntryCount } from '@vedette/server/store/entry-counts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import {
  type Answer,
  type DeskUser,
  formOf,
  jsonOf,
  openSight,
  TestDesk,
} from '../../support/server-desk.ts'
import { jpegOf, oneFace } from '../../support/server-photos.ts'
import { newEntry, newPhoto } from '../../support/server-store.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const [second, third] = await Promise.all(
  ([2, 3] as const).map(async (face) => ({
    file: `face-${face}.jpg`,
    bytes: await jpegOf(await oneFace(face)),
  })),
)
let desk: TestDesk
let anna: DeskUser
/** An approver of list wanted alone. */
let bert: DeskUser
let erin: Entry

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  expect((await anna.post('/lists', { id: 'secret' })).status).toBe(201)
  await desk.account('bert', 'approver', { lists: ['wanted'] })
  bert = desk.user((await deployment.issue('operator', 'bert')).credentials)
  erin = jsonOf<EnrolAnswer>(await anna.enrol({ name: 'Erin' }, [second!])).entry!
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const codeOf = (answer: Answer) => [answer.status, jsonOf<Problem>(answer).code]
const viewsOf = () => desk.acts('entry.photo-viewed').length

describe('a photograph of an entry', () => {
  it('travels once, is asked for each time it is shown, and each time is recorded', async () => {
    const before = viewsOf()
    const first = await anna.get(`/entries/${erin.id}/photos/1`)
    expect(first.headers['cache-control']).toBe('private, no-cache')
    const tag = String(first.headers.etag)
    const again = await anna.send(`/entries/${erin.id}/photos/1`, {
      headers: { 'if-none-match': tag },
    })
    expect([again.status, again.bytes.length]).toEqual([304, 0])
    expect(viewsOf()).toBe(before + 2)
    const other = { headers: { 'if-none-match': '"other"' } }
    expect((await anna.send(`/entries/${erin.id}/photos/1`, other)).bytes).toEqual(first.bytes)
  })

  it('is not there by its tag either once its entry is gone, or is not theirs', async () => {
    const added = await desk.stored.store.entries.add(newEntry('Hidden', { list: 'secret' }), [
      newPhoto(2),
    ])
    const path = `/entries/${added.entry.id}/photos/1`
    const headers = { 'if-none-match': String((await anna.get(path)).headers.etag) }
    expect(codeOf(await bert.send(path, { headers }))).toEqual([404, 'entry.not-found'])
    await desk.stored.erase(added.entry.id)
    expect(codeOf(await anna.send(path, { headers }))).toEqual([404, 'entry.not-found'])
  })
})

describe('entries', () => {
  it('are counted by list and state, for whoever sees the list', async () => {
    const soon = newEntry('Soon', { expiresAt: Date.now() + 86_400_000 })
    await desk.stored.store.entries.add(soon, [newPhoto(3)])
    await desk.stored.store.entries.add(newEntry('Other', { list: 'secret' }), [newPhoto(4)])
    const counts = jsonOf<EntryCount[]>(await anna.get('/entries/counts'))
    const live = counts.find(({ list, state }) => list === 'wanted' && state === 'live')!
    expect(live.entries).toBe(jsonOf<Entry[]>(await anna.get('/entries?list=wanted')).length)
    expect(live.expiring).toBeGreaterThanOrEqual(1)
    expect(live.expiring).toBeLessThan(live.entries)
    const seen = jsonOf<EntryCount[]>(await bert.get('/entries/counts'))
    expect(new Set(seen.map(({ list }) => list))).toEqual(new Set(['wanted']))
  })
})

describe('what waits for a second person', () => {
  it('is counted for whoever sees the list, without being a look at anybody', async () => {
    const waiting = async (user: DeskUser) => jsonOf<Waiting>(await user.get('/requests/waiting'))
    const before = await waiting(anna)
    const strict = { id: 'strict', approvals: 2 }
    expect((await anna.post('/lists', strict)).status).toBe(201)
    await desk.stored.store.entries.add(newEntry('Waits', { list: 'strict' }), [newPhoto(5)])
    const looks = desk.acts('requests.listed', 'entry.viewed').length
    expect(await waiting(anna)).toEqual({ ...before, requests: before.requests + 1 })
    expect(await waiting(bert)).toEqual({ requests: 0, imports: 0, others: 0 })
    const why = { 'x-vedette-reason': 'old%20list' }
    expect((await anna.post('/imports', { photos: 3 }, why)).status).toBe(201)
    expect(await waiting(bert)).toEqual({ requests: 0, imports: 1, others: 1 })
    expect(desk.acts('requests.listed', 'entry.viewed')).toHaveLength(looks)
  })
})

describe('what is known of an entry today', () => {
  it('is what an enrolment would be told: verdicts, look-alikes save itself, behaviour', async () => {
    const anyway = { name: 'Erin again', anyway: 'true' }
    const double = jsonOf<EnrolAnswer>(await anna.enrol(anyway, [second!])).entry!
    const standing = jsonOf<Findings>(await anna.get(`/entries/${erin.id}/standing`))
    expect(standing.photos).toMatchObject([{ photo: 1, accepted: true, code: null }])
    expect(standing.lookalikes[0]).toMatchObject({ entry: double.id, same: true })
    expect(standing.lookalikes.map(({ entry }) => entry)).not.toContain(erin.id)
    expect(standing.behaviour).toMatchObject({ kind: 'ordinary', taken: 1 })
    expect(standing.agreement).toEqual([null])
  })

  it('is what was done to it, by whom, without who looked at it', async () => {
    const edited = await anna.send(`/entries/${erin.id}`, {
      method: 'PATCH',
      body: JSON.stringify({ note: 'tall' }),
      headers: { 'content-type': 'application/json', 'x-vedette-reason': 'a%20witness' },
    })
    expect(edited.status).toBe(200)
    const acts = jsonOf<EntryAct[]>(await anna.get(`/entries/${erin.id}/history`))
    expect(acts.map(({ kind, by, why }) => [kind, by, why])).toEqual([
      ['entry.edited', 'anna', 'a witness'],
      ['entry.enrolled', 'anna', null],
    ])
    expect(Object.keys(acts[0]!)).not.toContain('from')
  })
})

describe('photographs that are added with a key', () => {
  it('are added once, however often that is asked for, and another request finds the key taken', async () => {
    const path = `/entries/${erin.id}/photos`
    const headers = { 'idempotency-key': 'one-more' }
    const add = (user: DeskUser, photo = second!) =>
      user.send(path, { method: 'POST', body: formOf({ anyway: 'true' }, [photo]), headers })
    const [first, twin] = await Promise.all([add(bert), add(bert)])
    const again = await add(bert)
    expect([first.status, twin.status, again.status]).toEqual([201, 201, 201])
    expect(jsonOf<EnrolAnswer>(again)).toEqual(jsonOf<EnrolAnswer>(twin))
    const { entry, photos } = jsonOf<EnrolAnswer>(again)
    expect([entry?.photos, photos[0]?.accepted]).toEqual([2, true])
    expect(jsonOf<Entry>(await anna.get(`/entries/${erin.id}`)).photos).toBe(2)
    expect(codeOf(await add(bert, third!))).toEqual([422, 'request.key-reused'])
    // The same words of somebody else are another key.
    expect(jsonOf<EnrolAnswer>(await add(anna)).entry?.photos).toBe(3)
  })
})

describe('an entry whose time is ended', () => {
  it('matches nobody any more, says so, and can be given time again', async () => {
    const { entry } = jsonOf<EnrolAnswer>(await anna.enrol({ name: 'Fay' }, [third!]))
    const path = `/entries/${entry!.id}`
    const looksLike = async () =>
      jsonOf<EnrolAnswer>(await anna.check({ anyway: 'true' }, [third!])).lookalikes.some(
        (one) => one.entry === entry!.id,
      )
    expect(await looksLike()).toBe(true)
    const why = { 'x-vedette-reason': 'warrant%20withdrawn' }
    const ended = await bert.post(`${path}/expire`, {}, why)
    expect(jsonOf<Entry>(ended)).toMatchObject({ state: 'expired' })
    expect(jsonOf<Entry>(ended).expiresAt).toBeLessThanOrEqual(Date.now())
    expect(await looksLike()).toBe(false)
    expect(desk.acts('entry.expired')).toEqual([['entry.expired', 'bert', 'warrant withdrawn']])

    const again = await bert.post(`${path}/expire`, {})
    expect(codeOf(again)).toEqual([409, 'entry.wrong-state'])
    expect(jsonOf<Problem>(again).hint).toContain('matches nobody already')
    expect((await bert.post(`${path}/extend`, {})).status).toBe(200)
    expect(await looksLike()).toBe(true)
  })
})
