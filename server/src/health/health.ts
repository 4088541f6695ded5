import { type Embedding, similarity } from '@vedette/shared/embedding'
import type { Outcome } from '../alerts/life.ts'
import type { Gallery } from '../gallery/gallery.ts'
import type { Ended } from '../store/endings.ts'
import type { Entry } from '../store/entries.ts'
import type { NearMisses } from '../store/near-misses.ts'
import type { Store } from '../store/store.ts'
import type { Template } from '../store/templates.ts'
import { type Advice, adviseOn, type Levels, type Troubles } from './advice.ts'

/** What happened at one camera. */
export type CameraHealth = {
  agent: string
  camera: string
  confirmed: number
  provisional: number
  withdrawn: number
  judgedTrue: number
  judgedFalse: number
  nearMisses: number
  /** The highest score of a near miss, 0 without one. */
  highest: number
}

export type EntryHealth = Troubles & { cameras: CameraHealth[]; advice: Advice[] }

export type HealthParts = { store: Store; gallery: Gallery; levels: () => Levels }

/** Which entries cause trouble, and what to do about it: the worst first. */
export async function entryHealth({ store, gallery, levels }: HealthParts): Promise<EntryHealth[]> {
  const [entries, templates, positions, endings, nearMisses] = await Promise.all([
    store.entries.all({ state: 'live' }),
    store.entries.templates(gallery.space),
    store.entries.positions(),
    store.alerts.endings(),
    store.nearMisses.all(),
  ])
  const names = new Map(entries.map(({ id, name }) => [id, name]))
  const level = levels()
  const ownOf = byEntry(templates)
  const endedOf = byEntry(endings)
  const nearOf = byEntry(nearMisses)
  const all = await Promise.all(
    entries.map(async (entry): Promise<EntryHealth> => {
      const own = ownOf.get(entry.id) ?? []
      const ended = endedOf.get(entry.id) ?? []
      const near = nearOf.get(entry.id) ?? []
      const lookAlike = await lookAlikeOf(entry, own, gallery)
      const troubles: Troubles = {
        entryId: entry.id,
        list: entry.list,
        name: entry.name,
        photos: entry.photos,
        strictness: entry.strictness,
        confirmed: count(ended, stands('confirmed')),
        withdrawn: count(ended, withdrawn),
        judgedTrue: count(ended, judged('true')),
        judgedFalse: count(ended, isFalse),
        nearMisses: near.reduce((sum, { walks }) => sum + walks, 0),
        lookAlike: lookAlike && { ...lookAlike, name: names.get(lookAlike.entryId) ?? '' },
        agreement: agreement(own, positions),
        blame: blame(entry, ended, positions),
      }
      return { ...troubles, cameras: byCamera(ended, near), advice: adviseOn(troubles, level) }
    }),
  )
  return all.toSorted((p, q) => badness(q) - badness(p))
}

function byEntry<T extends { entryId: string }>(rows: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const row of rows) {
    const group = groups.get(row.entryId)
    if (group === undefined) groups.set(row.entryId, [row])
    else group.push(row)
  }
  return groups
}

const judged = (wanted: Outcome) => (ended: Ended) => ended.outcome === wanted
const isFalse = judged('false')
const withdrawn = (ended: Ended) =>
  !isFalse(ended) && !judged('true')(ended) && ended.certainty === 'withdrawn'
/** Nobody said that it was somebody else; who was judged true was, whatever the evidence was worth. */
const stands = (wanted: Ended['certainty']) => (ended: Ended) =>
  !isFalse(ended) && (judged('true')(ended) ? 'confirmed' : ended.certainty) === wanted

function count(endings: readonly Ended[], is: (ended: Ended) => boolean): number {
  return endings.filter(is).reduce((sum, { alerts }) => sum + alerts, 0)
}

/** Mistakes weigh most, then advice, then near misses. */
function badness({ judgedFalse, withdrawn, advice, nearMisses }: EntryHealth): number {
  return 1e6 * (judgedFalse + withdrawn) + 1e4 * advice.length + nearMisses
}

async function lookAlikeOf({ id }: Entry, own: readonly Template[], gallery: Gallery) {
  const found = (await Promise.all(own.map(({ vector }) => gallery.search(vector)))).flat()
  const [best] = found.filter(({ entryId }) => entryId !== id).toSorted((p, q) => q.score - p.score)
  return best === undefined ? null : { entryId: best.entryId, score: best.score }
}

/** How alike each photograph's template is to the one most like it. */
function agreement(
  own: readonly Template[],
  positions: ReadonlyMap<string, number>,
): (number | null)[] {
  const ordered = own.toSorted((p, q) => positions.get(p.id)! - positions.get(q.id)!)
  const vectors = ordered.map(({ vector }) => vector)
  if (vectors.length < 2) return vectors.map(() => null)
  const alike = (one: Embedding, i: number) => (other: Embedding, k: number) =>
    k === i ? -1 : similarity(one, other)
  return vectors.map((vector, i) => Math.max(...vectors.map(alike(vector, i))))
}

function blame(
  { photos }: Entry,
  ended: readonly Ended[],
  positions: ReadonlyMap<string, number>,
): number[] {
  return Array.from({ length: photos }, (_, photo) =>
    count(
      ended.filter(({ templateId }) => positions.get(templateId) === photo),
      (one) => isFalse(one) || withdrawn(one),
    ),
  )
}

function byCamera(ended: readonly Ended[], near: readonly NearMisses[]): CameraHealth[] {
  const places = new Map([...ended, ...near].map((row) => [`${row.agent}/${row.camera}`, row]))
  return [...places.values()].map(({ agent, camera }) => {
    const here = <T extends { agent: string; camera: string }>(rows: readonly T[]) =>
      rows.filter((row) => row.agent === agent && row.camera === camera)
    const [alerts, [misses]] = [here(ended), here(near)]
    return {
      agent,
      camera,
      confirmed: count(alerts, stands('confirmed')),
      provisional: count(alerts, stands('provisional')),
      withdrawn: count(alerts, withdrawn),
      judgedTrue: count(alerts, judged('true')),
      judgedFalse: count(alerts, isFalse),
      nearMisses: misses?.walks ?? 0,
      highest: misses?.highest ?? 0,
    }
  })
}
