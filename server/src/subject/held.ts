import type { Caller } from '../operators/caller.ts'
import type { RetentionPeriods } from '../retention/periods.ts'
import type { Alert, Step } from '../store/alerts.ts'
import type { ActRecord } from '../store/audit-search.ts'
import type { Entry } from '../store/entries.ts'
import type { NearMisses } from '../store/near-misses.ts'
import type { PhotoRecord } from '../store/photos.ts'
import type { Store } from '../store/store.ts'

/** A template, without what it consists of. */
export type HeldTemplate = {
  space: string
  /** Numbers in it. */
  length: number
  /** The photograph that it was made of; 1 is the first. */
  photo: number
  /** Whether there is a second one, of the face as from afar. */
  far: boolean
}

/** An alert, and all that happened to it. */
export type HeldAlert = Alert & { life: Step[] }

/** Everything that is held about one entry. Times are epoch milliseconds. */
export type Held = {
  madeAt: number
  madeBy: string
  /** False where whoever made it does not see every camera: alerts may be missing. */
  complete: boolean
  entry: Entry
  listName: string
  photos: PhotoRecord[]
  templates: HeldTemplate[]
  /** The newest first. */
  alerts: HeldAlert[]
  nearMisses: Omit<NearMisses, 'entryId' | 'templateId'>[]
  /** Alerts that were judged to be somebody else, and are kept so that they are not raised again. */
  rejections: number
  /** Who did what about it, and who looked at it; the newest first. */
  acts: ActRecord[]
  /** When it ends by itself, and what is kept on. */
  keeping: {
    entryUntil: number
    /** Of everybody whom cameras see, hours; 0 is none. Whom it is of is not known. */
    sightingsHours: number
    /** Of resolved alerts, near misses, and the record of who did and who looked; milliseconds. */
    alerts: number
    nearMisses: number
    acts: number
    views: number
  }
}

const PAGE = 500

export type HeldParts = {
  store: Pick<
    Store,
    'entries' | 'alerts' | 'audit' | 'lists' | 'nearMisses' | 'rejections' | 'spaces'
  >
  periods: RetentionPeriods
  at: number
  caller: Caller
}

/** Gathers what is held about entry `id`. Throws Refusal `entry.not-found`. */
export async function heldAbout(
  id: string,
  { store, periods, at, caller }: HeldParts,
): Promise<Held> {
  const entry = await store.entries.get(id)
  const { name: listName, keepFor } = await store.lists.get(entry.list)
  const alerts = await alertsOf(id, store, caller)
  const near = await store.nearMisses.all()
  const rejections = await store.rejections.list(id)
  return {
    madeAt: at,
    madeBy: caller.name,
    complete: caller.scope.cameras === null,
    entry,
    listName,
    photos: await store.entries.photos(id),
    templates: await templatesOf(id, store),
    alerts,
    nearMisses: near
      .filter(({ entryId, agent, camera }) => entryId === id && caller.seesCamera(agent, camera))
      .map(({ entryId: _, templateId: __, ...rest }) => rest),
    rejections: rejections.length,
    acts: await actsAbout(id, alerts, store),
    keeping: {
      entryUntil: entry.expiresAt,
      sightingsHours: keepFor,
      alerts: periods.alerts,
      nearMisses: periods.nearMisses,
      acts: periods.audit,
      views: periods.views,
    },
  }
}

async function templatesOf(
  id: string,
  { entries, spaces }: HeldParts['store'],
): Promise<HeldTemplate[]> {
  const [all, positions] = await Promise.all([spaces.all(), entries.positions()])
  const found = await Promise.all(all.map((space) => entries.templates(space.id, { entry: id })))
  return found.flat().map(({ id: template, space, vector, far }) => ({
    space,
    length: vector.length,
    photo: (positions.get(template) ?? 0) + 1,
    far: far !== undefined,
  }))
}

async function alertsOf(
  entry: string,
  { alerts }: HeldParts['store'],
  caller: Caller,
): Promise<HeldAlert[]> {
  const { cameras } = caller.scope
  const found: HeldAlert[] = []
  for (let before: string | undefined; ; ) {
    const within = { lists: null, cameras }
    const page = await alerts.list({ entry, within, limit: PAGE, before })
    for (const alert of page) found.push({ ...alert, life: await alerts.life(alert.id) })
    before = page.at(-1)?.id
    if (page.length < PAGE) return found
  }
}

async function actsAbout(
  entry: string,
  alerts: readonly Pick<Alert, 'id'>[],
  { audit }: HeldParts['store'],
): Promise<ActRecord[]> {
  const subjects = [['entry', entry], ...alerts.map(({ id }) => ['alert', id])] as const
  const found = new Map<number, ActRecord>()
  for (const [subject, id] of subjects) {
    for (let before: number | undefined; ; ) {
      const page = await audit.search({
        subjects: [[subject as 'entry' | 'alert', id!]],
        limit: PAGE,
        before,
      })
      for (const act of page) found.set(act.seq, act)
      before = page.at(-1)?.seq
      if (page.length < PAGE) break
    }
  }
  return [...found.values()].sort((p, q) => q.seq - p.seq)
}
