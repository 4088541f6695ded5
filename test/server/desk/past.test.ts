import type { PastStatus } from '@vedette/server/desk/answered/past'
import { Walk } from '@vedette/server/matching/walk'
import type { Answer } from '@vedette/server/past/answer'
import { FormData } from 'undici'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'
import { HAND } from '../../support/server-past.ts'
import { jpegOf, oneFace } from '../../support/server-photos.ts'
import { sightingOf } from '../../support/server-sightings.ts'

const SPACE = 'dlib-resnet29-1'
const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser
let face: Buffer

beforeAll(async () => {
  face = await jpegOf(await oneFace(1))
})

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
})

afterEach(() => desk[Symbol.asyncDispose]())
afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

/** Whoever is on the photograph walks past a camera whose list keeps that. */
async function walked(camera = 'north', pictures = false): Promise<void> {
  await desk.lists.change('wanted', { keepFor: 24, keepPictures: pictures }, HAND)
  const { template } = await sight.photos.read(face, undefined, [SPACE])
  const at = Date.now()
  const { probe } = sightingOf('', {
    probe: { camera, probe: template, capturedAt: at, receivedAt: at, space: SPACE, chip: face },
  })
  const walk = new Walk(probe, 128, pictures)
  walk.add(probe)
  desk.keeper.take(walk, SPACE)
}

type Asking = Record<string, string> & { reason?: string }

function search(user: DeskUser, { reason, ...fields }: Asking = {}, photos = [face]) {
  const form = new FormData()
  form.append('since', String(Date.now() - 3_600_000))
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  for (const photo of photos) form.append('photo', new Blob([new Uint8Array(photo)]), 'face.jpg')
  const headers: Record<string, string> =
    reason === undefined ? {} : { 'x-vedette-reason': encodeURIComponent(reason) }
  return user.send('/past/search', { method: 'POST', body: form, headers })
}

const acts = (kind: string) =>
  desk.stored
    .elsewhere()
    .prepare('SELECT body FROM acts JOIN actBodies USING (seq) WHERE kind = ?')
    .pluck()
    .all(kind)
    .map(String)

describe('a search of the past at the desk', () => {
  it('answers a photograph with where and when, and is recorded with its reason', async () => {
    await walked()
    const said = await search(anna, { reason: 'case 4711: who took the bag' })
    expect(said.status).toBe(200)
    const answer = jsonOf<Answer>(said)
    expect(answer.sightings).toMatchObject([{ agent: 'gate-7', camera: 'north', pictured: false }])
    expect(answer.sightings[0]!.score).toBeGreaterThan(answer.sightings[0]!.needed)
    const [act, ...more] = acts('past.searched')
    expect(more).toEqual([])
    expect(act).toContain('case 4711: who took the bag')
    expect(act).toContain('"sightings":1')
    expect(said.bytes.toString()).not.toContain('probe')
  })

  it('keeps nothing of the photograph', async () => {
    await walked()
    await search(anna, { reason: 'case 4711' })
    await desk.past.beat()
    for (const table of ['entries', 'photos', 'templates', 'alerts']) {
      expect([table, desk.stored.rows(table)]).toEqual([table, 0])
    }
    const part = face.subarray(1000, 1064)
    for (const [name, content] of await desk.stored.files()) {
      expect([name, content.includes(part)]).toEqual([name, false])
    }
  })

  it('is refused without a reason, and nothing is recorded of it as a search', async () => {
    await walked()
    for (const reason of [undefined, '  ']) {
      const refused = await search(anna, { ...(reason !== undefined && { reason }) })
      expect([refused.status, jsonOf<{ code: string }>(refused).code]).toEqual([
        400,
        'past.no-reason',
      ])
    }
    expect(acts('past.searched')).toEqual([])
  })

  it('goes by what an alert shows, for whoever sees that alert', async () => {
    await walked()
    await desk.alert(await desk.entry(), { probe: { chip: face } })
    const [alert] = await desk.stored.store.alerts.list({ limit: 1 })
    const said = await search(anna, { reason: 'case 4711', alert: alert!.id }, [])
    expect(jsonOf<Answer>(said).sightings).toMatchObject([{ camera: 'north' }])
    expect(acts('past.searched')[0]).toContain(`"asInAlert":"${alert!.id}"`)
    const both = await search(anna, { reason: 'case 4711', alert: alert!.id })
    expect(jsonOf<{ code: string }>(both).code).toBe('photo.too-many')
    await desk.account('bert', 'admin', { lists: ['missing'] })
    const bert = desk.user((await deployment.issue('operator', 'bert')).credentials)
    const hidden = await search(bert, { reason: 'case 4711', alert: alert!.id }, [])
    expect([hidden.status, jsonOf<{ code: string }>(hidden).code]).toEqual([404, 'alert.not-found'])
  })

  it.each([
    ['no photograph', [], 'photo.none'],
    ['two', [0, 0], 'photo.too-many'],
  ])('is refused with %s', async (_, photos, code) => {
    const refused = await search(
      anna,
      { reason: 'case 1' },
      photos.map(() => face),
    )
    expect(jsonOf<{ code: string }>(refused).code).toBe(code)
  })

  it('is refused for a photograph without a face, a list that is none, and no time', async () => {
    const code = async (fields: Asking, photo = face) =>
      jsonOf<{ code: string }>(await search(anna, { reason: 'case 1', ...fields }, [photo])).code
    expect(await code({}, Buffer.from('no picture'))).toBe('photo.wrong-type')
    expect(await code({ list: 'none' })).toBe('list.not-found')
    expect(await code({ until: '5' })).toBe('request.invalid')
  })

  it('shows nobody what is at a camera, or of a list, that is not theirs', async () => {
    await walked('north')
    const { credentials } = await deployment.issue('operator', 'ben')
    await desk.account('ben', 'operator', { cameras: ['gate-7/south'] })
    const ben = desk.user(credentials)
    const answer = jsonOf<Answer>(await search(ben, { reason: 'case 2' }))
    expect([answer.sightings, answer.cameras]).toEqual([[], []])
    const { credentials: other } = await deployment.issue('operator', 'cleo')
    await desk.account('cleo', 'operator', { lists: ['other'] })
    const cleo = desk.user(other)
    expect(jsonOf<Answer>(await search(cleo, { reason: 'case 3' })).sightings).toEqual([])
    expect(jsonOf<PastStatus>(await cleo.get('/past')).lists).toEqual([])
    const refused = await search(cleo, { reason: 'case 3', list: 'wanted' })
    expect(jsonOf<{ code: string }>(refused).code).toBe('list.not-found')
  })

  it('shows the picture of a sighting, where one was kept, to whoever may see its camera', async () => {
    await walked('north', true)
    const [sighting] = jsonOf<Answer>(await search(anna, { reason: 'case 4' })).sightings
    const path = `/past/sightings/${sighting!.sighting}/picture`
    const picture = await anna.get(path)
    expect([picture.status, picture.type, picture.bytes.equals(face)]).toEqual([
      200,
      'image/jpeg',
      true,
    ])
    expect(acts('sighting.viewed')).toHaveLength(1)
    const { credentials } = await deployment.issue('operator', 'dora')
    await desk.account('dora', 'operator', { cameras: ['gate-7/south'] })
    const refused = await desk.user(credentials).get(path)
    expect(jsonOf<{ code: string }>(refused).code).toBe('sighting.not-found')
    expect(acts('sighting.viewed')).toHaveLength(1)
  })

  it('has no picture where none was kept', async () => {
    await walked('north')
    const [sighting] = jsonOf<Answer>(await search(anna, { reason: 'case 4' })).sightings
    const refused = await anna.get(`/past/sightings/${sighting!.sighting}/picture`)
    expect(jsonOf<{ code: string }>(refused).code).toBe('past.no-picture')
  })

  it('says what is kept, and for which lists', async () => {
    await walked()
    expect(jsonOf<PastStatus>(await anna.get('/past'))).toMatchObject({
      ...{ walks: 1, droppedUntil: null },
      lists: [{ list: 'wanted', keepFor: 86_400_000, keepPictures: false }],
    })
  })
})
