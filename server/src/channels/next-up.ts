import type { NoticeRow } from '../store/notice-rows.ts'
import type { Carrier } from './notice.ts'

type Waiting = Pick<
  NoticeRow,
  'seq' | 'id' | 'alertId' | 'camera' | 'recipient' | 'priority' | 'notBefore'
>

/**
 * What of `waiting` (oldest first) is to be told now, in as many groups as attempts may be made at
 * once; and where there is nothing, when there will be. What is about the same alert or camera is told
 * in the order in which it happened: one that waits for its next attempt keeps those behind it.
 */
export function nextUp<W extends Waiting>(
  waiting: readonly W[],
  { batch, parallel, urgentFirst }: Pick<Carrier, 'batch' | 'parallel' | 'urgentFirst'>,
  now: number,
): { groups: W[][]; soonest: number } {
  const kept = new Set<string>()
  const ready: W[] = []
  let soonest = Number.POSITIVE_INFINITY
  for (const one of waiting) {
    const subject = `${one.recipient ?? ''} ${one.alertId ?? one.camera ?? one.id}`
    if (kept.has(subject)) continue
    if (one.notBefore > now) {
      kept.add(subject)
      soonest = Math.min(soonest, one.notBefore)
      continue
    }
    ready.push(one)
    // Only what goes together with it may come right behind it.
    if (batch === 1) kept.add(subject)
  }
  const first = urgentFirst ? ready.toSorted((p, q) => p.priority - q.priority) : ready
  const groups: W[][] = []
  for (let i = 0; i < first.length && groups.length < parallel; i += batch) {
    groups.push(first.slice(i, i + batch))
  }
  return { groups, soonest }
}
