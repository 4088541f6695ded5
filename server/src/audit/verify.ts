import { Chain } from './chain.ts'
import type { Finding } from './findings.ts'
import { type Head, judgeHead } from './head.ts'
import { type Cut, cutsOf, Removals } from './removals.ts'
import { type Body, hashOfBody, type Row, subjectsOf } from './row.ts'

/** An act with all that is kept of it. */
export type Recorded = Row & {
  /** Null where it is gone. */
  body: string | null
  /** What it is found by; undefined where there is no index. */
  subjects?: [string, string][]
}

export type Evidence = {
  /** In order, in slices. */
  slices: AsyncIterable<readonly Recorded[]>
  /** Heads by place: an export has the database's only. */
  heads: { database: readonly Head[]; file?: readonly Head[] | undefined }
  /** Public keys that may have signed, by id. */
  known: ReadonlyMap<string, string>
  /** How far the database says that retention has deleted. */
  cuts?: (() => Promise<readonly Cut[]>) | undefined
  /** Told now and then which act was looked at last. */
  onProgress?: ((seq: number) => void) | undefined
}

/** What a record was found to be. */
export type Verdict = {
  good: boolean
  acts: number
  first: number
  last: number
  heads: number
  /** The last act that a good head speaks of, and its time. */
  signed: { seq: number; at: number } | null
  /** Acts behind it, which are chained and not signed yet. */
  unsigned: number
  /** Bodies that retention deleted, by kind. */
  retained: { kind: string; bodies: number; through: number; at: number }[]
  /** Acts up to this one were deleted by retention, bodies and all. */
  prefix: number
  findings: Finding[]
}

/** Findings of one kind that are told one by one; of a record in ruins nobody reads more. */
const MOST_FINDINGS = 1000

/**
 * Goes over a record: each act must be what was recorded and follow the one before, each head must
 * be signed by a known key and be led to, and what is gone must have been deleted by retention.
 */
export async function verifyRecord(evidence: Evidence): Promise<Verdict> {
  const { slices, heads, known, cuts, onProgress } = evidence
  const findings: Finding[] = []
  const all = mergeHeads(heads)
  const good: Head[] = []
  for (const head of all) {
    const { seq, at, signer } = head
    const verdict = judgeHead(known, head)
    if (verdict === 'good') good.push(head)
    else findings.push({ what: `head-${verdict}`, seq, at, signer })
  }
  const chain = new Chain(good)
  const removals = new Removals()
  const counted = { acts: 0, first: 0 }
  for await (const slice of slices) {
    for (const row of slice) {
      if (counted.acts++ === 0) counted.first = row.seq
      chain.take(row)
      examine(row, removals, findings)
    }
    onProgress?.(chain.last)
  }
  chain.end()
  const judged = { cuts: await cuts?.(), chain, first: counted.first }
  findings.push(...chain.findings, ...removals.judge(judged))
  findings.push(...missingHeads(heads, removals.prefix))
  const { last } = chain
  const signed = good.filter((head) => chain.reached(head)).at(-1)
  return {
    good: findings.length === 0,
    ...counted,
    last,
    heads: all.length,
    signed: signed === undefined ? null : { seq: signed.seq, at: signed.at },
    unsigned: last - (signed?.seq ?? 0),
    retained: removals.retained,
    prefix: removals.prefix,
    findings: findings.slice(0, MOST_FINDINGS).sort((a, b) => placeOf(a) - placeOf(b)),
  }
}

/** Whether an act's body and what it is found by are those that were recorded. */
function examine(row: Recorded, removals: Removals, findings: Finding[]): void {
  const { seq, kind, body, subjects } = row
  if (body === null) {
    removals.missing(seq, kind)
    if (subjects !== undefined && subjects.length > 0) {
      findings.push({ what: 'edited', seq, part: 'index' })
    }
    return
  }
  if (!hashOfBody(body).equals(row.bodyHash)) {
    findings.push({ what: 'edited', seq, part: 'body' })
    return
  }
  const parsed = JSON.parse(body) as Body
  if (kind === 'audit.retained') removals.recorded(row.at, cutsOf(parsed.details))
  if (subjects !== undefined && !isSame(subjects, subjectsOf(parsed))) {
    findings.push({ what: 'edited', seq, part: 'index' })
  }
}

function isSame(one: readonly [string, string][], other: readonly [string, string][]): boolean {
  const names = (pairs: readonly [string, string][]) =>
    pairs.map(([subject, id]) => `${subject} ${id}`).sort()
  const [a, b] = [names(one), names(other)]
  return a.length === b.length && a.every((name, i) => name === b[i])
}

const nameOf = ({ seq, at, signer, hash, signature }: Head) =>
  [
    seq,
    at,
    signer,
    Buffer.from(hash).toString('hex'),
    Buffer.from(signature).toString('hex'),
  ].join()

/** Every head of both places once, oldest first. */
function mergeHeads({ database, file = [] }: Evidence['heads']): Head[] {
  const all = new Map([...database, ...file].map((head) => [nameOf(head), head]))
  return [...all.values()].sort((a, b) => a.seq - b.seq || a.at - b.at)
}

/** Heads that are in one of two places only, save those of what retention has deleted. */
function missingHeads({ database, file }: Evidence['heads'], prefix: number): Finding[] {
  if (file === undefined) return []
  const lacks = (from: readonly Head[], of: readonly Head[], place: 'database' | 'file') => {
    const there = new Set(of.map(({ seq, at }) => `${seq} ${at}`))
    return from
      .filter(({ seq, at }) => seq >= prefix && !there.has(`${seq} ${at}`))
      .map(({ seq, at }): Finding => ({ what: 'head-removed', seq, at, place }))
  }
  return [...lacks(file, database, 'database'), ...lacks(database, file, 'file')]
}

function placeOf(finding: Finding): number {
  return 'seq' in finding ? finding.seq : Number.MAX_SAFE_INTEGER
}
