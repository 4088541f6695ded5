import type { Outcome } from '../alerts/life.ts'
import { type Hand, SERVER_HAND } from '../hand.ts'
import { type Alert, type AlertChange, type FrameName, toAlert } from './alert-rows.ts'
import { type Act, appendAct } from './audit.ts'
import { type Database, guarded } from './database.ts'
import type { EntryStore } from './entries.ts'
import type { EntryKey } from './vault.ts'

/** When a change was made, by whom, if by a person, and which frame brought it about. */
type Occasion = {
  at: number
  frame?: FrameName | null
  hand?: Hand
  note?: string | null
}

/** What happened to an alert, in order: who did it, from where, and why. */
export type Step = Omit<AlertChange, 'alert'> & {
  from: string | null
  /** Null, too, where the words are gone with the entry that they are about. */
  note: string | null
  why: string | null
}

type Words = Pick<Step, 'note' | 'why'>

const SILENT: Words = { note: null, why: null }

/** What was made happen, and the outcome that it speaks of, where it speaks of any. */
export type Made = { kind: AlertChange['kind']; outcome: Outcome | null }

/** Makes a change and its event in one transaction, and gives both as they now are. */
export function makeChange(
  { db, entries }: { db: Database; entries: EntryStore },
  id: string,
  { at, frame = null, hand, note = null }: Occasion,
  write: (tx: Database) => Promise<Made>,
): Promise<AlertChange> {
  return guarded(() =>
    db.transaction().execute(async (tx) => {
      const { kind, outcome } = await write(tx)
      const row = await tx
        .selectFrom('alerts')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      const by = hand?.by ?? null
      const words = { note, why: hand?.why ?? null }
      const said = words.note !== null || words.why !== null
      const key = said ? await entries.knownKey(row.entryId, tx) : undefined
      const { track, shot } = frame ?? { track: null, shot: null }
      const { seq } = await tx
        .insertInto('alertEvents')
        .values({
          ...{ alertId: id, kind, at, by, from: hand?.from ?? null, outcome, track, shot },
          words: key?.seal(wordsPlace(id, kind, at), Buffer.from(JSON.stringify(words))) ?? null,
        })
        .returning('seq')
        .executeTakeFirstOrThrow()
      const alert = toAlert(row)
      await appendAct(tx, actOf(alert, kind, hand, { at, outcome, seq }))
      return { seq, kind, at, by, outcome, frame, alert }
    }),
  )
}

function actOf(
  { id, entryId, list, agent, camera, track, capturedAt, templateId, ...scores }: Alert,
  kind: AlertChange['kind'],
  hand = SERVER_HAND,
  { at, outcome, seq }: Pick<AlertChange, 'at' | 'outcome' | 'seq'>,
): Act {
  const about = { alert: id, entry: entryId, list, agent, camera: `${agent}/${camera}` }
  const { score, threshold, space } = scores
  const asked = { track, capturedAt, template: templateId, space, score, threshold }
  const until = kind === 'parked' ? { until: scores.parkedUntil } : {}
  const details = { event: seq, ...asked, ...(outcome !== null && { outcome }), ...until }
  return { kind: `alert.${kind}`, hand, at, about, details }
}

/** All that happened to alert `id`, oldest first; `key` opens what was said. */
export async function stepsOf(
  db: Database,
  id: string,
  key: EntryKey | undefined,
): Promise<Step[]> {
  const rows = await guarded(() =>
    db.selectFrom('alertEvents').selectAll().where('alertId', '=', id).orderBy('seq').execute(),
  )
  return rows.map(({ alertId: _, words, track, shot, ...row }) => {
    const kind = row.kind as Step['kind']
    const said =
      words === null || key === undefined
        ? SILENT
        : (JSON.parse(key.open(wordsPlace(id, kind, row.at), words).toString()) as Words)
    const outcome = row.outcome as Outcome | null
    return { ...row, ...said, kind, outcome, frame: frameOf(track, shot) }
  })
}

/** Changes after number `seq`, oldest first. */
export async function changesAfter(
  db: Database,
  seq: number,
  limit: number,
): Promise<AlertChange[]> {
  const rows = await guarded(() =>
    db
      .selectFrom('alertEvents')
      .innerJoin('alerts', 'alerts.id', 'alertEvents.alertId')
      .selectAll('alerts')
      .select(['seq', 'kind', 'at', 'by', 'alertEvents.outcome as said'])
      .select(['alertEvents.track as eventTrack', 'alertEvents.shot as eventShot'])
      .where('seq', '>', seq)
      .orderBy('seq')
      .limit(limit)
      .execute(),
  )
  return rows.map(({ seq: number, kind, at, by, said, eventTrack, eventShot, ...alert }) => ({
    seq: number,
    kind: kind as AlertChange['kind'],
    at,
    by,
    outcome: said as Outcome | null,
    frame: frameOf(eventTrack, eventShot),
    alert: toAlert(alert),
  }))
}

/** Number of the last change, 0 before the first. */
export async function lastNumber(db: Database): Promise<number> {
  const row = await guarded(() =>
    db
      .selectFrom('alertEvents')
      .select((eb) => eb.fn.max('seq').as('seq'))
      .executeTakeFirst(),
  )
  return row?.seq ?? 0
}

function frameOf(track: string | null, shot: number | null): FrameName | null {
  return track === null || shot === null ? null : { track, shot }
}

const wordsPlace = (id: string, kind: string, at: number) => ({
  table: 'alertEvents',
  row: `${id}/${kind}/${at}`,
  column: 'words',
})
