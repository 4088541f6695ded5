import { norm } from '@vedette/shared/embedding'
import type { Candidate } from '../gallery/gallery.ts'
import { type Evidence, isLate, type Probe } from '../probe.ts'

/** One chip of a walk. */
export type Shot = Pick<Probe, 'shot' | 'quality' | 'box' | 'capturedAt' | 'receivedAt'> & {
  chip: Uint8Array | null
}

/** One walk past one camera, as far as it was asked about. Its faces are here and nowhere else. */
export class Walk {
  readonly agent: string
  readonly camera: string
  readonly track: string
  /** When it was first seen, by the server's clock. */
  firstSeen = Number.POSITIVE_INFINITY
  /** Its best chip; the picture of it only where somebody asks for it. */
  best: Shot | undefined
  /** Entries that an alert stands for. */
  readonly taken = new Set<string>()
  /** When it was last heard of, server time. */
  lastHeard = 0
  /** When it was last seen, by the server's clock. */
  lastSeen = 0
  /** Some of it came too late to act on. */
  late = false
  readonly #pictured: boolean
  readonly #sum: Float32Array
  #weight = 0
  #side = 0
  readonly #shots = new Set<number>()
  readonly #highest = new Map<string, Candidate>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(
    { agent, camera, track }: Pick<Probe, 'agent' | 'camera' | 'track'>,
    length: number,
    pictured = false,
  ) {
    this.agent = agent
    this.camera = camera
    this.track = track
    this.#pictured = pictured
    this.#sum = new Float32Array(length)
  }

  /** Takes in one more chip; the same one twice counts once. */
  add(seen: Probe): Evidence {
    const { shot, probe, quality, box } = seen
    this.lastHeard = seen.receivedAt
    this.firstSeen = Math.min(this.firstSeen, seen.capturedAt)
    this.lastSeen = Math.max(this.lastSeen, seen.capturedAt)
    this.late ||= isLate(seen)
    if (!this.#shots.has(shot)) {
      this.#shots.add(shot)
      const weight = weightOf(quality)
      this.#weight += weight
      this.#side = Math.max(this.#side, box[2], box[3])
      if (quality > (this.best?.quality ?? -1)) this.best = shotOf(seen, this.#pictured)
      for (const [i, value] of probe.entries()) this.#sum[i]! += weight * value
    }
    return (
      this.evidence ?? {
        probe,
        coherence: 1,
        chips: 1,
        weight: weightOf(quality),
        side: this.#side,
      }
    )
  }

  /** What its chips say together; undefined where they say nothing. */
  get evidence(): Evidence | undefined {
    const size = norm(this.#sum)
    if (size === 0 || size < LEAST_WEIGHT * this.#weight) return undefined
    return {
      probe: this.#sum.map((value) => value / size),
      coherence: Math.min(1, size / this.#weight),
      chips: this.#shots.size,
      weight: this.#weight,
      side: this.#side,
    }
  }

  /** Remembers how near it came to whom. */
  note(candidates: readonly Candidate[]): void {
    for (const candidate of candidates.slice(0, NOTED)) {
      const known = this.#highest.get(candidate.entryId)
      if (known === undefined || candidate.score > known.score) {
        this.#highest.set(candidate.entryId, candidate)
      }
    }
  }

  /** The nearest it came to anybody whom it was not taken for. */
  get nearest(): Candidate | undefined {
    return [...this.#highest.values()]
      .filter(({ entryId }) => !this.taken.has(entryId))
      .toSorted((p, q) => q.score - p.score)[0]
  }

  /** Runs `work` when all that was asked for before is done. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => {})
    return mine
  }
}

function shotOf(seen: Probe, pictured: boolean): Shot {
  const { shot, quality, box, capturedAt, receivedAt, chip } = seen
  return { shot, quality, box, capturedAt, receivedAt, chip: pictured ? chip : null }
}

/** Candidates remembered of each question: who was second may be first when the first is an alert. */
const NOTED = 3
/** A chip of no quality still says something. */
const LEAST_WEIGHT = 0.01

/** What a chip weighs among those of its walk. */
export function weightOf(quality: number): number {
  return Math.max(quality, LEAST_WEIGHT)
}
