import { Bell } from '@vedette/shared/bell'
import type { Clock } from '@vedette/shared/clock'
import type { Verdict } from '../audit/verify.ts'

/** How far it has come of how many, then what it came to. */
export type VerificationLine = { seq: number; of: number } | { verdict: Verdict }

/**
 * The lines of a verification, JSON: how far it has come, at most so often, and at last its verdict,
 * when `onDone` has resolved. Whoever stops reading stops nothing: it goes on and is recorded.
 */
export async function* verifyStepByStep(
  verify: (onProgress: (seq: number) => void) => Promise<Verdict>,
  { of, every, clock }: { of: number; every: number; clock: Pick<Clock, 'now'> },
  onDone: (verdict: Verdict) => Promise<void>,
): AsyncGenerator<string> {
  const news = new Bell()
  const line = (value: VerificationLine) => `${JSON.stringify(value)}\n`
  let [seq, told, over] = [0, clock.now(), false]
  const verified = verify((looked) => {
    seq = looked
    if (clock.now() - told >= every) news.ring()
  }).then(async (verdict) => {
    await onDone(verdict)
    return verdict
  })
  const ended = verified
    .catch(() => {})
    .finally(() => {
      over = true
      news.ring()
    })
  yield line({ seq, of })
  while (!over) {
    await news.wait()
    if (over) break
    told = clock.now()
    yield line({ seq, of: Math.max(of, seq) })
  }
  await ended
  yield line({ verdict: await verified })
}
