import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { findFfmpeg } from '@vedette/agent/sources/ffmpeg-program'

/** The six photographs that come with face-api: groups of people. */
const photographs = dirname(
  createRequire(import.meta.url).resolve('@vladmandic/face-api/demo/sample1.jpg'),
)

const WIDTH = 640
const HEIGHT = 360
const FPS = 25

/**
 * One slow pan over a photograph. The window is `width` photograph pixels wide, 16:9, and moves
 * from `from` to `to` (its left edge) at height `top`.
 */
export type Pan = {
  photo: number
  width: number
  from: number
  to: number
  top: number
  seconds: number
}

/** Second from the left in photograph 3, first from the right in photograph 1. */
export const WANTED = {
  photo: join(photographs, 'sample3.jpg'),
  face: '2',
  name: 'Erin Sample',
} as const

/** People who pass, the wanted one among them. */
export const EVERYBODY: readonly Pan[] = [
  { photo: 6, width: 1100, from: 60, to: 700, top: 300, seconds: 4 },
  { photo: 5, width: 1100, from: 300, to: 800, top: 60, seconds: 4 },
  { photo: 1, width: 1000, from: 100, to: 880, top: 100, seconds: 5 },
  { photo: 4, width: 1100, from: 60, to: 700, top: 0, seconds: 4 },
  { photo: 2, width: 1100, from: 300, to: 780, top: 0, seconds: 4 },
]

/** Where the wanted person's face is in photograph 1, pixels: left, top, right, bottom. */
const WANTED_FACE = { photo: 1, left: 1440, top: 170, right: 1720, bottom: 480 }

/** The wanted person alone comes into view and goes. */
export const PASSER_BY: readonly Pan[] = [
  { photo: 1, width: 800, from: 500, to: 1120, top: 60, seconds: 2 },
  { photo: 1, width: 360, from: 60, to: 0, top: 0, seconds: 3 },
]

/** Length of the video, seconds. */
export function durationOf(pans: readonly Pan[]): number {
  return pans.reduce((sum, { seconds }) => sum + seconds, 0)
}

/** Makes the video as a mediocre camera would show it; the same bytes on every machine. */
export async function makeVideo(file: string, pans: readonly Pan[]): Promise<void> {
  const inputs = pans.flatMap(({ photo, seconds }) => {
    const path = join(photographs, `sample${photo}.jpg`)
    return ['-loop', '1', '-framerate', String(FPS), '-t', String(seconds), '-i', path]
  })
  const scenes = pans.map(({ width, from, to, top, seconds }, i) => {
    const height = Math.round((width * HEIGHT) / WIDTH / 2) * 2
    const x = `${from}+(${to - from})*t/${seconds}`
    return `[${i}:v]crop=${width}:${height}:'${x}':${top},scale=${WIDTH}:${HEIGHT}:flags=area,setsar=1[v${i}]`
  })
  const joined = `${pans.map((_, i) => `[v${i}]`).join('')}concat=n=${pans.length}:v=1:a=0`
  await encode(file, inputs, `${scenes.join(';')};${joined}`)
}

/** Places in the photographs: people cut out with what is around them, and a wall without anybody. */
const PEOPLE = [
  { photo: 1, cut: '480:640:1340:80' },
  { photo: 5, cut: '480:640:233:800' },
] as const
const WALL = { photo: 1, cut: '360:202:0:0' } as const
const WALK_SECONDS = 4

/** Two people walk past a fixed camera, one after the other; the wall behind them stays as it is. */
export async function makeWalk(file: string): Promise<void> {
  const still = (photo: number, seconds: number) => {
    const path = join(photographs, `sample${photo}.jpg`)
    return ['-loop', '1', '-framerate', String(FPS), '-t', String(seconds), '-i', path]
  }
  const inputs = [
    ...still(WALL.photo, WALK_SECONDS * PEOPLE.length),
    ...PEOPLE.flatMap(({ photo }) => still(photo, WALK_SECONDS * PEOPLE.length)),
  ]
  const speed = WIDTH / (WALK_SECONDS - 1)
  const filter = [
    `[0:v]crop=${WALL.cut},scale=${WIDTH}:${HEIGHT}:flags=area,setsar=1[wall0]`,
    ...PEOPLE.map(({ cut }, i) => `[${i + 1}:v]crop=${cut},scale=-2:220:flags=area[walker${i}]`),
    ...PEOPLE.map((_, i) => {
      const x = `-w+${speed}*(t-${i * WALK_SECONDS})`
      const next = i + 1 < PEOPLE.length ? `[wall${i + 1}]` : ''
      return `[wall${i}][walker${i}]overlay=x='${x}':y=90:eval=frame${next}`
    }),
  ]
  await encode(file, inputs, filter.join(';'))
}

/** What `filter` makes of `inputs`, with the noise of a mediocre camera. */
async function encode(file: string, inputs: readonly string[], filter: string): Promise<void> {
  const camera = 'noise=all_seed=1:alls=6:allf=t+u,format=yuv420p'
  const args = [
    ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...inputs],
    ...['-filter_complex_threads', '1', '-filter_complex', `${filter},${camera}[out]`],
    ...['-map', '[out]', '-r', String(FPS), '-threads', '1'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '24', file],
  ]
  const child = spawn(findFfmpeg(), args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`)
}

/**
 * True when the wanted person's face is where an alert says a face was: `seconds` into the video, at
 * `box` (x, y, width, height in its pixels). Half a second and a face's width are allowed for.
 */
export function isWanted(
  pans: readonly Pan[],
  seconds: number,
  box: readonly [number, number, number, number],
): boolean {
  let start = 0
  for (const pan of pans) {
    const inside = seconds >= start - 0.5 && seconds <= start + pan.seconds + 0.5
    if (pan.photo === WANTED_FACE.photo && inside) {
      const along = Math.min(1, Math.max(0, (seconds - start) / pan.seconds))
      const left = pan.from + (pan.to - pan.from) * along
      const scale = WIDTH / pan.width
      const expected = ((WANTED_FACE.left + WANTED_FACE.right) / 2 - left) * scale
      const slack = (WANTED_FACE.right - WANTED_FACE.left) * scale
      return Math.abs(box[0] + box[2] / 2 - expected) < slack
    }
    start += pan.seconds
  }
  return false
}
