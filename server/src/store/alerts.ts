import { Refusal } from '@vedette/shared/errors'
import type { Selectable } from 'kysely'
import type { AlertEvent, AlertState } from '../alerts/life.ts'
import { next } from '../alerts/life.ts'
import { type Database, guarded } from './database.ts'
import type { EntryStore } from './entries.ts'
import type { Schema } from './schema.ts'

/** What the control room gets for a sighting. Times are epoch milliseconds. */
export type Alert = {
  id: string
  entryId: string
  list: string
  agent: string
  camera: string
  track: string
  state: AlertState
  capturedAt: number
  receivedAt: number
  raisedAt: number
  /** Similarity of the best shot to the entry's nearest template, and what it had to reach. */
  score: number
  threshold: number
  /** The next entry's score, null where the list has no other. */
  runnerUp: number | null
  templateId: string
  quality: number
  /** x, y, width, height of the face in its frame, pixels. */
  box: [number, number, number, number]
  space: string
  /** Questions of this track that matched. */
  shots: number
  acknowledgedAt: number | null
  acknowledgedBy: string | null
  note: string | null
}

export type NewAlert = Omit<Alert, 'state' | 'shots' | 'acknowledgedAt' | 'acknowledgedBy' | 'note'>

/** Something that happened to an alert, numbered in order without gaps that matter. */
export type AlertChange = { seq: number; kind: 'raised' | AlertEvent; alert: Alert }

export type AlertFilter = {
  state?: AlertState | undefined
  limit: number
  before?: string | undefined
}

/** Stands in the database where the list has no other entry: no similarity is as low. */
const NO_RUNNER_UP = -2

/** Alerts and all that happened to them. Every write is on disk before its promise resolves. */
export class AlertStore {
  readonly #db: Database
  readonly #entries: EntryStore

  constructor(db: Database, entries: EntryStore) {
    this.#db = db
    this.#entries = entries
  }

  /**
   * The alert that a sighting belongs to: of its own track, else of its camera at most `within`
   * milliseconds before or after.
   */
  async find(
    sighting: Pick<Alert, 'entryId' | 'agent' | 'camera' | 'track' | 'capturedAt'>,
    within: number,
  ): Promise<Alert | undefined> {
    const { entryId, agent, camera, track, capturedAt } = sighting
    const [from, to] = [capturedAt - within, capturedAt + within]
    const row = await guarded(() =>
      this.#db
        .selectFrom('alerts')
        .selectAll()
        .where('entryId', '=', entryId)
        .where('agent', '=', agent)
        .where((eb) =>
          eb.or([
            eb('track', '=', track),
            eb.and([eb('camera', '=', camera), eb.between('capturedAt', from, to)]),
          ]),
        )
        .orderBy((eb) => eb('track', '=', track), 'desc')
        .orderBy('capturedAt', 'desc')
        .limit(1)
        .executeTakeFirst(),
    )
    return row && toAlert(row)
  }

  async raise(alert: NewAlert, chip: Uint8Array): Promise<AlertChange> {
    const { list, runnerUp, box, ...rest } = alert
    return this.#change(alert.id, 'raised', alert.raisedAt, null, async (tx) => {
      const key = await this.#entries.key(alert.entryId, tx)
      await tx
        .insertInto('alerts')
        .values({
          ...rest,
          listId: list,
          runnerUp: runnerUp ?? NO_RUNNER_UP,
          box: JSON.stringify(box),
          state: 'open' satisfies AlertState,
          chip: key.seal(chipPlace(alert.id), chip),
          shots: 1,
          acknowledgedAt: null,
          acknowledgedBy: null,
          note: null,
        })
        .execute()
    })
  }

  /** Puts better evidence in the place of what alert `id` has; worse is only counted. */
  async improve(id: string, better: NewAlert, chip: Uint8Array): Promise<AlertChange | undefined> {
    const known = await this.get(id)
    if (better.score <= known.score) {
      await guarded(() =>
        this.#db
          .updateTable('alerts')
          .set({ shots: known.shots + 1 })
          .where('id', '=', id)
          .execute(),
      )
      return undefined
    }
    const { score, threshold, runnerUp, templateId, quality, capturedAt } = better
    return this.#change(id, 'improved', better.raisedAt, null, async (tx) => {
      const key = await this.#entries.key(known.entryId, tx)
      await tx
        .updateTable('alerts')
        .set({
          score,
          threshold,
          templateId,
          quality,
          capturedAt,
          runnerUp: runnerUp ?? NO_RUNNER_UP,
          box: JSON.stringify(better.box),
          chip: key.seal(chipPlace(id), chip),
          shots: known.shots + 1,
        })
        .where('id', '=', id)
        .execute()
    })
  }

  /** Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  async acknowledge(id: string, by: string, at: number, note: string | null): Promise<AlertChange> {
    const { state } = await this.get(id)
    const after = next(state, 'acknowledged')
    if (after === undefined) {
      throw new Refusal('alert.wrong-state', `alert ${id} is ${state} already`)
    }
    return this.#change(id, 'acknowledged', at, by, async (tx) => {
      await tx
        .updateTable('alerts')
        .set({ state: after, acknowledgedAt: at, acknowledgedBy: by, note })
        .where('id', '=', id)
        .execute()
    })
  }

  /** Newest first. */
  async list({ state, limit, before }: AlertFilter): Promise<Alert[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('alerts')
        .selectAll()
        .$if(state !== undefined, (query) => query.where('state', '=', state!))
        .$if(before !== undefined, (query) => query.where('id', '<', before!))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute(),
    )
    return rows.map(toAlert)
  }

  /** Throws Refusal `alert.not-found`. */
  async get(id: string): Promise<Alert> {
    const row = await guarded(() =>
      this.#db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst(),
    )
    if (row !== undefined) return toAlert(row)
    throw new Refusal('alert.not-found', `no alert ${id}`, { hint: 'see: vedette alerts list' })
  }

  /** The face that raised it, JPEG. Throws Refusal when the alert or its entry is gone. */
  async chip(id: string): Promise<Buffer> {
    const row = await guarded(() =>
      this.#db
        .selectFrom('alerts')
        .select(['entryId', 'chip'])
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    if (!row?.chip) throw new Refusal('alert.not-found', `no picture for alert ${id}`)
    return (await this.#entries.key(row.entryId)).open(chipPlace(id), row.chip)
  }

  /** Changes after number `seq`, oldest first. */
  async changesSince(seq: number, limit = 1000): Promise<AlertChange[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('alertEvents')
        .innerJoin('alerts', 'alerts.id', 'alertEvents.alertId')
        .selectAll('alerts')
        .select(['alertEvents.seq', 'alertEvents.kind'])
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(limit)
        .execute(),
    )
    return rows.map(({ seq: number, kind, ...alert }) => ({
      seq: number,
      kind: kind as AlertChange['kind'],
      alert: toAlert(alert),
    }))
  }

  /** Number of the last change, 0 before the first. */
  async lastChange(): Promise<number> {
    const row = await guarded(() =>
      this.#db
        .selectFrom('alertEvents')
        .select((eb) => eb.fn.max('seq').as('seq'))
        .executeTakeFirst(),
    )
    return row?.seq ?? 0
  }

  /** Makes a change and its event in one transaction, and gives both as they now are. */
  async #change(
    id: string,
    kind: AlertChange['kind'],
    at: number,
    by: string | null,
    write: (tx: Database) => Promise<void>,
  ): Promise<AlertChange> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        await write(tx)
        const event = { alertId: id, kind, at, by }
        const { seq } = await tx
          .insertInto('alertEvents')
          .values(event)
          .returning('seq')
          .executeTakeFirstOrThrow()
        const row = await tx
          .selectFrom('alerts')
          .selectAll()
          .where('id', '=', id)
          .executeTakeFirstOrThrow()
        return { seq, kind, alert: toAlert(row) }
      }),
    )
  }
}

function toAlert({
  chip: _,
  listId,
  runnerUp,
  box,
  state,
  ...row
}: Selectable<Schema['alerts']>): Alert {
  return {
    ...row,
    list: listId,
    state: state as AlertState,
    runnerUp: runnerUp === NO_RUNNER_UP ? null : runnerUp,
    box: JSON.parse(box) as Alert['box'],
  }
}

const chipPlace = (id: string) => ({ table: 'alerts', row: id, column: 'chip' })
