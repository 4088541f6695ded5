/** What a picture may add to a question's way, milliseconds: so long what is under way may wait. */
const TARGET_MS = 10
/** Bytes under way: at first, and within which bounds ever. */
const [FIRST, LEAST, MOST] = [4 * 1024, 2 * 1024, 128 * 1024]
/** What was not taken after so long never will be, milliseconds. */
const LOST_MS = 10_000
/** The window changes by no more than this share of what was taken. */
const GAIN = 0.5
/** Less than this apart they need not be sent, milliseconds. */
const LEAST_APART_MS = 5
/** Pieces in a row that must have been late: one alone has met a question. */
const IN_A_ROW = 3
/** So often at least nothing is under way for once, milliseconds, or so many ways, where that is longer. */
const [EMPTY_MS, EMPTY_WAYS] = [1000, 8]
/** The shortest way is that of this long, or of twice as long at most, milliseconds. */
const REMEMBERED_MS = 60_000

type Piece = { bytes: number; sentAt: number; full: boolean }

/**
 * How many bytes of live pictures may be on their way, so that they wait in no buffer for more than a
 * few milliseconds: pieces that take longer than the quickest of late took have waited, behind
 * questions, or behind other pieces. Then there is room for fewer; and for more, where all that room
 * was used and nothing waits.
 * Source: RFC 6817, Low Extra Delay Background Transport.
 */
export class Pace {
  readonly #underway = new Map<number, Piece>()
  #bytes = 0
  #window = FIRST
  /** Nothing has waited yet: the room for more doubles. */
  #starting = true
  #quickest = { before: Number.POSITIVE_INFINITY, now: Number.POSITIVE_INFINITY, since: 0 }
  /** When the next piece may go, epoch milliseconds, as long as others are under way. */
  #next = 0
  /** When nothing was under way the last time. */
  #emptyAt = 0
  /** How long the last ones took. */
  #lately: number[] = []
  #n = 0

  /** How long a piece that need not wait takes there and back, milliseconds; Infinity before any was taken. */
  get way(): number {
    return Math.min(this.#quickest.before, this.#quickest.now)
  }

  /** Bytes of the next piece: what goes through in the time that may be waited, half the room at most. */
  get piece(): number {
    const way = Number.isFinite(this.way) ? this.way : 0
    const share = Math.min(0.5, TARGET_MS / (way + TARGET_MS))
    return Math.max(LEAST, Math.floor(this.#window * share))
  }

  /**
   * Milliseconds from `now`, epoch milliseconds, until a piece of `bytes` may go; Infinity where
   * another must be taken before.
   */
  wait(bytes: number, now: number): number {
    const [oldest] = this.#underway.values()
    // A clock that was set back must not keep them for ever.
    if (oldest !== undefined && Math.abs(now - oldest.sentAt) > LOST_MS) this.#lose()
    if (this.#bytes === 0) return 0
    // Whoever always has something waiting never learns how long the way is without.
    const most = Math.max(EMPTY_MS, EMPTY_WAYS * (Number.isFinite(this.way) ? this.way : 0))
    if (Math.abs(now - this.#emptyAt) > most) return Number.POSITIVE_INFINITY
    if (this.#bytes + bytes > this.#window) return Number.POSITIVE_INFINITY
    return Math.max(0, this.#next - now)
  }

  /** The number of a piece of `bytes` that is sent at `now`. */
  sent(bytes: number, now: number): number {
    const n = this.#n++
    if (this.#bytes === 0) this.#emptyAt = now
    this.#bytes += bytes
    // All at once they would wait for each other, on a long way.
    const apart = (this.way * bytes) / this.#window
    this.#next = now + (apart < LEAST_APART_MS || apart === Number.POSITIVE_INFINITY ? 0 : apart)
    this.#underway.set(n, { bytes, sentAt: now, full: this.#bytes * 2 >= this.#window })
    return n
  }

  /** The server has taken number `n`; false where that is none of ours. */
  taken(n: number, now: number): boolean {
    const piece = this.#underway.get(n)
    if (piece === undefined) return false
    this.#underway.delete(n)
    this.#bytes -= piece.bytes
    // A clock that was set back says nothing.
    const took = Math.max(0, now - piece.sentAt)
    this.#lately = [...this.#lately, took].slice(-IN_A_ROW)
    this.#remember(took, now)
    const off = (ms: number) => Math.max(-1, 1 - (ms - this.way) / TARGET_MS)
    if (off(took) < 0) this.#starting = false
    const fewer = off(Math.min(...this.#lately))
    if (fewer < 0) this.#change(GAIN * fewer * piece.bytes)
    else if (off(took) > 0 && piece.full) {
      this.#change((this.#starting ? 1 : GAIN * off(took)) * piece.bytes)
    }
    return true
  }

  #lose(): void {
    this.#underway.clear()
    this.#bytes = 0
    this.#window = LEAST
  }

  #change(by: number): void {
    this.#window = Math.min(MOST, Math.max(LEAST, this.#window + by))
  }

  #remember(took: number, now: number): void {
    const { now: lately, since } = this.#quickest
    if (Math.abs(now - since) > REMEMBERED_MS) {
      this.#quickest = { before: lately, now: took, since: now }
    }
    this.#quickest.now = Math.min(this.#quickest.now, took)
  }
}
