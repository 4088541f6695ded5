import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Outbox } from '@vedette/agent/outbox/outbox'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { systemClock } from '@vedette/shared/clock'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { silentLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { noiseJpeg } from './gate.ts'
import { facelike, percentile, type Report, seeded } from './measure.ts'

const GROUPS = [1, 10, 40]
const ROUNDS = 200

/** What an outbox costs: to hand a question over, to have it on disk, to take it from there. */
export async function benchOutbox(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  const limits = { size: 1e9, age: 86_400_000 }
  const metrics = createMetrics('agent')
  const outbox = Outbox.open({ folder, limits, clock: systemClock, log: silentLog, metrics })
  try {
    const chip = await noiseJpeg()
    const [embedding] = facelike(1, 128, seeded(3))
    const probe = encodeEmbedding(embedding!)
    const ask = (n: number) => {
      const about = { camera: 'bench', track: `track-${n}`, shot: 0, capturedAt: Date.now() }
      const seen = { space: DEFAULT_MODELS.embedder, probe, quality: 0.9, chip }
      outbox.add({ type: 'match', ...about, ...seen, box: [10, 10, 80, 80] })
    }
    const added: number[] = []
    let count = 0
    for (const group of GROUPS) {
      const committed: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        for (let i = 0; i < group; i++) added.push(timed(() => ask(++count)))
        committed.push(timed(() => outbox.flush()))
      }
      report({
        bench: `outbox.commit.${group}`,
        value: percentile(committed, 0.5),
        unit: 'ms',
        p99: percentile(committed, 0.99),
        detail: { bytes: chip.length + probe.length },
      })
    }
    report({
      bench: 'outbox.add',
      value: percentile(added, 0.5),
      unit: 'ms',
      p99: percentile(added, 0.99),
    })
    const began = performance.now()
    let read = 0
    for await (const _message of outbox.from(new AbortController().signal)) {
      if (++read === count) break
    }
    report({ bench: 'outbox.read', value: (performance.now() - began) / read, unit: 'ms' })
  } finally {
    await outbox[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }
}

function timed(work: () => void): number {
  const began = performance.now()
  work()
  return performance.now() - began
}
