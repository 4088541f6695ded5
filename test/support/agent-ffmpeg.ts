import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { DEFAULT_FFMPEG } from '@vedette/agent/config'
import { FfmpegProgram, findFfmpeg, type Launcher } from '@vedette/agent/sources/ffmpeg-program'
import { silentLog } from '@vedette/shared/log'

const run = promisify(execFile)

/** ffmpeg as agents run it on this machine: in a jail, where there can be one. */
export const ffmpegHere = new FfmpegProgram(DEFAULT_FFMPEG, silentLog)

/** Runs `program` in ffmpeg's place, as it is. */
export function standingIn(program: string): Launcher {
  return { command: async (_needs, args) => ({ program, args: [...args] }) }
}

/** Writes a clip of ffmpeg's test picture or another of its sources, 10 frames a second. */
export async function makeClip(
  file: string,
  size: string,
  seconds: number,
  of = 'testsrc=',
): Promise<void> {
  const input = ['-f', 'lavfi', '-i', `${of}size=${size}:rate=10:duration=${seconds}`]
  const options = ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-f', 'avi']
  await run(findFfmpeg(), [
    '-hide_banner',
    '-loglevel',
    'error',
    ...input,
    ...options,
    `file:${file}`,
  ])
}

/** Writes a clip of ffmpeg's colour bars whose frames are alike to the last bit. */
export async function makeStill(file: string): Promise<void> {
  const input = ['-f', 'lavfi', '-i', 'smptebars=size=640x360:rate=10:duration=2']
  const codec = ['-c:v', 'mjpeg', '-q:v', '3', '-pix_fmt', 'yuvj420p', '-f', 'avi']
  const quiet = ['-hide_banner', '-loglevel', 'error']
  await run(findFfmpeg(), [...quiet, ...input, ...codec, `file:${file}`])
}

/** Writes a second of a tone, without any picture. */
export async function makeTone(file: string): Promise<void> {
  const input = ['-f', 'lavfi', '-i', 'sine=duration=1']
  await run(findFfmpeg(), ['-hide_banner', '-loglevel', 'error', ...input, '-f', 'wav', file])
}
