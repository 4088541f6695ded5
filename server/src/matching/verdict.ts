import type { Standing } from '../alerts/life.ts'
import type { Candidate } from '../gallery/gallery.ts'

/** Chips that must agree before an alert is confirmed. */
const CONFIRMED_BY = 3

/** What one entry gets out of a frame. */
export type Finding = {
  candidate: Candidate
  standing: Standing
  threshold: number
  /** Several chips agree, and with nobody else. */
  certain: boolean
  /** The other entry, where both are as likely. */
  rival: string | null
  /** Score of the next other entry. */
  runnerUp: number | null
}

export type Rules = {
  /** Whether the candidate's list is looked for here and now. */
  applies(candidate: Candidate): boolean
  /** The score that it must reach here. */
  threshold(candidate: Candidate): number
  /** Two scores nearer than this are equals. */
  margin: number
  /** What lies below a threshold by no more than this takes nothing back. */
  slack: number
}

/**
 * What `candidates`, best first, amount to for a walk that was taken for the entries in `taken`: the
 * best one where it reaches its threshold, and each of `taken`, whatever has become of it. Whoever is
 * not looked for here and now takes part: a face that is theirs is nobody else's, and raises nothing
 * (decision 27).
 */
export function judge(
  candidates: readonly Candidate[],
  taken: ReadonlySet<string>,
  chips: number,
  { applies, threshold, margin, slack }: Rules,
): Finding[] {
  const [best, next] = candidates
  if (best === undefined) return []
  // An alert that was raised goes on, where the hours of its list are over, too.
  const wanted = (candidate: Candidate) => taken.has(candidate.entryId) || applies(candidate)
  const known = best.score >= threshold(best)
  const tied = next !== undefined && best.score - next.score < margin
  // Of two equals the one that has an alert keeps it: a walk is one alert.
  const keeps = known && tied && taken.has(next.entryId) && !taken.has(best.entryId)
  // And of two equals it may be the one who is looked for.
  const instead = known && tied && !wanted(best) && wanted(next) && next.score >= threshold(next)
  const [first, second] = keeps || instead ? [next, best] : [best, next]
  const reached = known && wanted(first)
  const decided = known && !tied
  const findings: Finding[] = []
  if (reached) {
    findings.push({
      candidate: first,
      standing: 'reached',
      threshold: threshold(first),
      certain: !tied && chips >= CONFIRMED_BY,
      rival: tied ? second!.entryId : null,
      runnerUp: second?.score ?? null,
    })
  }
  for (const candidate of candidates) {
    if (!taken.has(candidate.entryId) || (reached && candidate === first)) continue
    const needed = threshold(candidate)
    const fallen = decided || candidate.score < needed - slack
    findings.push({
      candidate,
      standing: fallen ? 'fallen' : 'held',
      threshold: needed,
      certain: false,
      rival: null,
      runnerUp: candidate === best ? (next?.score ?? null) : best.score,
    })
  }
  return findings
}
