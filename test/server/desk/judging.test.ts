import type { Problem } from '@vedette/server/desk/problem'
import type { NamedAlert, NamedIncident } from '@vedette/server/desk/routes/alerts'
import type { NamedRejection } from '@vedette/server/desk/routes/rejections'
import type { EntryHealth } from '@vedette/server/health/health'
import type { Entry } from '@vedette/server/store/entries'
import type { EvidenceFrame } from '@vedette/server/store/evidence'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'
import { sightingOf } from '../../support/server-sightings.ts'
import { newEntry, newPhoto } from '../../support/server-store.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser
let entryId: string

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  entryId = await desk.entry('Jane')
})

afterEach(() => desk[Symbol.asyncDispose]())
afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

async function alerts(): Promise<NamedAlert[]> {
  return jsonOf<NamedAlert[]>(await anna.get('/alerts'))
}

const codeOf = (answer: Awaited<ReturnType<DeskUser['get']>>) => [
  answer.status,
  jsonOf<Problem>(answer).code,
]

describe('"not him"', () => {
  it('is said of an alert, listed under its name, and undone', async () => {
    await desk.alert(entryId)
    const [{ id }] = (await alerts()) as [NamedAlert]
    const said = jsonOf<NamedAlert>(await anna.post(`/alerts/${id}/reject`, { note: 'a twin' }))
    expect(said).toMatchObject({ id, state: 'rejected', note: 'a twin', name: 'Jane' })
    const listed = async (query = '') =>
      jsonOf<NamedRejection[]>(await anna.get(`/rejections${query}`))
    const [rejection, ...more] = await listed()
    expect([rejection, more]).toMatchObject([
      { alertId: id, entryId, name: 'Jane', by: 'anna' },
      [],
    ])
    expect(await listed(`?entry=${entryId}`)).toHaveLength(1)
    expect(await listed('?entry=other')).toEqual([])
    expect(JSON.stringify(rejection)).not.toContain('vector')
    const undone = jsonOf<NamedAlert>(await anna.delete(`/rejections/${rejection!.id}`))
    expect([undone.state, await listed()]).toEqual(['open', []])
  })

  it.each([
    ['an alert that is none', () => anna.post('/alerts/none/reject', {}), 404, 'alert.not-found'],
    [
      'with a note of a kind',
      () => anna.post('/alerts/x/reject', { note: 7 }),
      400,
      'request.invalid',
    ],
    ['undone, that is none', () => anna.delete('/rejections/none'), 404, 'rejection.not-found'],
  ])('of %s is refused', async (_what, ask, status, code) => {
    expect(codeOf(await ask())).toEqual([status, code])
  })

  it('twice is refused', async () => {
    await desk.alert(entryId)
    const [{ id }] = (await alerts()) as [NamedAlert]
    await anna.post(`/alerts/${id}/reject`, {})
    expect(codeOf(await anna.post(`/alerts/${id}/reject`, {}))).toEqual([409, 'alert.wrong-state'])
    expect(await desk.stored.store.rejections.list()).toHaveLength(1)
  })
})

describe('an alert', () => {
  it('shows the frames it rests on, each with its picture', async () => {
    const probe = { track: 'a walk/with a slash', camera: 'north' }
    for (const [shot, standing] of (['reached', 'held', 'fallen'] as const).entries()) {
      const chip = Buffer.from(`chip ${shot}`)
      const capturedAt = 1_763_650_000_000 + shot
      await desk.alerts.consider(
        sightingOf(entryId, { standing, probe: { ...probe, shot, chip, capturedAt } }),
      )
    }
    const [{ id, certainty }] = (await alerts()) as [NamedAlert]
    const frames = jsonOf<EvidenceFrame[]>(await anna.get(`/alerts/${id}/frames`))
    expect([certainty, frames.map(({ shot }) => shot)]).toEqual(['withdrawn', [0, 1, 2]])
    const track = encodeURIComponent(frames[1]!.track)
    const { type, bytes } = await anna.get(`/alerts/${id}/frames/${track}/1`)
    expect([type, bytes.toString()]).toEqual(['image/jpeg', 'chip 1'])
    expect(codeOf(await anna.get(`/alerts/${id}/frames/${track}/9`))).toEqual([
      404,
      'alert.not-found',
    ])
  })

  it('that may be either of two gives no name, and says which two', async () => {
    const { entry } = await desk.stored.store.entries.add(newEntry('John'), [newPhoto(2)])
    await desk.alert(entryId, { rival: entry.id })
    expect(await alerts()).toMatchObject([{ either: ['Jane', 'John'] }])
    expect((await alerts())[0]!.name).toBeUndefined()
  })
})

it('incidents show one trail with its cameras and its name', async () => {
  for (const [i, camera] of ['gate', 'hall'].entries()) {
    await desk.alerts.consider(
      sightingOf(entryId, { probe: { camera, capturedAt: 1_763_650_000_000 + 1000 * i } }),
    )
  }
  const [incident, ...more] = jsonOf<NamedIncident[]>(await anna.get('/incidents'))
  expect(more).toEqual([])
  expect(incident).toMatchObject({ name: 'Jane', alerts: [{ camera: 'gate' }, { camera: 'hall' }] })
  const of = await anna.get(`/alerts?incident=${incident!.id}`)
  expect(jsonOf<NamedAlert[]>(of)).toHaveLength(2)
  expect(codeOf(await anna.get('/incidents?limit=0'))).toEqual([400, 'request.invalid'])
})

describe('an entry', () => {
  it('is tightened, and its health shows it', async () => {
    const path = `/entries/${entryId}/strictness`
    expect(jsonOf<Entry>(await anna.post(path, { factor: 10 }))).toMatchObject({ strictness: 10 })
    const health = jsonOf<EntryHealth[]>(await anna.get('/entries/health'))
    expect(health).toMatchObject([{ entryId, name: 'Jane', strictness: 10, advice: [] }])
    expect(codeOf(await anna.post(path, { factor: 0 }))).toEqual([400, 'entry.invalid'])
    expect(codeOf(await anna.post(path, {}))).toEqual([400, 'request.invalid'])
    expect(codeOf(await anna.post('/entries/none/strictness', { factor: 2 }))).toEqual([
      404,
      'entry.not-found',
    ])
  })

  it('loses a photograph, and never the last', async () => {
    const { store } = desk.stored
    const photos = [newPhoto(1), newPhoto(2), newPhoto(3)]
    const { entry } = await store.entries.add(newEntry('Bert'), photos)
    const remove = (photo: string) => anna.delete(`/entries/${entry.id}/photos/${photo}`)
    expect(jsonOf<Entry>(await remove('2'))).toMatchObject({ photos: 2 })
    const left = await Promise.all([0, 1].map((i) => store.entries.photo(entry.id, i)))
    expect(left.map(String)).toEqual(['picture 1', 'picture 3'])
    for (const photo of ['0', '3', 'x', '1.5']) {
      expect(codeOf(await remove(photo))).toEqual([404, 'entry.not-found'])
    }
    await remove('1')
    expect(codeOf(await remove('1'))).toEqual([409, 'entry.last-photo'])
    expect(await store.entries.positions()).toMatchObject({ size: 2 })
  })
})
