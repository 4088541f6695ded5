import type { TroubleKind } from '@vedette/shared/message'

/** Green: seen to work all the way. Red: nobody may rely on it. Amber: one or the other, not known. */
export type Colour = 'green' | 'amber' | 'red'

export type Why =
  /** A test face came through lately. */
  | 'well'
  /** No test face came through in time. */
  | 'no-canary'
  /** The agent is away, or it is here without this camera. */
  | 'away'
  | 'not-announced'
  /** The camera shows nothing that is worth looking at. */
  | 'blind'
  /** It is covered in part, moved, out of focus. */
  | 'troubled'
  /** Test faces come through late; or the last one was lost. */
  | 'slow'
  | 'missed'
  /** The first test face is still to come. */
  | 'waiting'
  /** Nobody checks: canaries are off, or the agent does not know them. */
  | 'unchecked'

export type Verdict = { state: Colour; why: Why }

export type Facts = {
  now: number
  connected: boolean
  announced: boolean
  /** Canaries are sent to it. */
  checked: boolean
  /** When the last canary passed, or when one could first be expected, epoch milliseconds. */
  wellAt: number
  /** True when one passed since then. */
  passed: boolean
  latencyMs: number | null
  /** Canaries in a row that did not pass. */
  missed: number
  troubles: ReadonlySet<TroubleKind>
}

/** `every` and `limit` in milliseconds. */
export type Patience = { every: number; limit: number }

/** Troubles with which there is nothing to be seen. */
const BLINDING: readonly TroubleKind[] = ['silent', 'frozen', 'covered']
const RANK: Record<Colour, number> = { green: 0, amber: 1, red: 2 }

/** What is to be said of a camera. */
export function verdictOf(facts: Facts, { every, limit }: Patience): Verdict {
  const { now, connected, announced, checked, wellAt, passed, troubles } = facts
  const due = now - wellAt >= limit
  const sure = checked || !connected || !announced
  if (due && sure) {
    const why = !connected ? 'away' : announced ? 'no-canary' : 'not-announced'
    return { state: 'red', why }
  }
  if (BLINDING.some((kind) => troubles.has(kind))) return { state: 'red', why: 'blind' }
  if (!connected) return { state: 'amber', why: 'away' }
  if (!announced) return { state: 'amber', why: 'not-announced' }
  if (!checked) return { state: 'amber', why: 'unchecked' }
  if (!passed) return { state: 'amber', why: 'waiting' }
  if (troubles.size > 0) return { state: 'amber', why: 'troubled' }
  if (facts.missed > 0) return { state: 'amber', why: 'missed' }
  if ((facts.latencyMs ?? 0) > every) return { state: 'amber', why: 'slow' }
  return { state: 'green', why: 'well' }
}

/** The worst of them; undefined of none. */
export function worst(colours: readonly Colour[]): Colour | undefined {
  return colours.toSorted((a, b) => RANK[b] - RANK[a])[0]
}
