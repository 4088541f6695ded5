import { FAR_SIDE } from '@vedette/models/models'
import type { Clock } from '@vedette/shared/clock'
import type { Alerts } from '../alerts/alerts.ts'
import type { Candidate, Gallery } from '../gallery/gallery.ts'
import type { Lists } from '../lists/lists.ts'
import type { Evidence, Probe } from '../probe.ts'
import type { Verdict } from '../thresholds/budget.ts'
import { doubtOf } from '../thresholds/published.ts'
import type { Rejections } from './rejections.ts'
import type { Strictness } from './strictness.ts'
import { type Finding, judge } from './verdict.ts'
import type { Walk } from './walk.ts'
import { Walks } from './walks.ts'

type Camera = { agent: string; camera: string }

/** What decides how similar is similar enough. */
export type Bar = {
  for(place: Camera & { list: string }): Verdict
  /** A walk ended; `score` is the nearest it came to anybody it was not taken for. */
  walk(camera: Camera, score: number | undefined, entries: number): void
}

export type MatchingOptions = {
  gallery: Gallery
  alerts: Alerts
  rejections: Rejections
  strictness: Strictness
  thresholds: Bar
  /** Where and when each list applies. */
  lists: Pick<Lists, 'applies'>
  /** By how much the score rises where strangers who reach it become ten times rarer. */
  decade: number
  clock: Clock
  /** Whether an agent is away, and may go on with a walk when it is back. */
  away?: ((agent: string) => boolean) | undefined
  /** A walk is over. */
  onOver: (walk: Walk) => void
  /** A walk that came near an entry without being taken for it is over. */
  onNearMiss: (walk: Walk, nearest: Candidate) => void
  /** Whether a walk that matches nobody may be kept with a picture: else there is none to be kept. */
  pictured?: ((place: Camera) => boolean) | undefined
}

/** Scores within this share of a decade are equals (decision 15). */
export const MARGIN = 0.5
/** Below a threshold by more than this many decades, an alert is withdrawn. */
const SLACK = 1
/** Within this many decades of a threshold a walk is a near miss. */
const NEAR = 1

/** From a probe to a sighting, or to nothing: then nothing of it is kept. */
export class Matching {
  readonly #options: MatchingOptions
  readonly #walks: Walks

  constructor(options: MatchingOptions) {
    this.#options = options
    const { gallery, clock, away, pictured } = options
    const onOver = (walk: Walk) => this.#over(walk)
    this.#walks = new Walks({ length: gallery.length, clock, away, pictured, onOver })
  }

  /** Resolves when all that comes of the probe is on disk. */
  consider(probe: Probe): Promise<void> {
    const walk = this.#walks.of(probe)
    return walk.inTurn(() => this.#consider(walk, probe))
  }

  /** Walks that are under way. */
  get current(): IterableIterator<Walk> {
    return this.#walks.current
  }

  /** Ends the walks that are under way. */
  stop(): void {
    this.#walks.end()
  }

  async #consider(walk: Walk, probe: Probe): Promise<void> {
    const { gallery, lists, alerts, decade } = this.#options
    const evidence = walk.add(probe)
    const far = evidence.side < FAR_SIDE
    const candidates = this.#likely(await gallery.search(evidence.probe, { far }), evidence)
    const { agent, camera, capturedAt } = probe
    const applies = ({ list }: Candidate) => lists.applies(list, { agent, camera, at: capturedAt })
    walk.note(candidates.filter(applies))
    const findings = judge(candidates, walk.taken, evidence.chips, {
      applies,
      threshold: (candidate) => this.needed(walk, candidate, evidence.side),
      margin: MARGIN * decade,
      slack: SLACK * decade,
    })
    for (const finding of findings) {
      await alerts.consider({ ...sighting(finding), probe, space: gallery.space, evidence })
      const { standing, candidate } = finding
      if (standing === 'reached') walk.taken.add(candidate.entryId)
      if (standing === 'fallen') walk.taken.delete(candidate.entryId)
    }
  }

  /**
   * Candidates whose time is not over, and whom no operator told apart from this face. The similarity of a sum grows as the chips
   * differ, for strangers too: the root of their coherence takes that back, and one threshold serves
   * walks of any length (decision 15).
   */
  #likely(found: readonly Candidate[], { probe, coherence }: Evidence): Candidate[] {
    const { rejections, gallery, clock } = this.#options
    const now = clock.now()
    return found
      .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
      .filter(({ entryId, score }) => !rejections.cover(gallery.space, entryId, probe, score))
      .map((candidate) => ({ ...candidate, score: candidate.score * Math.sqrt(coherence) }))
  }

  #over(walk: Walk): void {
    const { gallery, thresholds, decade, onOver, onNearMiss } = this.#options
    const { agent, camera, late, nearest } = walk
    onOver(walk)
    // A camera counts as watched while its agent is here: what came of other times would be too much.
    if (!late) thresholds.walk({ agent, camera }, nearest?.score, gallery.entries)
    if (nearest === undefined) return
    const threshold = this.needed(walk, nearest)
    if (nearest.score >= threshold - NEAR * decade) onNearMiss(walk, nearest)
  }

  /**
   * What the candidate must reach at a camera. Faces that are in doubt for their `side`, pixels, must
   * reach some decades more where that comes of a calibration with near ones: a camera's own scores are
   * of the faces that it sees, and the floor is one for all.
   */
  needed(
    { agent, camera }: Camera,
    { entryId, list }: Pick<Candidate, 'entryId' | 'list'>,
    side = Number.POSITIVE_INFINITY,
  ): number {
    const { thresholds, strictness, decade } = this.#options
    const doubt = doubtOf(side)
    const { threshold, wanted, origin } = thresholds.for({ agent, camera, list })
    const doubted = origin === 'measured' ? threshold : wanted + doubt * decade
    return Math.max(threshold, doubted) + decade * Math.log10(strictness.of(entryId))
  }
}

function sighting({ candidate, ...finding }: Finding) {
  const { entryId, list, templateId, score } = candidate
  return { ...finding, entryId, list, templateId, score }
}
