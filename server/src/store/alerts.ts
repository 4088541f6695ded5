import { type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import type { AlertState, EvidenceEvent, Standing } from '../alerts/life.ts'
import { certaintyAfter, next } from '../alerts/life.ts'
import type { Accounted } from '../report/figures.ts'
import { changesAfter, lastNumber, makeChange } from './alert-changes.ts'
import { type AlertCount, countAlerts } from './alert-counts.ts'
import {
  type AlertFilter,
  alertOf,
  incidentOf,
  isNoted,
  listAlerts,
  type Sighted,
} from './alert-finding.ts'
import {
  type Alert,
  type AlertChange,
  evidenceColumns,
  type FrameName,
  type NewAlert,
  toAlert,
} from './alert-rows.ts'
import { type Database, guarded } from './database.ts'
import type { EntryStore } from './entries.ts'
import { addFrame, type EvidenceFrame, frameChip, framesOf } from './evidence.ts'
import { type Incident, latestIncidents } from './incidents.ts'
import { accountedAlerts, countOutcomes, type Outcome } from './outcomes.ts'
import { placeJson } from './places.ts'

export type { Alert, AlertChange, NewAlert } from './alert-rows.ts'

/** A frame that bears on an alert, and what the walk looks like with it. */
export type Seen = {
  standing: Standing
  alert: NewAlert
  shot: number
  /** Chips that the score speaks of. */
  chips: number
  chip: Uint8Array
  /** The walk's fused probe. */
  probe: Embedding
}

/** Alerts and all that happened to them. Every write is on disk before its promise resolves. */
export class AlertStore {
  readonly #db: Database
  readonly #entries: EntryStore

  constructor(db: Database, entries: EntryStore) {
    this.#db = db
    this.#entries = entries
  }

  /**
   * The alert that a sighting belongs to: of its own track, else one that stands, of its camera at
   * most `within` milliseconds before or after.
   */
  find(sighting: Sighted, within: number): Promise<Alert | undefined> {
    return alertOf(this.#db, sighting, within)
  }

  /** Whether this frame was noted before for what an agent saw of an entry. */
  noted(sighting: Pick<Alert, 'entryId' | 'agent'> & FrameName): Promise<boolean> {
    return isNoted(this.#db, sighting)
  }

  /** Raises an alert; it goes on with the entry's incident of the last `trail` milliseconds. */
  async raise(seen: Seen, trail: number): Promise<AlertChange> {
    const { alert, shot, chip, probe } = seen
    const { list, rival, late, runnerUp: _, box: __, ...rest } = alert
    const frame = { track: alert.track, shot }
    return makeChange(
      this.#db,
      alert.id,
      'raised',
      { at: alert.raisedAt, by: null, frame },
      async (tx) => {
        const key = await this.#entries.key(alert.entryId, tx)
        await tx
          .insertInto('alerts')
          .values({
            ...rest,
            ...evidenceColumns(alert),
            listId: list,
            rivalId: rival,
            incident: (await incidentOf(tx, alert, trail)) ?? alert.id,
            late: late ? 1 : 0,
            state: 'open' satisfies AlertState,
            chip: key.seal(chipPlace(alert.id), chip),
            probe: key.seal(probePlace(alert.id), encodeEmbedding(probe)),
            shots: 1,
            acknowledgedAt: null,
            acknowledgedBy: null,
            note: null,
            place: await placeJson(tx, alert),
          })
          .execute()
        await addFrame(tx, key, evidenceOf(alert.id, seen))
      },
    )
  }

  /**
   * Notes one more frame of what alert `id` is about; the best one is shown for it. Gives the change
   * where there is an event.
   */
  async follow(
    id: string,
    seen: Seen,
    event: EvidenceEvent | undefined,
  ): Promise<AlertChange | undefined> {
    const known = await this.get(id)
    const { alert, standing, shot, chip, probe } = seen
    const reached = standing === 'reached'
    const better = reached && alert.score > known.score
    const write = async (tx: Database) => {
      const key = await this.#entries.key(known.entryId, tx)
      await addFrame(tx, key, evidenceOf(id, seen), { always: event !== undefined })
      await tx
        .updateTable('alerts')
        .set({
          shots: known.shots + (reached ? 1 : 0),
          certainty: event === undefined ? known.certainty : certaintyAfter(known.certainty, event),
          rivalId: reached ? alert.rival : known.rival,
          late: known.late && (alert.late || !reached) ? 1 : 0,
          ...(better && {
            ...evidenceColumns(alert),
            chip: key.seal(chipPlace(id), chip),
            probe: key.seal(probePlace(id), encodeEmbedding(probe)),
          }),
        })
        .where('id', '=', id)
        .execute()
    }
    if (event === undefined) {
      await guarded(() => this.#db.transaction().execute(write))
      return undefined
    }
    const frame = { track: alert.track, shot }
    return makeChange(this.#db, id, event, { at: alert.raisedAt, by: null, frame }, write)
  }

  /** Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  async acknowledge(id: string, by: string, at: number, note: string | null): Promise<AlertChange> {
    return this.decide(id, 'acknowledged', { by, at }, async (tx) => {
      await tx
        .updateTable('alerts')
        .set({ acknowledgedAt: at, acknowledgedBy: by, note })
        .where('id', '=', id)
        .execute()
    })
  }

  /**
   * An operator's event, with what else is to be written with it.
   * Throws Refusal `alert.not-found`, `alert.wrong-state`.
   */
  async decide(
    id: string,
    event: 'acknowledged' | 'rejected' | 'restored',
    { by, at }: { by: string; at: number },
    write: (tx: Database) => Promise<void>,
  ): Promise<AlertChange> {
    const { state } = await this.get(id)
    const after = next(state, event)
    if (after === undefined) {
      throw new Refusal('alert.wrong-state', `alert ${id} is ${state} already`)
    }
    return makeChange(this.#db, id, event, { at, by, frame: null }, async (tx) => {
      await tx.updateTable('alerts').set({ state: after }).where('id', '=', id).execute()
      await write(tx)
    })
  }

  /** Incidents with an alert that stands, the latest first. */
  incidents(limit: number): Promise<Incident[]> {
    return latestIncidents(this.#db, limit)
  }

  /** What became of all alerts, counted. */
  outcomes(): Promise<Outcome[]> {
    return countOutcomes(this.#db)
  }

  /** Each alert raised from `from` up to `to`, epoch milliseconds, as an account needs it. */
  accounted(from: number, to: number): Promise<Accounted[]> {
    return accountedAlerts(this.#db, from, to)
  }

  /** Newest first. */
  list(filter: AlertFilter): Promise<Alert[]> {
    return listAlerts(this.#db, filter)
  }

  /** How many there are. */
  counts(): Promise<AlertCount[]> {
    return countAlerts(this.#db)
  }

  /** Throws Refusal `alert.not-found`. */
  async get(id: string): Promise<Alert> {
    const row = await guarded(() =>
      this.#db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst(),
    )
    if (row !== undefined) return toAlert(row)
    throw new Refusal('alert.not-found', `no alert ${id}`, { hint: 'see: vedette alerts list' })
  }

  /** The face that it is shown by, JPEG. Throws Refusal when the alert or its entry is gone. */
  async chip(id: string): Promise<Buffer> {
    const { entryId, chip } = await this.#sealed(id)
    return (await this.#entries.key(entryId)).open(chipPlace(id), chip!)
  }

  /** The fused probe it rests on, as it was encoded. Throws Refusal when it is gone. */
  async probe(id: string): Promise<Buffer> {
    const { entryId, probe } = await this.#sealed(id)
    if (probe !== null) return (await this.#entries.key(entryId)).open(probePlace(id), probe)
    throw new Refusal('alert.not-found', `alert ${id} is older than what rejecting it needs`)
  }

  /** The frames it rests on, oldest first. */
  async frames(id: string): Promise<EvidenceFrame[]> {
    return framesOf(this.#db, id)
  }

  /** The picture of one of them, JPEG. Throws Refusal `alert.not-found`. */
  async frameChip(id: string, frame: FrameName): Promise<Buffer> {
    const { entryId } = await this.get(id)
    return frameChip(this.#db, await this.#entries.key(entryId), id, frame)
  }

  /** Changes after number `seq`, oldest first. */
  changesSince(seq: number, limit = 1000): Promise<AlertChange[]> {
    return changesAfter(this.#db, seq, limit)
  }

  /** Number of the last change, 0 before the first. */
  lastChange(): Promise<number> {
    return lastNumber(this.#db)
  }

  async #sealed(id: string) {
    const row = await guarded(() =>
      this.#db
        .selectFrom('alerts')
        .select(['entryId', 'chip', 'probe'])
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    if (row?.chip) return row
    throw new Refusal('alert.not-found', `no picture for alert ${id}`)
  }
}

function evidenceOf(alertId: string, { alert, shot, chips, chip }: Seen) {
  const { track, capturedAt, quality, score, threshold } = alert
  return { alertId, track, shot, chips, capturedAt, quality, score, threshold, chip }
}

const chipPlace = (id: string) => ({ table: 'alerts', row: id, column: 'chip' })
const probePlace = (id: string) => ({ table: 'alerts', row: id, column: 'probe' })
