import type { Problem } from '@vedette/server/desk/problem'
import type { NamedAlert } from '@vedette/server/desk/routes/alerts'
import type { Held } from '@vedette/server/subject/held'
import { heldPage } from '@vedette/server/subject/page'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'
import { jpegOf, oneFace } from '../../support/server-photos.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser
let id: string

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  const photo = { file: 'front.jpg', bytes: await jpegOf(await oneFace(2)) }
  const said = {
    name: 'Eve <script>alert(1)</script>',
    aliases: 'Evi\nE. V.',
    reason: 'robbery',
    legalBasis: '§ 131 StPO',
    caseNumber: '4711',
  }
  const answer = await anna.enrol(said, [photo])
  expect(answer.status).toBe(201)
  id = jsonOf<{ entry: { id: string } }>(answer).entry.id
  await desk.alert(id, { probe: { agent: 'gate-7', camera: 'north' } })
  await desk.alert(id, { probe: { agent: 'gate-8', camera: 'south' } })
  const [first] = jsonOf<NamedAlert[]>(await anna.get('/alerts'))
  await anna.post(`/alerts/${first!.id}/acknowledge`, { note: 'on my way' })
  const near = { entryId: id, agent: 'gate-7', camera: 'north', walks: 3, highest: 0.94 }
  await desk.stored.store.nearMisses.add([{ ...near, templateId: 'x', lastAt: 1_763_650_000_000 }])
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const report = async (user = anna) => jsonOf<Held>(await user.get(`/entries/${id}/report`))

describe('all that is held about somebody', () => {
  it('is their entry, photographs, templates, alerts with what became of them, and who looked', async () => {
    await anna.get(`/entries/${id}/photos/1`)
    const held = await report()
    expect(held).toMatchObject({ madeBy: 'anna', complete: true, listName: 'wanted' })
    expect(held.entry).toMatchObject({ aliases: ['Evi', 'E. V.'], legalBasis: '§ 131 StPO' })
    expect(held.photos).toHaveLength(1)
    expect(held.templates[0]).toMatchObject({ space: 'dlib-resnet29-1', length: 128, photo: 1 })
    expect(held.alerts).toHaveLength(2)
    expect(held.alerts.flatMap(({ life }) => life.map(({ note }) => note))).toContain('on my way')
    expect(held.nearMisses).toMatchObject([{ agent: 'gate-7', walks: 3, highest: 0.94 }])
    expect(held.keeping.entryUntil).toBe(held.entry.expiresAt)
    expect(held.keeping).toMatchObject({ alerts: 31 * 86_400_000, views: 184 * 86_400_000 })
    const kinds = held.acts.map(({ kind, by }) => `${kind} ${by}`)
    expect(kinds).toContain('entry.enrolled anna')
    expect(kinds).toContain('entry.photo-viewed anna')
    expect(kinds.some((kind) => kind.startsWith('alert.acknowledged'))).toBe(true)
  })

  it('is on record as given out, and shows no template', async () => {
    const before = desk.acts('entry.reported').length
    const text = JSON.stringify(await report())
    expect(desk.acts('entry.reported')).toHaveLength(before + 1)
    const [template] = await desk.stored.store.entries.templates('dlib-resnet29-1', { entry: id })
    expect(text).not.toContain(String(template!.vector[0]).slice(0, 8))
    expect(text).not.toContain('"vector"')
  })

  it('is a page that stands alone: photographs in it, words escaped, nothing to fetch or run', async () => {
    const photo = await anna.get(`/entries/${id}/photos/1`)
    const page = heldPage(await report(), [photo.bytes])
    expect(page).toContain('Eve &lt;script&gt;')
    expect(page).not.toMatch(/<script|<link|https?:|url\(/)
    expect(page).toContain(`data:image/jpeg;base64,${photo.bytes.toString('base64').slice(0, 40)}`)
    for (const words of [
      '§ 131 StPO',
      'gate-8/south',
      'photograph viewed',
      'on my way',
      '0.940',
      '31 days',
    ]) {
      expect(page).toContain(words)
    }
  })

  it('says that it is not whole where whoever makes it does not see every camera', async () => {
    await desk.account('bert', 'approver', { cameras: ['gate-7/*'] })
    const bert = desk.user((await deployment.issue('operator', 'bert')).credentials)
    const held = await report(bert)
    expect(held.alerts.map(({ agent }) => agent)).toEqual(['gate-7'])
    expect(held.complete).toBe(false)
    expect(heldPage(held, [])).toContain('alerts may be missing')
  })

  it('is of somebody who is there', async () => {
    const answer = await anna.get('/entries/none/report')
    expect([answer.status, jsonOf<Problem>(answer).code]).toEqual([404, 'entry.not-found'])
  })
})
