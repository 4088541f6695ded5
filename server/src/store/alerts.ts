import { type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import type { AlertState, EvidenceEvent, Standing } from '../alerts/life.ts'
import { certaintyAfter } from '../alerts/life.ts'
import type { Dossier } from '../evidence/dossier.ts'
import type { Accounted } from '../report/figures.ts'
import { changesAfter, lastNumber, makeChange, type Step, stepsOf } from './alert-changes.ts'
import { type AlertCount, countAlerts } from './alert-counts.ts'
import {
  type AlertFilter,
  alertOf,
  incidentOf,
  isNoted,
  listAlerts,
  type Sighted,
} from './alert-finding.ts'
import { alertProbes } from './alert-probes.ts'
import {
  type Alert,
  type AlertChange,
  evidenceColumns,
  type FrameName,
  type NewAlert,
  toAlert,
} from './alert-rows.ts'
import { type AlertTimes, timesOf } from './alert-times.ts'
import { type Database, guarded } from './database.ts'
import { addDossier, dossierOf } from './dossiers.ts'
import { accountedAlerts, countEndings, type Ended } from './endings.ts'
import type { EntryStore } from './entries.ts'
import {
  addFrame,
  type EvidenceFrame,
  frameChip,
  framesOf,
  type Look,
  type WholeFrame,
  wholeFrames,
} from './evidence.ts'
import {
  type Cursor,
  type Density,
  densityOf,
  type HistoryFilter,
  pageOfHistory,
} from './history.ts'
import { type Incident, latestIncidents } from './incidents.ts'
import { placeJson } from './places.ts'
import { type TrailFilter, trailOf } from './trail.ts'
import { EVERYWHERE } from './within.ts'

export type { Step } from './alert-changes.ts'
export type { Alert, AlertChange, NewAlert } from './alert-rows.ts'

/** A frame that bears on an alert, and what the walk looks like with it. */
export type Seen = {
  standing: Standing
  alert: NewAlert
  shot: number
  /** Chips that the score speaks of. */
  chips: number
  /** None of what was found in the past, unless pictures were kept. */
  chip: Uint8Array | null
  /** The walk's fused probe. */
  probe: Embedding
  look: Omit<Look, 'fused'>
  /** What it is raised by and against, where that is asked for. */
  dossier?: Dossier | undefined
}

/** Alerts and all that happened to them. Every write is on disk before its promise resolves. */
export class AlertStore {
  readonly #parts: { db: Database; entries: EntryStore }

  constructor(db: Database, entries: EntryStore) {
    this.#parts = { db, entries }
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
    const { list, rival, late, retrospective, runnerUp: _, box: __, ...rest } = alert
    const frame = { track: alert.track, shot }
    const at = alert.raisedAt
    return makeChange(this.#parts, alert.id, { at, frame }, async (tx) => {
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
          retrospective: retrospective ? 1 : 0,
          state: 'open' satisfies AlertState,
          openSince: at,
          chip: chip && key.seal(chipPlace(alert.id), chip),
          probe: key.seal(probePlace(alert.id), encodeEmbedding(probe)),
          shots: 1,
          acknowledgedAt: null,
          acknowledgedBy: null,
          place: await placeJson(tx, alert),
        })
        .execute()
      await addFrame(tx, key, evidenceOf(alert.id, seen))
      if (seen.dossier !== undefined) await addDossier(tx, key, alert, seen.dossier)
      return { kind: 'raised', outcome: null }
    })
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
    // What was judged stays what was judged.
    const better = reached && alert.score > known.score && known.state !== 'resolved'
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
            chip: chip && key.seal(chipPlace(id), chip),
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
    return makeChange(this.#parts, id, { at: alert.raisedAt, frame }, async (tx) => {
      await write(tx)
      return { kind: event, outcome: null }
    })
  }

  /** Incidents with an alert that stands, the latest first. */
  incidents(limit: number, within = EVERYWHERE): Promise<Incident[]> {
    return latestIncidents(this.#db, limit, within)
  }

  /** What became of all alerts, counted. */
  endings(): Promise<Ended[]> {
    return countEndings(this.#db)
  }

  /** Each alert raised from `from` up to `to`, epoch milliseconds, as an account needs it. */
  accounted(from: number, to: number): Promise<Accounted[]> {
    return accountedAlerts(this.#db, from, to)
  }

  /** Newest first. */
  /** Where and when entry `filter.entry` was seen: alerts that stand, the latest first. */
  trail(filter: TrailFilter): Promise<Alert[]> {
    return trailOf(this.#db, filter)
  }

  list(filter: AlertFilter): Promise<Alert[]> {
    return listAlerts(this.#db, filter)
  }

  /** By when they were captured, the latest first. */
  history(
    filter: HistoryFilter,
    page: { limit: number; before?: Cursor | undefined },
  ): ReturnType<typeof pageOfHistory> {
    return pageOfHistory(this.#db, filter, page)
  }

  /** How many were captured in each step of so many milliseconds, and what became of them. */
  density(
    filter: HistoryFilter & { since: number; until: number },
    step: number,
  ): Promise<Density[]> {
    return densityOf(this.#db, filter, step)
  }

  /** How long what took with alerts raised from `from` up to `to`. */
  times(from: number, to: number, within = EVERYWHERE): Promise<AlertTimes[]> {
    return timesOf(this.#db, from, to, within)
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
  async probe(
    id: string,
    db = this.#db,
  ): Promise<{ entryId: string; space: string; probe: Buffer }> {
    const { entryId, space, probe } = await this.#sealed(id, db)
    if (probe !== null) {
      const key = await this.#entries.key(entryId, db)
      return { entryId, space, probe: key.open(probePlace(id), probe) }
    }
    throw new Refusal('alert.not-found', `alert ${id} is older than what rejecting it needs`)
  }

  /** All that happened to it, oldest first. */
  async life(id: string): Promise<Step[]> {
    const { entryId } = await this.get(id)
    return stepsOf(this.#db, id, await this.#entries.knownKey(entryId))
  }

  /** The frames it rests on, oldest first. */
  async frames(id: string): Promise<EvidenceFrame[]> {
    return framesOf(this.#db, id)
  }

  /** The same, with all that is kept of them. Throws Refusal when the entry is gone. */
  async wholeFrames(id: string): Promise<WholeFrame[]> {
    const { entryId } = await this.get(id)
    return wholeFrames(this.#db, await this.#entries.key(entryId), id)
  }

  /** What it was raised by and against; undefined of alerts by a former version. Throws as above. */
  async dossier(id: string): Promise<Dossier | undefined> {
    const { entryId } = await this.get(id)
    return dossierOf(this.#db, await this.#entries.key(entryId), id)
  }

  /** The picture of one of them, JPEG. Throws Refusal `alert.not-found`. */
  async frameChip(id: string, frame: FrameName): Promise<Buffer> {
    const { entryId } = await this.get(id)
    return frameChip(this.#db, await this.#entries.key(entryId), id, frame)
  }

  /** Alerts about what was seen in that time, with what each looks like, newest first. */
  probes(time: {
    since: number
    until: number
  }): AsyncGenerator<{ alert: Alert; probe: Embedding }> {
    return alertProbes(this.#db, this, time)
  }

  /** Changes after number `seq`, oldest first. */
  changesSince(seq: number, limit = 1000): Promise<AlertChange[]> {
    return changesAfter(this.#db, seq, limit)
  }

  /** Number of the last change, 0 before the first. */
  lastChange(): Promise<number> {
    return lastNumber(this.#db)
  }

  get #db(): Database {
    return this.#parts.db
  }

  get #entries(): EntryStore {
    return this.#parts.entries
  }

  async #sealed(id: string, db = this.#db) {
    const row = await guarded(() =>
      db
        .selectFrom('alerts')
        .select(['entryId', 'space', 'chip', 'probe'])
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    if (row?.chip) return row
    throw new Refusal('alert.not-found', `no picture for alert ${id}`)
  }
}

function evidenceOf(alertId: string, { alert, shot, chips, chip, look, probe }: Seen) {
  const { track, capturedAt, quality, score, threshold } = alert
  const frame = { alertId, track, shot, chips, capturedAt, quality, score, threshold, chip }
  return { ...frame, look: { ...look, fused: probe } }
}

const chipPlace = (id: string) => ({ table: 'alerts', row: id, column: 'chip' })
const probePlace = (id: string) => ({ table: 'alerts', row: id, column: 'probe' })
