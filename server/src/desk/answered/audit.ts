import type { HeadLine } from '../../audit/head.ts'
import type { Keep } from '../../audit/kinds.ts'
import type { Cut } from '../../audit/removals.ts'
import type { RetentionPeriods } from '../../retention/periods.ts'

/** How the record stands, without going over it. */
export type RecordStanding = {
  /** Number of the last act. */
  last: number
  /** How far it is signed; null where nothing is yet. */
  head: HeadLine | null
  /** What verifying it came to last, and when; `at` null: not since the server started. */
  verified: { at: number | null; intact: boolean }
}

/** What is recorded, what it is called, and how long it and the rest is kept, milliseconds. */
export type RecordRules = {
  kinds: Record<string, { words: string; keep: Keep }>
  periods: RetentionPeriods
  /** What retention has deleted: bodies of a kind through that act; '' is acts as a whole. */
  cuts: readonly Cut[]
}

/** By what the signatures of the record are checked. */
export type RecordKey = { signer: string; publicKeys: string }
