import { setTimeout as wait } from 'node:timers/promises'
import { LiveFigures } from '@vedette/agent/live/figures'
import { Live } from '@vedette/agent/live/live'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { systemClock } from '@vedette/shared/clock'
import { silentLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { noiseJpeg } from './gate.ts'
import { GateClient } from './gate-client.ts'
import { GateProcess, issueMany, withHome } from './gate-process.ts'
import { facelike, median, percentile, type Report, seeded } from './measure.ts'
import { SlowCable } from './slow-cable.ts'

/** Links, in bytes a second: a wire, DSL, and a poor mobile one. */
const LINKS = { '100-Mbit': 12_500_000, '10-Mbit': 1_250_000, '2-Mbit': 250_000 }
/** Each mode in turn, so often and so many questions each time: others load the machine, too. */
const [TURNS, QUESTIONS] = [4, 60]
/** What of p99 questions may take longer beside live pictures, at most, by link. */
const AIMS: Record<string, number> = { '100-Mbit': 1.2, '10-Mbit': 1.5, '2-Mbit': 1.5 }
/** Between two questions, milliseconds. */
const APART_MS = 100
const [CAMERAS, FPS] = [4, 5]
const [WIDTH, HEIGHT] = [640, 360]

/**
 * How long questions take over links of several speeds: alone, beside four cameras that somebody looks
 * through, and, where the link carries them, beside the same pictures sent as they come, without regard to
 * what is under way.
 */
export async function benchLiveLink(report: Report): Promise<void> {
  await withHome(async (home) => {
    await using server = await GateProcess.start(home, 1000)
    const credentials = await issueMany(home, 3)
    const names = Array.from({ length: CAMERAS }, (_, n) => `c${n}`)
    for (const [link, rate] of Object.entries(LINKS)) {
      await using cable = await SlowCable.open(server.port, rate)
      const modes = modesOf(rate)
      const taken = new Map(modes.map((mode) => [mode, { ms: [] as number[], pictures: 0 }]))
      for (let turn = 0; turn < TURNS; turn++) {
        for (const [i, mode] of modes.entries()) {
          const { embedder } = DEFAULT_MODELS
          const cameras = ['bench', ...names]
          const client = await GateClient.dial(cable.port, credentials[i]!, embedder, cameras)
          const { ms, pictures } = await ask(client, mode, names)
          const sum = taken.get(mode)!
          sum.ms.push(...ms)
          sum.pictures += pictures / TURNS
          await client.close()
        }
      }
      tell(report, link, taken)
    }
  })
}

type Taken = Map<Mode, { ms: readonly number[]; pictures: number }>

/** Each mode, and how much longer questions take than alone. */
function tell(report: Report, link: string, taken: Taken): void {
  const alone = percentile(taken.get('alone')!.ms, 0.99)
  for (const [mode, { ms, pictures }] of taken) {
    const [p50, p99] = [median(ms), percentile(ms, 0.99)]
    const times = p99 / alone
    const met = times <= AIMS[link]! ? 'within' : 'BEYOND'
    const detail = { picturesPerSecond: pictures, p99TimesAlone: times }
    report({
      bench: `live.match.${link}.${mode}`,
      value: p50,
      unit: `ms until acknowledged${mode === 'live' ? ` (p99 ${met} ${AIMS[link]} times)` : ''}`,
      ...{ p50, p99, detail },
    })
  }
}

type Mode = 'alone' | 'live' | 'heedless'

/** Where pictures are more than the link carries, questions behind all of them never end. */
function modesOf(rate: number): readonly Mode[] {
  return rate < 1e6 ? ['alone', 'live'] : ['alone', 'live', 'heedless']
}

async function ask(client: GateClient, mode: Mode, cameras: readonly string[]) {
  const live: Live = new Live({
    mode: () => 'on',
    standing: () => 'open',
    waiting: () => 0,
    figures: new LiveFigures(createMetrics('agent'), () => live.cameras.length),
    clock: systemClock,
    log: silentLog,
  })
  let pictures = 0
  client.onOther = (message) => {
    if (message.type === 'viewed' && mode === 'live') live.heard(message)
  }
  live.opened({
    post: (message) => {
      if (message.type === 'view') pictures++
      // Whoever is heedless takes each for taken as soon as it is sent.
      if (mode === 'heedless' && message.type !== 'unviewed') {
        setImmediate(() => live.heard({ type: 'viewed', n: message.n }))
      }
      return client.post(message)
    },
    get backlog() {
      return mode === 'heedless' ? 0 : client.backlog
    },
  })
  const looking = new AbortController()
  const started = performance.now()
  const showing = mode === 'alone' ? undefined : show(live, cameras, looking.signal)
  const ms = await client.run({
    ...{ window: 1, requests: QUESTIONS, apart: APART_MS },
    probes: facelike(64, 128, seeded(7)),
    chip: await noiseJpeg(),
  })
  const seconds = (performance.now() - started) / 1000
  looking.abort()
  await showing
  live.closed()
  return { ms, pictures: pictures / seconds }
}

/** Cameras whose pictures are looked at as fast as somebody wants to see them. */
async function show(live: Live, cameras: readonly string[], signal: AbortSignal): Promise<void> {
  const random = seeded(11)
  const data = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) =>
    Math.round(96 + 64 * Math.sin(i / 977) + 40 * random()),
  )
  const picture = { width: WIDTH, height: HEIGHT, data }
  while (!signal.aborted) {
    for (const camera of cameras) {
      live.heard({ type: 'watch', camera, fps: FPS, side: WIDTH, lease: 10_000 })
      const capturedAt = Date.now()
      void live.see(camera, { picture, capturedAt, sceneTime: capturedAt }, () => [])
      await wait(1000 / FPS / cameras.length)
    }
  }
}
