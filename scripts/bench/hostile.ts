import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_FFMPEG } from '@vedette/agent/config'
import { FfmpegProgram } from '@vedette/agent/sources/ffmpeg-program'
import { silentLog } from '@vedette/shared/log'
import type { Kind } from './hostile/kind.ts'
import { KINDS } from './hostile/kinds.ts'
import { Watch } from './hostile/processes.ts'
import { makeStage } from './hostile/stage.ts'
import { type Outcome, tryKind, wrongWith } from './hostile/trial.ts'
import type { Report } from './measure.ts'

const STALL_MS = 10_000
/** Long enough for a stall, what follows it, and more. */
const HOSTILE_MS = 14_000
const PATIENCE_MS = 30_000
const MOST = { recoveryMs: 15_000, bytes: 512e6 }
/** Trials at a time. */
const ABREAST = 6

/**
 * Camera loops before every kind of hostile source, which becomes a good one after a while: whether
 * they live, what the faults are called, when the good pictures are seen, what ffmpeg took. Once as
 * ffmpeg is run here, and once without a jail, so that nothing rests on that alone.
 */
export async function benchHostile(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-hostile-'))
  try {
    for (const jail of ['auto', 'never'] as const) {
      const ffmpeg = new FfmpegProgram({ ...DEFAULT_FFMPEG, jail }, silentLog)
      const { jail: as } = await ffmpeg.facts()
      if (jail === 'auto' && as === 'none') process.stderr.write('bench hostile: no jail here\n')
      await all(as, ffmpeg, folder, report)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function all(
  jail: string,
  ffmpeg: FfmpegProgram,
  folder: string,
  report: Report,
): Promise<void> {
  await using stage = await makeStage(folder)
  using processes = new Watch()
  const timing = { stall: STALL_MS, hostileMs: HOSTILE_MS, patienceMs: PATIENCE_MS }
  const outcomes: Outcome[] = []
  let wrong = 0
  const queue: Kind[] = [...KINDS]
  const work = async () => {
    for (let kind = queue.shift(); kind !== undefined; kind = queue.shift()) {
      const outcome = await tryKind(kind, stage, { folder, ffmpeg, processes, ...timing })
      const faults = wrongWith(kind, outcome, MOST)
      if (faults.length > 0) wrong++
      outcomes.push(outcome)
      report({
        bench: `hostile.${jail}.${outcome.name}`,
        value: (outcome.recoveredMs ?? 0) / 1000,
        unit: 's to recover',
        detail: {
          codes: outcome.codes.join(' ') || 'none',
          pictures: outcome.pictures,
          ffmpegMB: outcome.peakBytes / 1e6,
          ...(faults.length > 0 && { wrong: faults.join('; ') }),
        },
      })
    }
  }
  await Promise.all(Array.from({ length: ABREAST }, work))
  const read = await stage.canaryRead()
  report({
    bench: `hostile.${jail}`,
    value: wrong + (read ? 1 : 0),
    unit: `of ${outcomes.length} kinds went wrong`,
    detail: {
      recoverySeconds: Math.max(...outcomes.map(({ recoveredMs }) => recoveredMs ?? 0)) / 1000,
      ffmpegMB: Math.max(...outcomes.map(({ peakBytes }) => peakBytes)) / 1e6,
      agentMB: process.resourceUsage().maxRSS / 1000,
      forbiddenFileRead: read === undefined ? 'cannot be told here' : String(read),
    },
  })
}
