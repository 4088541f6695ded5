import { IntegrityFault } from '@vedette/shared/errors'
import type { Outcome } from '../alerts/life.ts'

/** Width of a bin. Scores are similarities, −1 … 1. */
export const BIN = 0.001
const LOWEST = -1
const BINS = Math.round(2 / BIN)
/** Bytes of a bin on disk, and the kinds of bins there. */
const RECORD = 11
const KINDS = [0, 1, 2] as const

/** Everything about Scores but what is counted bin by bin. */
export type Totals = {
  /** Walks that ended, with a score or without. */
  walks: number
  /** Σ entries² over the walks that have a score. */
  squares: number
  /** Alerts of which nobody has said yet whether they were right. */
  doubtful: number
  /** Alerts of which somebody said that they were right, and that they were of a stranger. */
  judgedTrue: number
  judgedFalse: number
  /** Time in which walks were counted, milliseconds. */
  watchedMs: number
}

/**
 * What one camera's strangers scored against people whom they are not: how often, and nothing of
 * whom. As much memory for a year as for a day. Whoever reaches the threshold becomes an alert and
 * is no stranger until an operator says so, so each walk is counted with the threshold it met.
 */
export class Scores implements Totals {
  /** Scores below the threshold. */
  readonly #counts = new Uint32Array(BINS)
  /** Scores from the threshold on that are known to be impostors'; there may be more. */
  readonly #above = new Uint32Array(BINS)
  /** Σ entries over walks, by the bin of the threshold that they met: all bins below are whole. */
  readonly #compared = new Float64Array(BINS + 1)
  walks = 0
  squares = 0
  doubtful = 0
  judgedTrue = 0
  judgedFalse = 0
  watchedMs = 0

  /** The reverse of `encode`. Throws IntegrityFault `store.damaged`. */
  static decode(bytes: Uint8Array, totals: Totals): Scores {
    const { walks, squares, doubtful, judgedTrue, judgedFalse, watchedMs } = totals
    const judged = { doubtful, judgedTrue, judgedFalse }
    const scores = Object.assign(new Scores(), { walks, squares, watchedMs, ...judged })
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (bytes.length % RECORD !== 0) throw damaged()
    for (let at = 0; at < bytes.length; at += RECORD) {
      const counts = scores.#kind(view.getUint8(at))
      const [bin, count] = [view.getUint16(at + 1, true), view.getFloat64(at + 3, true)]
      if (counts === undefined || bin >= counts.length || !(count >= 0)) throw damaged()
      counts[bin] = count
    }
    return scores
  }

  /**
   * What is counted bin by bin: a record for each bin that is not empty, little-endian,
   *
   *     Offset  Size  Field
   *     0       1     0 scores below the threshold, 1 from it on, 2 comparisons by threshold
   *     1       2     bin; bin 0 begins at −1
   *     3       8     count, float64
   */
  encode(): Uint8Array {
    const records = KINDS.flatMap((kind) =>
      [...this.#kind(kind)!.entries()]
        .filter(([, count]) => count > 0)
        .map(([bin, count]) => ({ kind, bin, count })),
    )
    const view = new DataView(new ArrayBuffer(RECORD * records.length))
    for (const [i, { kind, bin, count }] of records.entries()) {
      view.setUint8(RECORD * i, kind)
      view.setUint16(RECORD * i + 1, bin, true)
      view.setFloat64(RECORD * i + 3, count, true)
    }
    return new Uint8Array(view.buffer)
  }

  /**
   * A walk has ended: its best score against `entries` people it was not taken for, none where
   * there was nobody, and the threshold that made alerts then.
   */
  walk(score: number | undefined, entries: number, threshold: number): void {
    this.walks++
    if (score === undefined) return
    this.squares += entries ** 2
    const met = threshold > 1 ? BINS : binOf(threshold)
    this.#compared[met]! += entries
    const bin = binOf(score)
    if (bin < met) this.#counts[bin]!++
    else this.#above[bin]!++
  }

  alerted(): void {
    this.doubtful++
  }

  /**
   * Somebody said what an alert was: of a stranger, whose score this was; of whom it said; or nobody
   * can tell, and it stays in doubt.
   */
  judged(outcome: Outcome, score: number): void {
    if (outcome === 'unresolved') return
    this.doubtful = Math.max(0, this.doubtful - 1)
    if (outcome === 'true') {
      this.judgedTrue++
      return
    }
    this.judgedFalse++
    this.#above[binOf(score)]!++
  }

  /** That was a mistake. */
  unjudged(outcome: Outcome, score: number): void {
    if (outcome === 'unresolved') return
    this.doubtful++
    if (outcome === 'true') {
      this.judgedTrue = Math.max(0, this.judgedTrue - 1)
      return
    }
    this.judgedFalse = Math.max(0, this.judgedFalse - 1)
    const bin = binOf(score)
    this.#above[bin] = Math.max(0, this.#above[bin]! - 1)
  }

  watched(milliseconds: number): void {
    this.watchedMs += milliseconds
  }

  /** Bins with a score below the threshold, lowest first: where each begins, and its count. */
  *bins(): Generator<{ from: number; count: number }> {
    for (const [bin, count] of this.#counts.entries()) {
      if (count > 0) yield { from: edge(bin), count }
    }
  }

  /** Known impostors with at least this score, of those that reached the threshold. */
  above(score: number): number {
    return this.#above.subarray(binOf(score)).reduce((sum, count) => sum + count, 0)
  }

  /** Thresholds that were met, lowest first, and the comparisons made under each. */
  *thresholds(): Generator<{ threshold: number; comparisons: number }> {
    for (const [bin, comparisons] of this.#compared.entries()) {
      if (comparisons > 0) yield { threshold: edge(bin), comparisons }
    }
  }

  #kind(kind: number): Uint32Array | Float64Array | undefined {
    return [this.#counts, this.#above, this.#compared][kind]
  }
}

function binOf(score: number): number {
  // What was written as 0.95 may be a hair less, and is meant all the same.
  const bin = Math.floor((score - LOWEST) / BIN + 1e-6)
  return Math.min(BINS - 1, Math.max(0, bin))
}

function edge(bin: number): number {
  return Math.round(bin + LOWEST / BIN) / Math.round(1 / BIN)
}

function damaged(): IntegrityFault {
  return new IntegrityFault('store.damaged', 'a histogram of scores is not one')
}
