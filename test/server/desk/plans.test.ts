import type { Problem } from '@vedette/server/desk/problem'
import type { CameraPlace } from '@vedette/server/store/places'
import type { FloorPlan } from '@vedette/server/store/plans'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, formOf, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser
/** An admin of camera gate-7/north alone. */
let bert: DeskUser

const SECRET = 'where the vault is'
/** A drawing with a word in it that no picture shows. */
const drawing = await sharp({
  create: { width: 300, height: 200, channels: 4, background: '#00000000' },
})
  .withExif({ IFD0: { ImageDescription: SECRET } })
  .png()
  .toBuffer()

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  await desk.account('bert', 'admin', { cameras: ['gate-7/north'] })
  bert = desk.user((await deployment.issue('operator', 'bert')).credentials)
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const upload = (user: DeskUser, bytes: Uint8Array, fields: Record<string, string> = {}) =>
  user.send('/plans', {
    method: 'POST',
    body: formOf({ name: 'Hall', ...fields }, [{ file: 'hall.png', bytes }]),
  })
const plansOf = async (user: DeskUser) => jsonOf<FloorPlan[]>(await user.get('/plans'))
const placeOf = async (user: DeskUser, camera: string) =>
  jsonOf<CameraPlace[]>(await user.get('/cameras/places')).find((one) => one.camera === camera)
const codeOf = (answer: { bytes: Buffer }) => jsonOf<Problem>(answer as never).code

describe('a floor plan', () => {
  it('is kept as a picture made anew, sealed, and without anything else of its file', async () => {
    expect(drawing.includes(SECRET)).toBe(true)
    const answer = await upload(anna, drawing, { metres: '42.5', north: '90' })
    expect(answer.status).toBe(201)
    const plan = jsonOf<FloorPlan>(answer)
    expect(plan).toMatchObject({ name: 'Hall', width: 300, height: 200, metres: 42.5, north: 90 })
    const image = await anna.get(`/plans/${plan.id}/image`)
    expect([image.status, image.type]).toEqual([200, 'image/webp'])
    expect(image.bytes.includes(SECRET)).toBe(false)
    const { data } = await sharp(image.bytes).raw().toBuffer({ resolveWithObject: true })
    // What was transparent is paper.
    expect([...data.subarray(0, 3)]).toEqual([255, 255, 255])
    const kept = desk.stored.elsewhere().prepare('SELECT image FROM floorPlans').pluck().get()
    expect(Buffer.from(kept as Uint8Array).includes('WEBP')).toBe(false)
    expect(desk.acts('plan.added')).toEqual([['plan.added', 'anna', null]])
  })

  it.each([
    ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'photo.wrong-type', 422],
    ['a torn file', drawing.subarray(0, 60), 'photo.unreadable', 422],
    ['too much', Buffer.alloc(8 * 1024 * 1024 + 1), 'photo.too-large', 413],
  ])('is not %s: nothing is kept of it', async (_what, bytes, code, status) => {
    const before = desk.digest()
    const answer = await upload(anna, bytes)
    expect([answer.status, codeOf(answer)]).toEqual([status, code])
    expect(desk.digest()).toBe(before)
  })

  it('has one picture, a name, and sizes that can be', async () => {
    const send = (fields: Record<string, string>, files = 1) =>
      anna.send('/plans', {
        method: 'POST',
        body: formOf(fields, Array(files).fill({ file: 'a.png', bytes: drawing })),
      })
    const before = desk.digest()
    expect(codeOf(await send({ name: 'A' }, 0))).toBe('photo.none')
    expect(codeOf(await send({ name: 'A' }, 2))).toBe('photo.too-many')
    for (const wrong of [
      { name: ' ' },
      { name: 'A', metres: '0' },
      { name: 'A', north: '361' },
      { name: 'A', metres: 'many' },
      { name: 'A', owner: 'me' },
    ]) {
      expect(codeOf(await send(wrong as never))).toBe('request.invalid')
    }
    expect(desk.digest()).toBe(before)
  })

  it('has cameras on it, each once; with it they are off', async () => {
    const [hall] = await plansOf(anna)
    const roof = jsonOf<FloorPlan>(await upload(anna, drawing, { name: 'Roof' }))
    const on = { plan: hall!.id, x: 0.25, y: 0.5 }
    expect((await anna.put('/cameras/gate-7/hall/plan', on)).status).toBe(204)
    expect(await placeOf(anna, 'hall')).toMatchObject({ place: null, plan: on })
    expect((await anna.put('/cameras/gate-7/hall/plan', { ...on, plan: roof.id })).status).toBe(204)
    expect((await placeOf(anna, 'hall'))?.plan?.plan).toBe(roof.id)
    const outside = await anna.put('/cameras/gate-7/hall/plan', { ...on, x: 1.1 })
    expect(codeOf(outside)).toBe('request.invalid')
    const none = await anna.put('/cameras/gate-7/hall/plan', { ...on, plan: 'none' })
    expect([none.status, codeOf(none)]).toEqual([404, 'plan.not-found'])
    const renamed = { name: 'Roof terrace', metres: 12, north: 0 }
    expect((await anna.put(`/plans/${roof.id}`, renamed)).status).toBe(204)
    expect((await plansOf(anna)).find(({ id }) => id === roof.id)).toMatchObject(renamed)
    expect((await anna.delete(`/plans/${roof.id}`)).status).toBe(204)
    expect(await placeOf(anna, 'hall')).toBeUndefined()
    expect(codeOf(await anna.delete('/cameras/gate-7/hall/plan'))).toBe('camera.not-found')
    expect((await anna.get(`/plans/${roof.id}/image`)).status).toBe(404)
    expect(
      desk.acts('plan.changed', 'plan.removed', 'camera.placed').map(([kind]) => kind),
    ).toEqual(['camera.placed', 'camera.placed', 'plan.changed', 'plan.removed'])
  })

  it('is there for those who see a camera on it, and changed by those who see them all', async () => {
    const [hall] = await plansOf(anna)
    const on = { plan: hall!.id, x: 0, y: 0 }
    expect((await anna.put('/cameras/gate-8/south/plan', on)).status).toBe(204)
    expect(await plansOf(bert)).toEqual([])
    for (const answer of [
      await bert.get(`/plans/${hall!.id}/image`),
      await bert.delete(`/plans/${hall!.id}`),
      await bert.put(`/plans/${hall!.id}`, { name: 'Mine', metres: null, north: 0 }),
      await bert.put('/cameras/gate-7/north/plan', on),
    ]) {
      expect([answer.status, codeOf(answer)]).toEqual([404, 'plan.not-found'])
    }
    const other = await bert.put('/cameras/gate-8/south/plan', on)
    expect([other.status, codeOf(other)]).toEqual([404, 'camera.not-found'])
    expect((await anna.put('/cameras/gate-7/north/plan', { ...on, x: 1 })).status).toBe(204)
    expect((await plansOf(bert)).map(({ id }) => id)).toEqual([hall!.id])
    expect((await bert.get(`/plans/${hall!.id}/image`)).status).toBe(200)
    const seen = jsonOf<CameraPlace[]>(await bert.get('/cameras/places'))
    expect(seen.map(({ camera }) => camera)).toEqual(['north'])
    const removed = await bert.delete(`/plans/${hall!.id}`)
    expect([removed.status, codeOf(removed)]).toEqual([403, 'operator.not-allowed'])
    expect(await plansOf(anna)).toHaveLength(1)
  })
})

describe('how a camera looks', () => {
  it('can be said without saying where it is, and does not hide what its agent says', async () => {
    const said = { camera: 'yard', latitude: 47, longitude: 8, bearing: 10, fieldOfView: 60 }
    await desk.stored.store.places.report('gate-7', [said], 0)
    expect((await anna.put('/cameras/gate-7/yard/place', { bearing: 200, range: 25 })).status).toBe(
      204,
    )
    expect(await placeOf(anna, 'yard')).toMatchObject({
      origin: 'operator',
      place: { latitude: 47, longitude: 8, bearing: 200, fieldOfView: 60 },
      view: { bearing: 200, fieldOfView: 60, range: 25 },
    })
    const moved = { latitude: 46, longitude: 7 }
    expect((await anna.put('/cameras/gate-7/yard/place', moved)).status).toBe(204)
    expect(await placeOf(anna, 'yard')).toMatchObject({
      place: { ...moved, bearing: null },
      view: { bearing: null, fieldOfView: null, range: null },
    })
    for (const wrong of [{}, { latitude: 1 }, { range: 0 }, { address: 'Here 1', latitude: 1 }]) {
      expect(codeOf(await anna.put('/cameras/gate-7/yard/place', wrong))).toBe('request.invalid')
    }
  })
})
