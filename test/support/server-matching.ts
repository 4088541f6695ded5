import { Alerts } from '@vedette/server/alerts/alerts'
import { Decisions } from '@vedette/server/alerts/decisions'
import { type Candidate, Gallery } from '@vedette/server/gallery/gallery'
import type { Lists } from '@vedette/server/lists/lists'
import { Matching } from '@vedette/server/matching/matching'
import { Rejections } from '@vedette/server/matching/rejections'
import { Strictness } from '@vedette/server/matching/strictness'
import type { Probe } from '@vedette/server/probe'
import type { Alert, AlertChange } from '@vedette/server/store/alerts'
import type { Verdict } from '@vedette/server/thresholds/budget'
import { type Embedding, normalise, similarity } from '@vedette/shared/embedding'
import { ManualClock } from './agent-clock.ts'
import { seeded } from './agent-random.ts'
import { LogBook } from './server-log.ts'
import { sightingOf } from './server-sightings.ts'
import { newEntry, newPhoto, SPACE, TemporaryStore, TRAIL } from './server-store.ts'
import { scattered } from './server-vectors.ts'

export const THRESHOLD = 0.95
/** Similarity that makes strangers ten times rarer, in these tests. */
export const DECADE = 0.01

/** From probes to alerts, on a real store and a real gallery; the threshold stands still. */
export class MatchingBench {
  readonly stored: TemporaryStore
  readonly gallery: Gallery
  readonly alerts: Alerts
  readonly rejections: Rejections
  readonly decisions: Decisions
  readonly strictness: Strictness
  readonly matching: Matching
  readonly clock: ManualClock
  readonly told: AlertChange[] = []
  /** Lists that are not looked for here and now. */
  readonly resting = new Set<string>()
  applies: Lists['applies'] = () => true
  /** What the thresholds were told of walks that ended. */
  readonly walks: { camera: string; score: number | undefined; entries: number }[] = []
  readonly nearMisses: Candidate[] = []
  /** What the thresholds say. */
  verdict: Verdict = { threshold: THRESHOLD, wanted: 0, origin: 'floor' }

  static async open(): Promise<MatchingBench> {
    const stored = await TemporaryStore.make()
    const gallery = await Gallery.open(SPACE, { length: 128, threads: 1 }, [])
    const [clock, { log }] = [new ManualClock(), new LogBook()]
    const { alerts: store, rejections } = stored.store
    const alerts = new Alerts({ store, cooldown: 60_000, trail: TRAIL, clock, log })
    const open = await Rejections.open(rejections)
    const decisions = new Decisions({
      store: stored.store.decisions,
      alerts,
      rejections: open,
      clock,
    })
    const strictness = await Strictness.open(stored.store.entries)
    const made = { stored, gallery, alerts, rejections: open, decisions, strictness, clock }
    return new MatchingBench(made)
  }

  private constructor(
    parts: Pick<
      MatchingBench,
      'stored' | 'gallery' | 'alerts' | 'rejections' | 'decisions' | 'strictness' | 'clock'
    >,
  ) {
    this.stored = parts.stored
    this.gallery = parts.gallery
    this.alerts = parts.alerts
    this.rejections = parts.rejections
    this.decisions = parts.decisions
    this.strictness = parts.strictness
    this.clock = parts.clock
    this.alerts.listen((change) => this.told.push(change))
    this.matching = new Matching({
      ...parts,
      decade: DECADE,
      lists: { applies: (list, at) => !this.resting.has(list) && this.applies(list, at) },
      thresholds: {
        for: () => this.verdict,
        walk: ({ camera }, score, entries) => void this.walks.push({ camera, score, entries }),
      },
      onOver: () => {},
      onNearMiss: (_walk, nearest) => void this.nearMisses.push(nearest),
    })
  }

  /** Enrols somebody whose template is that of `seed`, or `template`. */
  async enrol(seed: number, template?: Embedding): Promise<string> {
    const photo = newPhoto(seed, template && { template })
    const { entry, templates } = await this.stored.store.entries.add(newEntry(`person ${seed}`), [
      photo,
    ])
    await this.gallery.add(templates)
    return entry.id
  }

  found(): Promise<Alert[]> {
    return this.stored.store.alerts.list({ limit: 100 })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.matching.stop()
    await this.gallery[Symbol.asyncDispose]()
    await this.stored[Symbol.asyncDispose]()
  }
}

/** A vector whose similarity to `to` is `score`; which of them, `seed` says. */
export function vectorLike(to: Embedding, score: number, seed: number): Embedding {
  const [other] = scattered(1, to.length, seeded(seed + 1000))
  const along = similarity(other!, to)
  const across = normalise(other!.map((value, i) => value - along * to[i]!))
  return normalise(to.map((value, i) => score * value + Math.sqrt(1 - score ** 2) * across[i]!))
}

/** A probe whose similarity to the template of `seed` is `score`. */
export function probeLike(
  seed: number,
  score: number,
  seen: Partial<Probe> = {},
  variant = seed,
): Probe {
  const probe = vectorLike(newPhoto(seed).template, score, variant)
  return sightingOf('', { probe: { probe, ...seen } }).probe
}
