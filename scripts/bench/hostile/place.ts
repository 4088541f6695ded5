import { rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FfmpegSourceConfig } from '@vedette/agent/sources/ffmpeg-input'
import { FakeCamera } from './fake-camera.ts'
import { httpCamera } from './http.ts'
import type { Kind } from './kind.ts'
import { rtspCamera } from './rtsp.ts'
import type { Stage } from './stage.ts'

/** Where a source is, which can become a good one at the same address. */
export type Place = AsyncDisposable & {
  config: FfmpegSourceConfig
  /** Whoever was shown pictures is hung up on: a camera that was changed for another. */
  turnGood?: (shown: boolean) => unknown
}

let files = 0

export async function openPlace(kind: Kind, stage: Stage, folder: string): Promise<Place> {
  switch (kind.of) {
    case 'device':
      return { config: { kind: 'device', path: kind.path }, [Symbol.asyncDispose]: async () => {} }
    case 'file': {
      const path = join(folder, `hostile-${++files}.mp4`)
      await writeFile(path, kind.bytes({ ...stage, self: path }))
      return {
        config: { kind: 'file', path, pace: 'realtime', loop: true },
        turnGood: async () => {
          await writeFile(`${path}.good`, stage.goodFile)
          await rename(`${path}.good`, path)
        },
        [Symbol.asyncDispose]: async () => {},
      }
    }
    case 'process': {
      const camera = await FakeCamera.start(rtspCamera(stage.good))
      return addressed(camera, 'rtsp')
    }
    default: {
      const good = kind.of === 'rtsp' ? rtspCamera(stage.good) : httpCamera(stage.good)
      const camera = await FakeCamera.start(good)
      const place = addressed(camera, kind.of)
      const self = 'url' in place.config ? place.config.url : ''
      camera.becomes(kind.play({ ...stage, self }))
      return {
        ...place,
        turnGood: (restarted) => {
          camera.becomes(good, { restarted })
          if (restarted) stage.hangUp()
        },
      }
    }
  }
}

function addressed(camera: FakeCamera, of: 'rtsp' | 'mjpeg'): Place {
  const host = `127.0.0.1:${camera.port}/live`
  return {
    config:
      of === 'rtsp'
        ? { kind: 'rtsp', url: `rtsp://${host}`, transport: 'tcp' }
        : { kind: 'mjpeg', url: `http://${host}` },
    [Symbol.asyncDispose]: () => camera[Symbol.asyncDispose](),
  }
}
