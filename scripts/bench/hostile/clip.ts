import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findFfmpeg } from '@vedette/agent/sources/ffmpeg-program'

const run = promisify(execFile)

/** Frames a second of every clip. */
export const CLIP_FPS = 10

/** A clip, as a camera sends it: NAL units of each picture, or JPEG pictures. */
export type Clip = { pictures: Buffer[][]; jpegs: Buffer[] }

/** A second or two of one colour, `0xRRGGBB`, with something that moves. */
export async function makeClip(size: string, colour: string, seconds = 2): Promise<Clip> {
  const source = `color=c=${colour}:size=${size}:rate=${CLIP_FPS}:duration=${seconds}`
  const [h264, mjpeg] = await Promise.all([
    encoded(source, ['-c:v', 'libx264', ...X264, '-f', 'h264']),
    encoded(source, ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-f', 'image2pipe']),
  ])
  return { pictures: picturesOf(h264), jpegs: jpegsOf(mjpeg) }
}

const X264 = [
  ...['-preset', 'veryfast', '-tune', 'zerolatency', '-g', '5', '-bf', '0', '-pix_fmt', 'yuv420p'],
  ...['-x264-params', 'repeat-headers=1:slices=1:sliced-threads=0:aud=1'],
]

/** What ffmpeg makes of one of its own sources. */
export async function encoded(source: string, output: readonly string[]): Promise<Buffer> {
  const head = ['-hide_banner', '-loglevel', 'error', '-f', 'lavfi', '-i', source]
  const { stdout } = await run(findFfmpeg(), [...head, ...output, 'pipe:1'], {
    encoding: 'buffer',
    maxBuffer: 2 ** 28,
  })
  return stdout
}

const ACCESS_UNIT_DELIMITER = 9

/** Cuts an Annex B stream into pictures of NAL units, start codes left out. */
function picturesOf(stream: Buffer): Buffer[][] {
  const units: Buffer[] = []
  let from = -1
  for (let at = 0; at + 3 <= stream.length; at++) {
    if (stream.readUIntBE(at, 3) !== 1) continue
    if (from >= 0) units.push(stream.subarray(from, stream[at - 1] === 0 ? at - 1 : at))
    from = at + 3
  }
  units.push(stream.subarray(from))
  const pictures: Buffer[][] = []
  for (const unit of units) {
    if ((unit[0]! & 31) === ACCESS_UNIT_DELIMITER) pictures.push([])
    pictures.at(-1)!.push(unit)
  }
  return pictures
}

/** Cuts JPEG pictures that follow one another. */
function jpegsOf(stream: Buffer): Buffer[] {
  const pictures: Buffer[] = []
  const end = Buffer.from([0xff, 0xd9])
  for (let from = 0; from < stream.length; ) {
    const at = stream.indexOf(end, from)
    if (at < 0) break
    pictures.push(stream.subarray(from, at + 2))
    from = at + 2
  }
  return pictures
}
