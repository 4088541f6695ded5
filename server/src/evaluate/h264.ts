import { spawn, spawnSync } from 'node:child_process'
import { buffer } from 'node:stream/consumers'
import type { Picture } from '@vedette/models/picture'
import { Unavailable } from '@vedette/shared/errors'

/** Frames that the picture moves over, one pixel each; the last is the one that is looked at. */
const FRAMES = 9
const QUIET = ['-hide_banner', '-loglevel', 'error']

/** True when there is an ffmpeg to go through. */
export function ffmpegIsThere(): boolean {
  return spawnSync('ffmpeg', ['-version'], { stdio: 'ignore' }).status === 0
}

/**
 * `picture` as the last frame of a short H.264 video in which it moves sideways, encoded as a camera
 * would (no frames out of order) at constant rate factor `crf`, 0 … 51, and decoded again.
 * Throws Unavailable `camera.ffmpeg-missing`, `camera.died`.
 */
export async function throughH264(picture: Picture, crf: number): Promise<Picture> {
  const { width, height } = picture
  const shift = FRAMES - 1
  const even = (side: string) => `ceil(${side}/2)*2`
  // A black border of `shift` pixels; the window moves over it until it shows the picture in place.
  const moving = [
    `loop=${shift}:size=1`,
    `pad=${even('iw')}+${2 * shift}:${even('ih')}:${shift}:0`,
    `crop=iw-${2 * shift}:ih:n:0`,
  ]
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'rgb24']
  const encoded = await pipe(picture.data, [
    ...[...raw, '-video_size', `${width}x${height}`, '-framerate', '25', '-i', 'pipe:0'],
    ...['-vf', moving.join(','), '-pix_fmt', 'yuv420p', '-threads', '1'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '0', '-crf', String(crf)],
    ...['-f', 'h264', 'pipe:1'],
  ])
  const last = [`select=eq(n\\,${shift})`, `crop=${width}:${height}:0:0:exact=1`]
  const data = await pipe(encoded, [
    ...['-f', 'h264', '-threads', '1', '-i', 'pipe:0'],
    ...['-vf', `format=rgb24,${last.join(',')}`, '-frames:v', '1', ...raw, 'pipe:1'],
  ])
  return { width, height, data }
}

/** What ffmpeg makes of `input`. */
async function pipe(input: Uint8Array, args: readonly string[]): Promise<Uint8Array> {
  const child = spawn('ffmpeg', [...QUIET, ...args], { stdio: 'pipe' })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', (cause) =>
      reject(
        new Unavailable('camera.ffmpeg-missing', 'no ffmpeg on this machine', {
          cause,
          hint: 'install it: apt-get install ffmpeg',
        }),
      ),
    )
    child.on('close', resolve)
  })
  // It may end before it has read everything; how it ended says why.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const [code, output, complaint] = await Promise.all([
    ended,
    buffer(child.stdout),
    buffer(child.stderr),
  ])
  if (code === 0 && output.length > 0) return output
  throw new Unavailable('camera.died', `ffmpeg ended with ${code}: ${complaint}`)
}
