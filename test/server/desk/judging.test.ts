import type { NamedIncident } from '@vedette/server/desk/answered/alerts'
import type { NamedRejection } from '@vedette/server/desk/answered/rejections'
import type { Problem } from '@vedette/server/desk/problem'
import type { NamedAlert } from '@vedette/server/desk/routes/alerts'
import type { EntryHealth } from '@vedette/server/health/health'
import type { Step } from '@vedette/server/store/alerts'
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

describe('judging an alert', () => {
  const raised = async () => {
    await desk.alert(entryId)
    return (await alerts())[0]!.id
  }
  const resolve = (id: string, outcome: string, note: unknown = 'his papers') =>
    anna.post(`/alerts/${id}/resolve`, { outcome, note })
  const life = async (id: string) => jsonOf<Step[]>(await anna.get(`/alerts/${id}/life`))

  it('false tells that face apart, which is listed under its name, and taken back', async () => {
    const id = await raised()
    const said = jsonOf<NamedAlert>(await resolve(id, 'false', 'a twin'))
    expect(said).toMatchObject({ id, state: 'resolved', outcome: 'false', name: 'Jane' })
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
    expect([undone.state, undone.outcome, await listed()]).toEqual(['open', null, []])
  })

  it.each(['true', 'unresolved'])('%s tells nobody apart', async (outcome) => {
    const id = await raised()
    const said = jsonOf<NamedAlert>(await resolve(id, outcome))
    expect(said).toMatchObject({ state: 'resolved', outcome, resolvedBy: 'anna' })
    expect(await desk.stored.store.rejections.list()).toEqual([])
  })

  it('keeps who said what, when, from where and why, also what was taken back', async () => {
    const id = await raised()
    await anna.send(`/alerts/${id}/acknowledge`, {
      method: 'POST',
      headers: { 'x-vedette-reason': encodeURIComponent('my shift, Łódź') },
    })
    await resolve(id, 'true')
    await anna.post(`/alerts/${id}/reopen`, { note: 'wrong alert' })
    const who = { by: 'anna', from: '127.0.0.1', at: expect.any(Number) }
    expect(await life(id)).toMatchObject([
      { kind: 'raised', by: null, from: null, note: null },
      { kind: 'acknowledged', ...who, note: null, why: 'my shift, Łódź' },
      { kind: 'resolved', ...who, outcome: 'true', note: 'his papers' },
      { kind: 'reopened', ...who, outcome: 'true', note: 'wrong alert' },
    ])
    const [alert] = await alerts()
    expect(alert).toMatchObject({ state: 'open', outcome: null, acknowledgedBy: null })
    const acts = desk.stored
      .elsewhere()
      .prepare(`SELECT kind FROM acts WHERE kind LIKE 'alert.%' ORDER BY seq`)
    const done = acts
      .pluck()
      .all()
      .filter((kind) => kind !== 'alert.viewed')
    expect(done).toEqual(
      ['raised', 'acknowledged', 'resolved', 'reopened'].map((k) => `alert.${k}`),
    )
  })

  it('writes what was said to the disk sealed, and nowhere else', async () => {
    const id = await raised()
    await resolve(id, 'false', 'sentinel words of a note')
    const files = [...(await desk.stored.files()).values()]
    expect(files.some((file) => file.includes('sentinel words'))).toBe(false)
    expect((await life(id)).at(-1)).toMatchObject({ note: 'sentinel words of a note' })
    expect(JSON.stringify(desk.book.lines)).not.toContain('sentinel')
  })

  it.each([
    ['an alert that is none', () => resolve('none', 'true'), 404, 'alert.not-found'],
    [
      'without an outcome',
      async () => anna.post(`/alerts/${await raised()}/resolve`, { note: 'x' }),
      400,
      'request.invalid',
    ],
    [
      'with another outcome',
      async () => resolve(await raised(), 'rejected'),
      400,
      'request.invalid',
    ],
    ['without a note', async () => resolve(await raised(), 'true', ' '), 400, 'request.invalid'],
    [
      'with a note of a kind',
      async () => resolve(await raised(), 'true', 7),
      400,
      'request.invalid',
    ],
    [
      'that is not resolved, taken back',
      async () => anna.post(`/alerts/${await raised()}/reopen`, {}),
      409,
      'alert.wrong-state',
    ],
    ['undone, that is none', () => anna.delete('/rejections/none'), 404, 'rejection.not-found'],
  ])('of %s is refused', async (_what, ask, status, code) => {
    expect(codeOf(await ask())).toEqual([status, code])
  })

  it('by two at once is for the first, and the second is told who that was', async () => {
    const id = await raised()
    const bert = desk.user(deployment.anna)
    const answers = await Promise.all([
      resolve(id, 'false'),
      bert.post(`/alerts/${id}/resolve`, { outcome: 'true', note: 'it is him' }),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
    const late = answers.find(({ status }) => status === 409)!
    expect(jsonOf<Problem>(late)).toMatchObject({
      code: 'alert.wrong-state',
      detail: expect.stringMatching(/^alert .* is resolved \((true|false)\), by anna at 20/),
      hint: `if that was a mistake: vedette alerts reopen ${id}`,
    })
    const { outcome } = (await alerts())[0]!
    expect(await desk.stored.store.rejections.list()).toHaveLength(outcome === 'false' ? 1 : 0)
    expect((await life(id)).map(({ kind }) => kind)).toEqual(['raised', 'resolved'])
  })

  it('is left undone, with all that follows from it, when it cannot be recorded', async () => {
    const id = await raised()
    desk.stored.elsewhere().exec(`
      CREATE TRIGGER fails BEFORE INSERT ON acts WHEN NEW.kind = 'alert.resolved'
      BEGIN SELECT RAISE(ABORT, 'no'); END
    `)
    expect(codeOf(await resolve(id, 'false'))).toEqual([503, 'store.failed'])
    expect(await alerts()).toMatchObject([{ state: 'open', outcome: null }])
    expect(await desk.stored.store.rejections.list()).toEqual([])
    expect((await life(id)).map(({ kind }) => kind)).toEqual(['raised'])
  })

  it('is found again by what came of it', async () => {
    const ids = [await raised(), await raised(), await raised()]
    await resolve(ids[0]!, 'true')
    await resolve(ids[1]!, 'false')
    const found = async (query: string) =>
      jsonOf<NamedAlert[]>(await anna.get(`/alerts?${query}`)).map(({ id }) => id)
    expect(await found('outcome=true')).toEqual([ids[0]])
    expect(await found('state=resolved')).toEqual([ids[1], ids[0]])
    expect(await found(`state=open&entry=${entryId}&list=wanted`)).toEqual([ids[2]])
    expect(await found('entry=other')).toEqual([])
    const { camera, agent, capturedAt } = (await alerts())[0]!
    expect(await found(`agent=${agent}&camera=${encodeURIComponent(camera)}`)).toEqual([ids[2]])
    expect(await found(`since=${capturedAt + 1}`)).toEqual([])
    expect(await found(`since=${capturedAt}`)).toHaveLength(3)
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
