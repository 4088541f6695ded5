import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Deployment } from '../demo/deployment.ts'
import { EVERYBODY, makeVideo, makeWalk, type Pan, WANTED } from '../demo/video.ts'
import type { Report } from './measure.ts'

const CAMERAS = ['a', 'b', 'c', 'd', 'e']
/** Time for the tracks and the first questions of a start, and time that is measured, milliseconds. */
const SETTLE_MS = 6000
const MEASURE_MS = 20_000
/** Clock ticks a second in /proc (USER_HZ). */
const TICKS = 100

const WALL: readonly Pan[] = [{ photo: 1, width: 360, from: 0, to: 0, top: 0, seconds: 5 }]

/** Who makes the video of each scene. */
const SCENES: Record<string, (file: string) => Promise<void>> = {
  still: (file) => makeVideo(file, WALL),
  walking: makeWalk,
  crowd: (file) => makeVideo(file, EVERYBODY),
}

/**
 * What five 640×360 cameras at 5 frames a second cost: the agent as a program, with a real server,
 * before a still scene, one in which somebody always walks past, and a crowd over which they pan.
 */
export async function benchCameras(report: Report): Promise<void> {
  if (process.platform !== 'linux') {
    process.stderr.write('bench cameras reads /proc, which only Linux has: left out\n')
    return
  }
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  try {
    const deployment = await Deployment.found(home)
    await using _server = await deployment.startServer()
    await deployment.vedette('enroll', WANTED.photo, '--name', WANTED.name, '--face', WANTED.face)
    for (const [name, make] of Object.entries(SCENES)) {
      const video = join(home, `${name}.mp4`)
      await make(video)
      const { agent, decoding } = await measure(deployment, video)
      report({
        bench: `cameras.${name}`,
        value: agent,
        unit: '% of a core for 5 cameras',
        detail: { percentEach: agent / CAMERAS.length, decodingPercent: decoding },
      })
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** Per cent of a core, of the agent itself and of what decodes for it. */
async function measure(
  deployment: Deployment,
  video: string,
): Promise<{ agent: number; decoding: number }> {
  const source = `{ kind: file, path: ${video}, loop: true }`
  const cameras = CAMERAS.map((name) => `  ${name}: { source: ${source} }`)
  const { agent: running } = await deployment.startAgent(cameras.join('\n'))
  await using agent = running
  const spent = async () => {
    const all = await processes()
    const [self] = all.filter(({ pid }) => pid === agent.pid)
    const children = all.filter(({ parent }) => parent === agent.pid)
    if (self === undefined || children.length !== CAMERAS.length) {
      throw new Error(`the agent decodes ${children.length} of ${CAMERAS.length} cameras`)
    }
    const decoding = descendantsOf(agent.pid, all)
    return { at: performance.now(), self: self.ticks, children: sumOf(decoding) }
  }
  await Promise.race([wait(SETTLE_MS), agent.ended()])
  const before = await spent()
  await Promise.race([wait(MEASURE_MS), agent.ended()])
  const after = await spent()
  const percent = (ticks: number) => (100 * ticks * 1000) / TICKS / (after.at - before.at)
  return {
    agent: percent(after.self - before.self),
    decoding: percent(after.children - before.children),
  }
}

type Process = { pid: number; parent: number; ticks: number }

/**
 * Every process there is, with the processor time that it has used.
 * Source: proc_pid_stat(5); the name in parentheses may hold anything.
 */
async function processes(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const read = pids.map(async (pid): Promise<Process[]> => {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number)
    return text === '' ? [] : [{ pid: Number(pid), parent: parent!, ticks: user! + system! }]
  })
  return (await Promise.all(read)).flat()
}

/** All that a process started, and what that started: the decoder runs in a jail of its own. */
function descendantsOf(pid: number | undefined, all: readonly Process[]): Process[] {
  const own = all.filter(({ parent }) => parent === pid)
  return own.flatMap((one) => [one, ...descendantsOf(one.pid, all)])
}

function sumOf(some: readonly Process[]): number {
  return some.reduce((sum, { ticks }) => sum + ticks, 0)
}
