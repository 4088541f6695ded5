import type { Problem } from '@vedette/server/desk/problem'
import type { EnrolAnswer } from '@vedette/server/gallery/enrolment-answer'
import sharp from 'sharp'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sampleFile } from '../../support/models-samples.ts'
import { Deployment } from '../../support/server-deployment.ts'
import {
  type Answer,
  type DeskUser,
  jsonOf,
  openSight,
  TestDesk,
} from '../../support/server-desk.ts'
import { jpegOf, oneFace } from '../../support/server-photos.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const photo = async (face: 1 | 2 | 3) => ({
  file: `face-${face}.jpg`,
  bytes: await jpegOf(await oneFace(face)),
})
const [second, third] = await Promise.all([photo(2), photo(3)])
const group = { file: 'group.jpg', bytes: await sampleFile(3) }
const dark = {
  file: 'dark.jpg',
  bytes: await jpegOf(sharp(third.bytes).linear(0.3, 0)),
}
let desk: TestDesk
let anna: DeskUser

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
})

afterEach(() => desk[Symbol.asyncDispose]())

afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

const answered = (answer: Answer) => jsonOf<EnrolAnswer>(answer)
const refused = (answer: Answer) => jsonOf<Problem>(answer)
const entries = () => desk.stored.rows('entries')

describe('an enrolment is answered with', () => {
  it('what each photograph is worth, who looks like it, and what is to be expected', async () => {
    const first = answered(await anna.enrol({ name: 'Erin' }, [second]))
    expect(first.entry).toMatchObject({ name: 'Erin', photos: 1, strictness: 1 })
    expect(first.photos).toMatchObject([
      { photo: 1, file: 'face-2.jpg', accepted: true, code: null, face: 1, faces: [{ face: 1 }] },
    ])
    const aspects = first.photos[0]!.aspects
    expect(aspects.map(({ aspect }) => aspect).sort()).toEqual([
      'exposure',
      'pose',
      'shape',
      'sharpness',
      'size',
      'whole',
    ])
    expect(aspects.every(({ words }) => /\d|picture/.test(words))).toBe(true)
    expect(first.lookalikes).toEqual([])
    expect(first.behaviour).toMatchObject({ kind: 'ordinary', taken: 0 })
    expect(first.behaviour!.timesUsual).toBeLessThan(10)
    expect(first.agreement).toEqual([null])
  })

  it('what every camera has to expect, and that it knows too little of its own', async () => {
    const cameras = ['north', 'south']
    const welcome = { name: 'gate-7', serial: '01', software: 'x', cameras }
    await desk.stored.store.agents.welcomed(welcome, Date.now())
    const { forecast } = answered(await anna.enrol({ name: 'Erin' }, [second]))
    expect(forecast.map(({ agent, camera }) => `${agent}/${camera}`)).toEqual([
      'gate-7/north',
      'gate-7/south',
    ])
    for (const { forecast: alerts, words } of forecast) {
      expect(alerts.expected).toBeGreaterThan(0)
      expect(alerts).toMatchObject({ low: null, high: null })
      expect(words).toContain('not enough evidence')
    }
  })

  it('all of that where it is refused, every photograph judged', async () => {
    const answer = await anna.enrol({ name: 'Erin' }, [second, dark, group])
    expect(answer.status).toBe(422)
    const { code, detail, findings } = refused(answer)
    expect([code, detail]).toEqual([
      'photo.poor-face',
      expect.stringMatching(/^dark\.jpg: .*too dark: brightness \d+ of 255.*1 more/),
    ])
    expect(findings!.photos.map(({ accepted, code }) => [accepted, code])).toEqual([
      [true, null],
      [false, 'photo.poor-face'],
      [false, 'photo.several-faces'],
    ])
    const boxes = findings!.photos[2]!.faces.map(({ box }) => box.x)
    expect(boxes).toHaveLength(3)
    expect(boxes).toEqual(boxes.toSorted((p, q) => p - q))
    expect(entries()).toBe(0)
  })

  it('the good photographs, where that is enough', async () => {
    const answer = await anna.enrol({ name: 'Erin', poor: 'true' }, [second, dark])
    expect(answer.status).toBe(201)
    expect(answered(answer).entry).toMatchObject({ photos: 1 })
  })

  it('the face chosen in each photograph', async () => {
    const answer = await anna.enrol({ name: 'Erin', faces: '\n2' }, [second, group])
    expect(answered(answer).photos.map(({ face }) => face)).toEqual([1, 2])
    expect(answered(answer).agreement[0]).toBeGreaterThan(0.95)
  })
})

describe('somebody who is on a list already', () => {
  it('is refused, by entry and figure, and enrolled only when that is insisted upon', async () => {
    const { entry } = answered(await anna.enrol({ name: 'Erin' }, [second]))
    const again = await anna.enrol({ name: 'Someone' }, [second])
    expect(again.status).toBe(409)
    const { code, hint, findings } = refused(again)
    expect([code, hint]).toEqual(['entry.duplicate', expect.stringContaining('--add-to')])
    expect(findings!.lookalikes).toMatchObject([{ entry: entry!.id, name: 'Erin', same: true }])
    expect(entries()).toBe(1)
    expect((await anna.enrol({ name: 'Twin', anyway: 'true' }, [second])).status).toBe(201)
    expect(desk.stored.rows('entries')).toBe(2)
  })

  it('is not told of to whoever may not know of that list', async () => {
    await anna.enrol({ name: 'Erin' }, [second])
    await desk.account('bert', 'enroller', { lists: ['elsewhere'] })
    const bert = desk.user((await deployment.issue('operator', 'bert')).credentials)
    const answer = await bert.enrol({ name: 'Someone', list: 'wanted' }, [second])
    expect([answer.status, refused(answer).code]).toEqual([404, 'list.not-found'])
    expect(answer.bytes.toString()).not.toContain('Erin')
  })
})

describe('photographs of different people', () => {
  it('are refused as one entry, and named', async () => {
    const other = { file: 'other.jpg', bytes: await sampleFile(6) }
    const fields = { name: 'Erin', faces: '\n\n1' }
    const answer = await anna.enrol(fields, [second, second, other])
    expect(refused(answer)).toMatchObject({
      code: 'photo.other-person',
      detail: expect.stringContaining('other.jpg'),
    })
    expect(refused(answer).detail).not.toContain('face-2.jpg')
    expect(entries()).toBe(0)
    const insisting = { ...fields, anyway: 'true' }
    expect((await anna.enrol(insisting, [second, second, other])).status).toBe(201)
  })
})

describe('a check', () => {
  it('says the same and stores nothing, save that somebody looked', async () => {
    const form = await anna.check({}, [second])
    expect(form.status).toBe(200)
    expect(answered(form)).toMatchObject({ entry: null, photos: [{ accepted: true }] })
    expect(entries()).toBe(0)
    expect(desk.acts('entries.checked')).toEqual([['entries.checked', 'anna', null]])
  })
})

describe('the same key', () => {
  it('is answered the same and enrols once, also at once', async () => {
    const ask = () => anna.enrol({ name: 'Erin' }, [second], { 'idempotency-key': 'k1' })
    const [one, two] = await Promise.all([ask(), ask()])
    expect([one.status, two.status]).toEqual([201, 201])
    const three = await ask()
    const ids = [one, two, three].map((answer) => answered(answer).entry!.id)
    expect(new Set(ids).size).toBe(1)
    expect(answered(three)).toEqual(answered(one))
    expect(entries()).toBe(1)
  })

  it('is refused for anything else, and is free again once the entry is gone', async () => {
    const key = { 'idempotency-key': 'k1' }
    const { entry } = answered(await anna.enrol({ name: 'Erin' }, [second], key))
    const other = await anna.enrol({ name: 'Erin' }, [third], key)
    expect([other.status, refused(other).code]).toEqual([422, 'request.key-reused'])
    await anna.delete(`/entries/${entry!.id}`)
    expect(desk.stored.rows('enrolmentKeys')).toBe(0)
    expect((await anna.enrol({ name: 'Erin' }, [third], key)).status).toBe(201)
  })
})

describe('a sighting', () => {
  it('becomes an entry, and says where it is from', async () => {
    const wanted = await desk.entry()
    const chip = await sharp(third.bytes).resize({ width: 200 }).jpeg().toBuffer()
    await desk.alert(wanted, { probe: { chip } })
    const [alert] = jsonOf<{ id: string }[]>(await anna.get('/alerts'))
    const answer = await anna.enrol({ name: 'Seen', alert: alert!.id }, [])
    expect(answer.status).toBe(201)
    const { entry } = answered(answer)
    const kept = await desk.stored.store.entries.photos(entry!.id)
    expect(kept).toMatchObject([
      { source: expect.stringContaining(`sighting of alert ${alert!.id} at gate-7/`) },
    ])
    expect(Date.parse(kept[0]!.taken)).not.toBeNaN()
  })

  it('is not found where there is none, or no such frame', async () => {
    const none = await anna.enrol({ name: 'Seen', alert: 'none' }, [])
    expect([none.status, refused(none).code]).toEqual([404, 'alert.not-found'])
    await desk.alert(await desk.entry())
    const [alert] = jsonOf<{ id: string }[]>(await anna.get('/alerts'))
    const answer = await anna.enrol({ name: 'Seen', alert: alert!.id, shot: '9' }, [])
    expect([answer.status, refused(answer).code]).toEqual([404, 'alert.not-found'])
  })
})
