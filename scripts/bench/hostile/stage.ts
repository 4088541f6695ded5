import { readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Picture } from '@vedette/models/picture'
import { seeded } from '../measure.ts'
import { type Clip, encoded, makeClip } from './clip.ts'
import { FakeCamera } from './fake-camera.ts'
import { httpCamera } from './http.ts'
import type { Scene } from './kind.ts'
import { rtspCamera } from './rtsp.ts'

/** Colours that are told apart however they were encoded. */
const COLOURS = { good: '0x20c040', hostile: '0x2040c0', forbidden: '0xe020e0' } as const

const FORBIDDEN = [0xe0, 0x20, 0xe0]
const TOLERANCE = 40
/** Where a picture is looked at, as shares of it. */
const SAMPLES = [0, 0.1, 0.3, 0.5, 0.7, 0.9]

/** What all trials share: a good clip and file, and all that hostile sources use. */
export type Stage = Omit<Scene, 'self'> & {
  good: Clip
  goodFile: Buffer
  /** Ends every talk with the cameras elsewhere. */
  hangUp: () => void
  /** Whether anybody has read the canary; undefined where the disk does not note it. */
  canaryRead: () => Promise<boolean | undefined>
}

export async function makeStage(folder: string): Promise<Stage & AsyncDisposable> {
  const [good, clip, large] = await Promise.all([
    makeClip('320x240', COLOURS.good),
    makeClip('320x240', COLOURS.hostile),
    makeClip('640x480', COLOURS.hostile),
  ])
  const [canary, control] = [join(folder, 'canary.avi'), join(folder, 'control.avi')]
  const forbidden = await avi(COLOURS.forbidden)
  for (const file of [canary, control]) {
    await writeFile(file, forbidden)
    await utimes(file, 0, Date.now() / 1000)
  }
  await readFile(control)
  const noted = await wasRead(control)
  const rtsp = await FakeCamera.start(rtspCamera(clip))
  const mjpeg = await FakeCamera.start(httpCamera(clip))
  return {
    ...{
      good,
      goodFile: await avi(COLOURS.good),
      video: await avi(COLOURS.hostile),
      clip,
      large,
      canary,
    },
    elsewhere: { rtsp: `rtsp://127.0.0.1:${rtsp.port}/`, mjpeg: `http://127.0.0.1:${mjpeg.port}/` },
    hangUp() {
      for (const camera of [rtsp, mjpeg]) camera.becomes(camera.play, { restarted: true })
    },
    random: seeded(1),
    canaryRead: async () => (noted ? wasRead(canary) : undefined),
    async [Symbol.asyncDispose]() {
      await Promise.all([rtsp[Symbol.asyncDispose](), mjpeg[Symbol.asyncDispose]()])
    },
  }
}

/** What a picture is of: of the forbidden colour is only what is that all over. */
export function subjectOf({ data }: Picture): keyof typeof COLOURS {
  const [red, green, blue] = data.subarray(0, 3)
  const forbidden = SAMPLES.every((share) => {
    const at = 3 * Math.floor((share * data.length) / 3)
    return FORBIDDEN.every((level, i) => Math.abs(data[at + i]! - level) < TOLERANCE)
  })
  if (forbidden) return 'forbidden'
  return Math.abs(green! - 0xc0) < TOLERANCE && red! < 0x60 && blue! < 0x80 ? 'good' : 'hostile'
}

function avi(colour: string): Promise<Buffer> {
  const source = `color=c=${colour}:size=320x240:rate=10:duration=2`
  return encoded(source, ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-f', 'avi'])
}

async function wasRead(file: string): Promise<boolean> {
  return (await stat(file)).atimeMs > 0
}
