import type { Finding } from './findings.ts'
import type { Head } from './head.ts'
import { BEGINNING, hashOf, type Row } from './row.ts'

/** By how many acts whoever renumbers what follows can have shifted it for it to be told how. */
const WIDEST_SHIFT = 500
/** Acts that do not follow, of which it is still looked for whether they stand elsewhere. */
const MOST_ODD = 100

/** An act that does not follow what stands before it, whose hash is `before`. */
type Odd = { row: Row; before: Buffer }
/** Acts that seem to be removed, as what follows has other numbers; `before` is what they followed. */
type Gap = { seq: number; to: number; before: Buffer }

/**
 * Follows a record from act to act, and names where it does not hold. What follows on an edited act
 * holds again: a finding is about one place.
 */
export class Chain {
  readonly #heads = new Map<number, Head[]>()
  readonly #good: readonly Head[]
  readonly #reached = new Set<Head>()
  #findings: Finding[] = []
  readonly #odd: Odd[] = []
  readonly #gaps: Gap[] = []
  /** Acts that do not follow, right before others that have other numbers. */
  readonly #strays: Odd[] = []
  /** What the next act must follow; undefined where it is gone. */
  #previous: Buffer | undefined = BEGINNING
  /** What the last act would hash to if only its hash was edited. */
  #computed: Buffer | undefined
  /** The last hash that held before the acts that do not follow. */
  #held: Buffer = BEGINNING
  /** Number of the last act, and by how much it and those before were renumbered. */
  #last = 0
  #shift = 0
  /** The last head that was led to, and whether anything odd was seen since. */
  #from = 0
  #clean = true

  /** `heads` are those whose signatures are good, oldest first. */
  constructor(heads: readonly Head[]) {
    this.#good = heads
    for (const head of heads) {
      const same = this.#heads.get(head.seq)
      if (same === undefined) this.#heads.set(head.seq, [head])
      else same.push(head)
    }
  }

  get last(): number {
    return this.#last
  }

  get findings(): readonly Finding[] {
    return this.#findings
  }

  /** Whether the record leads to `head`. */
  reached(head: Head): boolean {
    return this.#reached.has(head)
  }

  /** Whether a good head is of act `seq`. */
  isSigned(seq: number): boolean {
    return this.#heads.has(seq)
  }

  /** The next act, by number. */
  take(row: Row): void {
    if (row.seq !== this.#last + 1) this.#jump(row.seq)
    this.#last = row.seq
    const hash = Buffer.from(row.hash)
    const computed = this.#previous && hashOf(this.#previous, this.#unshifted(row))
    if (this.#previous === undefined || computed?.equals(hash) || this.#explains(row, hash)) {
      this.#held = hash
      this.#computed = undefined
    } else {
      this.#odd.push({ row, before: this.#previous })
      this.#clean = false
      this.#computed = computed
    }
    this.#previous = hash
    this.#meet(row.seq + this.#shift, hash)
  }

  /** There are no more. */
  end(): void {
    this.#returnAtEnd()
    this.#fillGaps()
    this.#nameOdd()
    const beyond = this.#good.filter(({ seq }) => seq > this.#last + this.#shift).at(-1)
    if (beyond !== undefined) {
      const { seq: to, at } = beyond
      this.#findings.push({ what: 'truncated', seq: this.#last, to, at })
    }
  }

  #unshifted(row: Row): Row {
    return { ...row, seq: row.seq + this.#shift }
  }

  /** Numbers are missing: what follows is only known to follow itself. */
  #jump(seq: number): void {
    const before = this.#last === 0 ? this.#heads.get(seq - 1)?.[0] : undefined
    if (before !== undefined) {
      this.#previous = Buffer.from(before.hash)
      this.#held = this.#previous
      this.#from = seq - 1
      this.#reached.add(before)
      return
    }
    this.#findings.push({ what: 'removed', seq: this.#last + 1, to: seq - 1 })
    this.#previous = undefined
    this.#clean = false
  }

  /** Whether `row` follows, only not on what stands before it or not under its number. */
  #explains(row: Row, hash: Buffer): boolean {
    const before = [this.#previous!, this.#computed, this.#held].filter((one) => one !== undefined)
    const follows = (seq: number) => before.some((one) => hashOf(one, { ...row, seq }).equals(hash))
    if (follows(row.seq + this.#shift)) return true
    if (this.#odd.length > MOST_ODD) return false
    for (let by = 1; by <= WIDEST_SHIFT; by++) {
      for (const shift of [this.#shift + by, this.#shift - by]) {
        if (row.seq + shift < 1 || !follows(row.seq + shift)) continue
        this.#renumbered(row.seq, shift)
        return true
      }
    }
    return false
  }

  /** From here on, or from the odd acts right before, everything has another number. */
  #renumbered(seq: number, shift: number): void {
    const by = shift - this.#shift
    let first = seq
    let before = this.#previous!
    while (this.#odd.at(-1)?.row.seq === first - 1 && first > 1) {
      const odd = this.#odd.pop()!
      this.#strays.push(odd)
      before = odd.before
      first--
    }
    const was = first + this.#shift
    if (by > 0) this.#gaps.push({ seq: was, to: was + by - 1, before })
    else this.#findings.push({ what: 'inserted', seq: first, to: first - by - 1 })
    this.#shift = shift
    this.#clean = false
  }

  /** The strays that fill a gap, from its first act on, as far as they do. */
  #movedFrom({ seq, to, before }: Gap): Row[] {
    const moved: Row[] = []
    let last = before
    for (let next = seq; next <= to; next++) {
      const stray = this.#strays.find(({ row }) => {
        return hashOf(last, { ...row, seq: next }).equals(row.hash)
      })
      if (stray === undefined) break
      moved.push(stray.row)
      last = Buffer.from(stray.row.hash)
    }
    return moved
  }

  /** Numbers that go back to what they were with the very last act. */
  #returnAtEnd(): void {
    const odd = this.#odd.at(-1)
    if (odd === undefined || odd.row.seq !== this.#last || this.#shift >= 0) return
    const { row, before } = odd
    const gap = { seq: row.seq + this.#shift, to: row.seq - 1, before }
    const moved = this.#movedFrom(gap)
    const last = moved.at(-1)
    if (moved.length < -this.#shift || !last) return
    if (!hashOf(last.hash, row).equals(row.hash)) return
    this.#odd.pop()
    this.#gaps.push(gap)
    this.#shift = 0
  }

  /** What seems to be removed in one place and inserted in another was moved. */
  #fillGaps(): void {
    const found = new Set<number>()
    for (const gap of this.#gaps) {
      const moved = this.#movedFrom(gap)
      for (const [i, { seq }] of moved.entries()) {
        const from = gap.seq + i
        found.add(seq)
        if (seq !== from) this.#findings.push({ what: 'reordered', seq, from })
      }
      const next = gap.seq + moved.length
      if (next <= gap.to) this.#findings.push({ what: 'removed', seq: next, to: gap.to })
    }
    const isMoved = (finding: Finding) => finding.what === 'inserted' && found.has(finding.seq)
    this.#findings = this.#findings.filter((finding) => !isMoved(finding))
  }

  #meet(seq: number, hash: Buffer): void {
    for (const head of this.#heads.get(seq) ?? []) {
      if (hash.equals(head.hash)) {
        this.#reached.add(head)
        this.#from = seq
        this.#clean = true
      } else if (this.#clean) {
        const { at } = head
        this.#findings.push({ what: 'rewritten', seq: this.#from, to: seq, at })
        this.#clean = false
      }
    }
  }

  /** What does not follow stands elsewhere, or was edited. */
  #nameOdd(): void {
    const few = this.#odd.length <= MOST_ODD
    const hashes = this.#odd.flatMap(({ row, before }) => [Buffer.from(row.hash), before])
    const stands = ({ row, before }: Odd, of: Row) =>
      [before, ...hashes].some((one) => {
        const hash = hashOf(one, { ...of, seq: row.seq + this.#shift })
        return hash.equals(of.hash) || hash.equals(row.hash)
      })
    const moved = new Set<number>()
    if (few) {
      for (const place of this.#odd) {
        if (stands(place, place.row)) {
          moved.add(place.row.seq)
          continue
        }
        const found = this.#odd.find(({ row }) => row !== place.row && stands(place, row))
        if (found === undefined) continue
        moved.add(found.row.seq)
        const { seq } = found.row
        this.#findings.push({ what: 'reordered', seq, from: place.row.seq })
      }
    }
    for (const { row } of this.#odd) {
      if (!moved.has(row.seq)) this.#findings.push({ what: 'edited', seq: row.seq, part: 'act' })
    }
  }
}
