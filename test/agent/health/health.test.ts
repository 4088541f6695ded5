import { CameraHealth, type TroubleReport } from '@vedette/agent/health/health'
import { measure } from '@vedette/agent/health/measure'
import { decodePicture, type Picture } from '@vedette/models/picture'
import sharp from 'sharp'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { picture } from '../../support/agent-pictures.ts'
import { seeded } from '../../support/agent-random.ts'
import { samplePicture } from '../../support/models-samples.ts'

const AFTER = { enabled: true, after: 6000, frozen: 8000, silent: 8000 }

let clock: ManualClock
let health: CameraHealth
let told: TroubleReport[]
let view: Picture
let elsewhere: Picture

beforeAll(async () => {
  const photo = await samplePicture(1)
  view = await cut(photo, { left: 200, top: 0, width: 1280, height: 720 })
  elsewhere = await cut(photo, { left: 520, top: 90, width: 960, height: 540 })
})

beforeEach(() => {
  clock = new ManualClock()
  told = []
  health = new CameraHealth({ ...AFTER, clock, patient: false, report: (one) => told.push(one) })
})

afterEach(() => health.stop())

async function cut(
  { width, height, data }: Picture,
  part: Record<'left' | 'top' | 'width' | 'height', number>,
): Promise<Picture> {
  const made = await sharp(data, { raw: { width, height, channels: 3 } })
    .extract(part)
    .resize(640, 360)
    .raw()
    .toBuffer()
  return { width: 640, height: 360, data: made }
}

async function blurred({ width, height, data }: Picture, sigma: number): Promise<Picture> {
  const made = await sharp(data, { raw: { width, height, channels: 3 } })
    .blur(sigma)
    .raw()
    .toBuffer()
  return { width, height, data: made }
}

const random = seeded(3)

/** The same view as a camera shows it again: no two frames are alike to the last bit. */
function again({ width, height, data }: Picture): Picture {
  const noisy = Uint8Array.from(data)
  for (let i = 0; i < 200; i++) {
    const at = Math.floor(random() * noisy.length)
    noisy[at] = Math.min(255, noisy[at]! + 1)
  }
  return { width, height, data: noisy }
}

/** Shows `scene` for so many seconds, five frames a second. */
async function show(scene: Picture, seconds: number, noise = true): Promise<void> {
  for (let i = 0; i < seconds * 5; i++) {
    clock.advance(200)
    const now = clock.now()
    health.see({ picture: noise ? again(scene) : scene, capturedAt: now, sceneTime: now })
  }
  await encoded()
}

/** Pictures are encoded on other threads: resolves when none is, and what follows from it is done. */
async function encoded(): Promise<void> {
  let busy: number
  do {
    await new Promise((resolve) => setTimeout(resolve, 1))
    const { queue, process } = sharp.counters()
    busy = queue + process
  } while (busy > 0)
}

const begun = () => told.filter(({ over }) => !over).map(({ kind }) => kind)
const ended = () => told.filter(({ over, picture: shown }) => over && shown).map(({ kind }) => kind)

describe('the health of a camera', () => {
  it('is told of nothing while it shows what it always shows', async () => {
    await show(view, 60)
    expect(begun()).toEqual([])
  })

  it.each([
    ['dark', () => picture(640, 360, (x) => 8 + (x % 7))],
    ['covered', () => picture(640, 360, (x, y) => 90 + x / 40 + y / 60)],
    ['blurred', () => blurred(view, 4)],
    ['moved', () => elsewhere],
  ] as const)(
    'tells when it is %s within ten seconds, with its picture, and when that is over',
    async (kind, scene) => {
      await show(view, 20)
      const from = clock.now()
      await show(await scene(), 10)
      expect(begun()).toEqual([kind])
      const [trouble] = told.filter(({ over }) => !over)
      expect(trouble!.since - from).toBeLessThanOrEqual(1000)
      expect(trouble!.at - from).toBeLessThanOrEqual(10_000)
      const shown = await decodePicture(trouble!.picture!)
      expect([shown.width, shown.height]).toEqual([320, 180])
      expect(health.troubles).toEqual([kind])
      await show(view, 10)
      expect(begun()).toEqual([kind])
      expect(ended()).toEqual([kind])
      expect(health.troubles).toEqual([])
    },
  )

  it('tells when pictures are alike to the last bit, but not of a dark or covered one', async () => {
    await show(view, 20)
    await show(view, 12, false)
    expect(begun()).toEqual(['frozen'])
    await show(view, 8)
    expect(ended()).toEqual(['frozen'])
    await show(
      picture(640, 360, () => 0),
      20,
      false,
    )
    expect(begun()).toEqual(['frozen', 'dark'])
  })

  it('tells when no frames come, with the last there was, and when they come again', async () => {
    await show(view, 5)
    clock.advance(7000)
    expect(health.troubles).toEqual([])
    clock.advance(2000)
    expect(health.troubles).toEqual(['silent'])
    await show(view, 6)
    expect(begun()).toEqual(['silent'])
    expect(ended()).toEqual(['silent'])
    expect(told[0]!.picture).toBeDefined()
    expect(told[0]!.at - told[0]!.since).toBeLessThanOrEqual(10_000)
  })

  it('tells of a camera that never showed anything, without a picture', async () => {
    clock.advance(10_000)
    await health.stop()
    expect(told).toMatchObject([{ kind: 'silent', over: false }])
    expect(told[0]!.picture).toBeUndefined()
  })

  it('does not miss frames of a camera that gives one every ten seconds', async () => {
    for (let i = 0; i < 30; i++) {
      clock.advance(10_000)
      const now = clock.now()
      health.see({ picture: again(view), capturedAt: now, sceneTime: now })
    }
    expect(health.troubles).toEqual([])
  })

  it('does not take a light that goes on or off, or somebody who walks past, for a trouble', async () => {
    await show(view, 20)
    const dim = { ...view, data: view.data.map((level) => level * 0.6) }
    await show(dim, 12)
    const walker = { ...view, data: Uint8Array.from(view.data) }
    for (let y = 60; y < 360; y++) walker.data.fill(40, (y * 640 + 200) * 3, (y * 640 + 330) * 3)
    await show(walker, 12)
    expect(begun()).toEqual([])
  })

  it('takes a new view for the usual one after ten minutes, and says that the trouble is over', async () => {
    await show(view, 20)
    await show(elsewhere, 10)
    expect(begun()).toEqual(['moved'])
    for (let i = 0; i < 1300; i++) {
      clock.advance(500)
      const now = clock.now()
      health.see({ picture: again(elsewhere), capturedAt: now, sceneTime: now })
    }
    await show(elsewhere, 1)
    expect(health.troubles).toEqual([])
    expect(ended()).toEqual(['moved'])
    await show(view, 10)
    expect(begun()).toEqual(['moved', 'moved'])
  })

  it('says what does not stand when it has seen enough: an earlier life may have left something', async () => {
    await show(view, 15)
    const well = told.filter(({ over }) => over).map(({ kind }) => kind)
    expect(well.toSorted()).toEqual(['blurred', 'covered', 'dark', 'frozen', 'moved', 'silent'])
    await show(view, 30)
    expect(told).toHaveLength(6)
  })

  it('is looked after by nobody where that is switched off', async () => {
    const off = new CameraHealth({
      ...{ ...AFTER, enabled: false },
      clock,
      patient: false,
      report: (one) => told.push(one),
    })
    clock.advance(60_000)
    const now = clock.now()
    off.see({ picture: view, capturedAt: now, sceneTime: now })
    expect(off.troubles).toEqual([])
  })
})

describe('what is measured of a picture', () => {
  it('hardly depends on its resolution', async () => {
    const photo = await samplePicture(1)
    const { width, height, data } = photo
    const large = await sharp(data, { raw: { width, height, channels: 3 } })
      .extract({ left: 200, top: 0, width: 1280, height: 720 })
      .raw()
      .toBuffer()
    const [one, other] = [measure(view), measure({ width: 1280, height: 720, data: large })]
    expect(Math.abs(one.bright - other.bright)).toBeLessThan(12)
    expect(Math.abs(one.textured - other.textured)).toBeLessThan(0.1)
  })

  it('says nothing is wrong with a picture of a few pixels', () => {
    expect(measure(picture(20, 20))).toMatchObject({ bright: 255, textured: 1 })
  })
})
