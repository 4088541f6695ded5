import { FAR_SIDE } from '@vedette/models/models'
import type { Embedding } from '@vedette/shared/embedding'
import { codeOf, Refusal } from '@vedette/shared/errors'
import { rowsOf } from '../gallery/centre.ts'
import type { Gallery } from '../gallery/gallery.ts'
import { MARGIN } from '../matching/matching.ts'
import type { Walk } from '../matching/walk.ts'
import type { Kept } from '../store/past/sightings.ts'
import type { SpaceTemplate } from '../store/templates.ts'
import { decade } from '../thresholds/published.ts'
import { type Bar, barOf } from './bar.ts'
import { type Looks, likenessOf, lookBack, type Trace } from './look-back.ts'
import type { PastParts } from './parts.ts'
import { type Reach, reachOf } from './reach.ts'

/** A walk that was raised, and the alert that it is part of. */
export type Find = { alert: string; kept: Kept; score: number; needed: number }

/** A walk with what it looks like. */
type Seen = Trace & { probe: Embedding; picture: Uint8Array | null }

/** A walk under way is nobody's yet; it has no id and is in no slot. */
const UNDER_WAY = ''

/**
 * Raises every walk that was kept for the list of entry `entryId` and reaches what it must; they are
 * evidence of that entry from here on, and kept as nobody's no more. Undefined where the list asks for
 * nothing to be kept. Throws Refusal `entry.not-found`.
 */
export async function raiseFound(
  entryId: string,
  parts: PastParts,
): Promise<{ list: string; walks: number; finds: Find[] } | undefined> {
  const { entries, galleries, keeper, policies, clock } = parts
  const { list } = await entries.get(entryId)
  const asked = policies().filter((policy) => policy.list === list && policy.keepFor > 0)
  if (asked.length === 0) return undefined
  const now = clock.now()
  const reach = reachOf({ policies: asked, asks: () => true, since: 0, until: now, now })
  const counts = keeper.count(reach)
  const finds: Find[] = []
  let walks = 0
  for (const gallery of galleries.all) {
    const templates = await entries.templates(gallery.space, { entry: entryId, liveAt: now })
    if (templates.length === 0) continue
    walks += counts.get(gallery.space) ?? 0
    const wanted = {
      gallery,
      entryId,
      list,
      templates,
      reach,
      walks: counts.get(gallery.space) ?? 0,
    }
    finds.push(...(await raiseIn(wanted, parts)))
  }
  return { list, walks, finds }
}

type Wanted = {
  gallery: Gallery
  entryId: string
  list: string
  templates: readonly SpaceTemplate[]
  reach: Reach
  walks: number
}

async function raiseIn(wanted: Wanted, parts: PastParts): Promise<Find[]> {
  const { gallery, entryId, list, templates, reach, walks } = wanted
  const { keeper, judges, galleries, strictness } = parts
  const matching = judges.of(gallery.space)?.matching
  if (matching === undefined) return []
  const looks = looksOf(templates)
  const bar = barOf({
    needed: (place, who, side) => matching.needed(place, who, side),
    calibration: galleries.calibrationOf(gallery.space).points,
    comparisons: Math.max(1, walks) * templates.length,
    wanted: { entryId, list },
    strictness: strictness.of(entryId),
  })
  // Before anything else is waited for: a walk that is over meanwhile would be missed.
  const current = underWay(matching.current, looks, { reach, bar, space: gallery.space })
  const index = keeper.of(gallery.space)
  const { traces } = index ? await lookBack(index, looks, { reach, bar }) : { traces: [] }
  const kept = await Promise.all(traces.map((trace) => filled(trace, parts)))
  const seen = [...kept.flatMap((one) => one ?? []), ...current.map(({ seen: one }) => one)]
  const finds: Find[] = []
  for (const one of seen.toSorted((p, q) => p.kept.at - q.kept.at)) {
    const find = await raise(one, wanted, parts)
    if (find !== undefined) finds.push(find)
  }
  const raised = new Set(finds.map(({ kept: { track } }) => track))
  for (const { walk } of current) if (raised.has(walk.track)) walk.taken.add(entryId)
  await keeper.remove(kept.flatMap((one) => (one === undefined ? [] : one.kept)))
  return finds
}

/** Undefined where it is an alert already, or an operator said that it is somebody else. */
async function raise(
  { kept, probe, picture, score, needed }: Seen,
  { gallery, entryId, list, templates }: Wanted,
  { alerts, rejections, galleries }: PastParts,
): Promise<Find | undefined> {
  const { agent, camera, track, space, shot, box, quality, receivedAt, at, chips } = kept
  if (rejections.cover(space, entryId, probe, score)) return undefined
  const candidates = await gallery.search(probe, { far: kept.side < FAR_SIDE })
  const next = candidates.find((candidate) => candidate.entryId !== entryId)
  const own = candidates.find((candidate) => candidate.entryId === entryId)
  const runnerUp = next === undefined ? null : next.score * Math.sqrt(kept.coherence)
  const margin = MARGIN * decade(galleries.calibrationOf(space).points)
  const tied = next !== undefined && runnerUp !== null && score - runnerUp < margin
  const alert = await alerts.lookBack({
    probe: {
      ...{ agent, camera, track, space, shot, box, quality, receivedAt, probe },
      capturedAt: at,
      chip: picture,
    },
    evidence: { probe, coherence: kept.coherence, chips, side: kept.side },
    ...{ entryId, list, score, threshold: needed, runnerUp, space },
    templateId: own?.templateId ?? templates[0]!.id,
    standing: 'reached',
    certain: false,
    rival: tied ? next.entryId : null,
  })
  return alert === undefined ? undefined : { alert, kept, score, needed }
}

/** Walks under way that were taken for nobody and reach what they must. */
function underWay(
  walks: Iterable<Walk>,
  looks: Looks,
  { reach, bar, space }: { reach: Reach; bar: Bar; space: string },
): { walk: Walk; seen: Seen }[] {
  return [...walks].flatMap((walk) => {
    const kept = asKept(walk, space)
    const { evidence, best } = walk
    if (kept === undefined || evidence === undefined || best === undefined) return []
    if (walk.taken.size > 0 || !reach.allows(kept)) return []
    const [score, needed] = [likenessOf(evidence, looks), bar(walk, evidence.side)]
    if (score < needed) return []
    return [{ walk, seen: { kept, probe: evidence.probe, picture: best.chip, score, needed } }]
  })
}

/** A walk under way as it would be kept; undefined while nothing can be said of it. */
export function asKept(walk: Walk, space: string): Kept | undefined {
  const { agent, camera, track, firstSeen: from, lastSeen: until, evidence, best } = walk
  if (evidence === undefined || best === undefined) return undefined
  const { shot, quality, box, capturedAt: at, receivedAt, chip } = best
  const { coherence, chips, side } = evidence
  return {
    ...{ id: UNDER_WAY, slot: UNDER_WAY, agent, camera, track, space, from, until, at, receivedAt },
    ...{ shot, quality, box, side, coherence, chips, pictured: chip !== null, bytes: 0 },
  }
}

/** Undefined where it was destroyed meanwhile. */
async function filled(trace: Trace, { keeper }: PastParts): Promise<Seen | undefined> {
  try {
    const { probe, picture } = await keeper.get(trace.kept.id)
    return { ...trace, probe, picture }
  } catch (error) {
    if (error instanceof Refusal && codeOf(error) === 'sighting.not-found') return undefined
    throw error
  }
}

/** What is searched for `templates`. */
export function looksOf(templates: readonly SpaceTemplate[]): Looks {
  const rows = rowsOf(templates)
  const near = rows.filter(({ far }) => !far).map(({ vector }) => vector)
  const far = rows.filter((row) => row.far).map(({ vector }) => vector)
  return { near, far }
}
