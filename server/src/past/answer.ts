import { FAR_SIDE } from '@vedette/models/models'
import { similarity } from '@vedette/shared/embedding'
import type { CameraStatus } from '../cameras/known.ts'
import type { Alert } from '../store/alerts.ts'
import type { Likeness } from '../store/templates.ts'
import { decade } from '../thresholds/published.ts'
import { type Bar, barOf } from './bar.ts'
import { type Coverage, coverageOf } from './coverage.ts'
import { type Looks, likenessOf, lookBack, type Trace } from './look-back.ts'
import type { PastParts } from './parts.ts'
import type { CameraId, PastPolicy } from './policy.ts'
import { asKept } from './raise.ts'
import { type Reach, reachOf } from './reach.ts'

export type Question = {
  /** What somebody looks like, in every space that there is. */
  likenesses: readonly Likeness[]
  /** Lists whose policies say what may be seen. */
  lists: readonly string[]
  since: number
  until: number
  /** Whether a camera is asked about, by somebody who may. */
  asks: (place: CameraId) => boolean
  /** Whether an alert of a list may be shown. */
  sees: (list: string) => boolean
  /** Also what comes near: within a decade of what it must reach. */
  near: boolean
}

/** Somebody who looks like it was seen. Times are epoch milliseconds. */
export type Sighted = CameraId & {
  /** Null while it is under way. */
  sighting: string | null
  from: number
  until: number
  /** Of the best shot. */
  at: number
  score: number
  needed: number
  quality: number
  side: number
  chips: number
  pictured: boolean
}

/** An alert of that time that looks like it. */
export type AlertSighted = Pick<
  Alert,
  'id' | 'entryId' | 'list' | 'agent' | 'camera' | 'capturedAt' | 'state' | 'certainty'
> & { score: number; needed: number }

export type Answer = {
  since: number
  until: number
  /** Of those asked about, the ones that keep anything. */
  lists: readonly string[]
  /** Walks that were searched, and those of models that are not in use any more. */
  walks: number
  elsewhere: number
  /** Best first; `more`: only the best are here. */
  sightings: Sighted[]
  more: boolean
  alerts: AlertSighted[]
  cameras: Coverage[]
}

type Parts = PastParts & { cameras: readonly CameraStatus[] }

/** Where and when somebody was seen who looks like it, and how much of the time can be spoken of. */
export async function answer(question: Question, parts: Parts): Promise<Answer> {
  const { keeper, policies, clock } = parts
  const now = clock.now()
  const { since, until, asks, lists } = { ...question, until: Math.min(question.until, now) }
  const asked = policies().filter(({ list }) => lists.includes(list))
  const reach = reachOf({ policies: asked, asks, since, until, now })
  const counts = keeper.count(reach)
  const searched = {
    walks: 0,
    more: false,
    sightings: [] as Sighted[],
    alerts: [] as AlertSighted[],
  }
  for (const likeness of question.likenesses) {
    const found = await answerIn(likeness, { ...question, until }, { reach, counts }, parts)
    if (found === undefined) continue
    searched.walks += counts.get(likeness.space) ?? 0
    searched.more ||= found.more
    searched.sightings.push(...found.sightings)
    searched.alerts.push(...found.alerts)
  }
  const all = [...counts.values()].reduce((sum, count) => sum + count, 0)
  return {
    ...{ since, until },
    lists: asked.flatMap(({ list, keepFor }) => (keepFor > 0 ? [list] : [])),
    ...searched,
    elsewhere: all - searched.walks,
    sightings: searched.sightings.toSorted((p, q) => q.score - p.score),
    alerts: searched.alerts.toSorted((p, q) => q.score - p.score),
    cameras: await coverages({ since, until, asks }, asked, reach, parts),
  }
}

async function answerIn(
  { space, template, far }: Likeness,
  question: Question,
  { reach, counts }: { reach: Reach; counts: ReadonlyMap<string, number> },
  parts: Parts,
) {
  const { judges, galleries, keeper } = parts
  const matching = judges.of(space)?.matching
  if (matching === undefined) return undefined
  const looks: Looks = { near: [template], far: far === undefined ? [] : [far] }
  const calibration = galleries.calibrationOf(space).points
  const bar = barOf({
    needed: (place, who, side) => matching.needed(place, who, side),
    calibration,
    comparisons: Math.max(1, counts.get(space) ?? 0),
    wanted: { entryId: '', list: question.lists[0] ?? '' },
    strictness: 1,
  })
  const slack = question.near ? decade(calibration) : 0
  const index = keeper.of(space)
  // Before anything is waited for: a walk that is over meanwhile would be missed.
  const current: Trace[] = [...matching.current].flatMap((walk) => {
    const [kept, { evidence }] = [asKept(walk, space), walk]
    if (kept === undefined || evidence === undefined || walk.taken.size > 0) return []
    const [score, needed] = [likenessOf(evidence, looks), bar(walk, evidence.side)]
    return reach.allows(kept) && score >= needed - slack ? [{ kept, score, needed }] : []
  })
  const { traces, more } =
    index === undefined
      ? { traces: [], more: false }
      : await lookBack(index, looks, { reach, bar, slack })
  const alerts = await alertsLike(
    { space, looks, bar: (place, side) => bar(place, side) - slack },
    question,
    parts,
  )
  return { sightings: [...current, ...traces].map(sightedOf), more, alerts }
}

function sightedOf({ kept, score, needed }: Trace): Sighted {
  const { id, agent, camera, from, until, at, quality, side, chips, pictured } = kept
  const sighting = id === '' ? null : id
  return { sighting, agent, camera, from, until, at, score, needed, quality, side, chips, pictured }
}

/** Alerts of that time whose face looks like it, whoever they are about. */
async function alertsLike(
  { space, looks, bar }: { space: string; looks: Looks; bar: Bar },
  { since, until, asks, sees }: Question,
  { alertStore }: Parts,
): Promise<AlertSighted[]> {
  const found: AlertSighted[] = []
  for await (const { alert, probe } of alertStore.probes({ since, until })) {
    if (alert.space !== space || !asks(alert) || !sees(alert.list)) continue
    const side = Math.max(alert.box[2], alert.box[3])
    const held = side < FAR_SIDE ? [...looks.near, ...looks.far] : looks.near
    const score = Math.max(...held.map((vector) => similarity(vector, probe)))
    const needed = bar(alert, side)
    if (score < needed) continue
    const { id, entryId, list, agent, camera, capturedAt, state, certainty } = alert
    found.push({ id, entryId, list, agent, camera, capturedAt, state, certainty, score, needed })
  }
  return found
}

/** What can be said of every camera that is asked about. */
async function coverages(
  { since, until, asks }: Pick<Question, 'since' | 'until' | 'asks'>,
  asked: readonly PastPolicy[],
  reach: Reach,
  { store, keeper, cameras }: Parts,
): Promise<Coverage[]> {
  const periods = await store.periods.between(since, until)
  const places = new Map<string, CameraId>()
  for (const { agent, camera } of [...cameras, ...periods]) {
    if (asks({ agent, camera })) places.set(`${agent}/${camera}`, { agent, camera })
  }
  const { droppedUntil } = keeper
  return [...places.values()]
    .map((place) => {
      const watched = asked.some((policy) => policy.keepFor > 0 && policy.watches(place))
      const own = periods
        .filter(({ agent, camera }) => agent === place.agent && camera === place.camera)
        .map((period) => ({ ...period, kept: period.kept && watched }))
      const destroyedUntil = watched ? reach.from(place) : Number.NEGATIVE_INFINITY
      return coverageOf(place, own, { since, until, destroyedUntil, droppedUntil })
    })
    .toSorted((p, q) => `${p.agent}/${p.camera}`.localeCompare(`${q.agent}/${q.camera}`))
}
