import { Refusal } from '@vedette/shared/errors'
import type { Selectable, Updateable } from 'kysely'
import {
  type HumanEvent,
  MOST_ESCALATIONS,
  next,
  type Outcome,
  TAKE_BACK_MS,
  type TimeEvent,
  verdictEvent,
} from '../alerts/life.ts'
import type { Hand } from '../hand.ts'
import type { List } from '../lists/list.ts'
import { type Made, makeChange } from './alert-changes.ts'
import { type Alert, type AlertChange, type LastDecision, LIVED, toAlert } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'
import type { EntryStore } from './entries.ts'
import type { NegativeExample, RejectionStore } from './rejections.ts'
import type { Schema } from './schema.ts'

/** What an operator decides, and says about it. */
export type Decision = { hand: Hand; at: number; note: string | null }

/** What came of it, and the face that is told apart from now on, where one is. */
export type Judged = { change: AlertChange; example: NegativeExample | undefined }

/** An alert on which nobody has acted yet. */
export type Waiting = Pick<Alert, 'id' | 'openSince' | 'escalations'> &
  Pick<List, 'priority' | 'escalateAfter'>

/** What a decision makes happen, and the columns that it sets. */
type Written = Made & { kind: HumanEvent; columns: Updateable<Schema['alerts']> }

type Parts = { db: Database; entries: EntryStore; rejections: RejectionStore }

/** Nobody sees to it, and nobody has said anything of it. */
const UNTOUCHED = {
  acknowledgedAt: null,
  acknowledgedBy: null,
  parkedUntil: null,
  parkedBy: null,
  affirmedAt: null,
  affirmedBy: null,
  outcome: null,
  resolvedAt: null,
  resolvedBy: null,
}
const NOT_PARKED = { parkedUntil: null, parkedBy: null }

/** What people make of alerts. Of two who decide at once the first does, and the second is told who. */
export class DecisionStore {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  acknowledge(id: string, decision: Decision): Promise<AlertChange> {
    const { hand, at } = decision
    const taken = { ...NOT_PARKED, acknowledgedAt: at, acknowledgedBy: hand.by }
    return this.#decide(id, decision, async () => written('acknowledged', taken))
  }

  /**
   * Acknowledges it, also where somebody else has; not where it is one's own.
   * Throws Refusal `alert.not-found`, `alert.wrong-state`.
   */
  take(id: string, decision: Decision): Promise<AlertChange> {
    const { hand, at } = decision
    const taken = { ...NOT_PARKED, acknowledgedAt: at, acknowledgedBy: hand.by }
    return this.#decide(id, decision, async (_tx, { state, acknowledgedBy }) => {
      const others = state === 'acknowledged' && acknowledgedBy !== hand.by
      return written(others ? 'taken' : 'acknowledged', taken)
    })
  }

  /** Nobody is called for it until then. Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  park(id: string, until: number, decision: Decision): Promise<AlertChange> {
    const columns = { parkedUntil: until, parkedBy: decision.hand.by }
    return this.#decide(id, decision, async () => written('parked', columns))
  }

  /**
   * Says what it was. Where it was somebody else, that face is kept as a negative example; where its
   * list asks for two persons to say that it is somebody, the first is followed by a second.
   * Throws Refusal `alert.not-found`, `alert.wrong-state`, `alert.own`.
   */
  async resolve(id: string, outcome: Outcome, decision: Decision): Promise<Judged> {
    const { hand, at } = decision
    let example: NegativeExample | undefined
    const change = await this.#decide(id, decision, async (tx, alert) => {
      const event = verdictEvent(alert.state, outcome, await personsFor(tx, alert.list))
      if (next(alert.state, event) === undefined) throw wrongState(alert)
      if (event === 'affirmed') {
        const affirmed = { ...NOT_PARKED, affirmedAt: at, affirmedBy: hand.by }
        return written(event, { ...affirmed, ...calledFrom(at) }, outcome)
      }
      if (event === 'disputed') {
        return written(event, { ...UNTOUCHED, ...calledFrom(at) }, outcome)
      }
      if (alert.state === 'awaiting' && alert.affirmedBy === hand.by) throw ownWord(alert)
      if (outcome === 'false') example = await this.#parts.rejections.add(tx, id, hand.by, at)
      const resolved = { ...NOT_PARKED, outcome, resolvedAt: at, resolvedBy: hand.by }
      return written(event, resolved, outcome)
    })
    return { change, example }
  }

  /** Takes back what was said. Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  async reopen(id: string, decision: Decision): Promise<AlertChange> {
    return this.#decide(id, decision, async (tx, { outcome }) => {
      await this.#parts.rejections.drop(tx, id)
      return written('reopened', { ...UNTOUCHED, ...calledFrom(decision.at) }, outcome)
    })
  }

  /**
   * Takes back the last decision on it, if it was one's own a moment ago: all is as it was.
   * Throws Refusal `alert.not-found`, `alert.too-late`.
   */
  async undo(id: string, { hand, at, note }: Decision): Promise<Judged> {
    const { rejections } = this.#parts
    let example: NegativeExample | undefined
    const change = await makeChange(this.#parts, id, { at, hand, note }, async (tx) => {
      const row = await rowOf(tx, id)
      const last = row.before === null ? undefined : (JSON.parse(row.before) as LastDecision)
      if (last?.by !== hand.by || at > last.at + TAKE_BACK_MS) throw tooLate(toAlert(row))
      const { before } = last
      if (row.outcome === 'false') await rejections.drop(tx, id)
      if (before.outcome === 'false') {
        example = await rejections.add(tx, id, before.resolvedBy ?? hand.by, at)
      }
      const columns = { ...before, before: null }
      await tx.updateTable('alerts').set(columns).where('id', '=', id).execute()
      return { kind: 'undone', outcome: row.outcome as Outcome | null }
    })
    return { change, example }
  }

  /** Parked alerts, and until when. */
  async parked(): Promise<{ id: string; parkedUntil: number }[]> {
    const rows = await guarded(() =>
      this.#parts.db
        .selectFrom('alerts')
        .select(['id', 'parkedUntil'])
        .where('state', '=', 'parked')
        .orderBy('parkedUntil')
        .execute(),
    )
    return rows.map(({ id, parkedUntil }) => ({ id, parkedUntil: parkedUntil ?? 0 }))
  }

  /** Its time is up: it is as open as a new one. Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  async unpark(id: string, at: number): Promise<AlertChange> {
    const columns = { ...UNTOUCHED, ...calledFrom(at), before: null }
    return this.#elapse(id, 'returned', at, () => columns)
  }

  /** Alerts that somebody may have to be called for again. */
  async waiting(): Promise<Waiting[]> {
    return guarded(() =>
      this.#parts.db
        .selectFrom('alerts')
        .innerJoin('lists', 'lists.id', 'alerts.listId')
        .select(['alerts.id', 'openSince', 'escalations', 'priority', 'escalateAfter'])
        .where('alerts.state', 'in', ['open', 'awaiting'])
        .where('certainty', '!=', 'withdrawn')
        // Who asked for the past has it before them.
        .where('retrospective', '=', 0)
        .where('escalations', '<', MOST_ESCALATIONS)
        .orderBy('openSince')
        .execute(),
    )
  }

  /** Nobody has acted on it. Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  async escalate(id: string, at: number): Promise<AlertChange> {
    return this.#elapse(id, 'escalated', at, ({ escalations }) => ({
      escalations: escalations + 1,
      escalatedAt: at,
    }))
  }

  /** What the clock makes happen. */
  #elapse(
    id: string,
    kind: TimeEvent,
    at: number,
    columns: (alert: Alert) => Updateable<Schema['alerts']>,
  ): Promise<AlertChange> {
    return makeChange(this.#parts, id, { at }, async (tx) => {
      const alert = toAlert(await rowOf(tx, id))
      const state = next(alert.state, kind)
      if (state === undefined) throw wrongState(alert)
      const changed = { ...columns(alert), state }
      await tx.updateTable('alerts').set(changed).where('id', '=', id).execute()
      return { kind, outcome: null }
    })
  }

  #decide(
    id: string,
    decision: Decision,
    write: (tx: Database, alert: Alert) => Promise<Written>,
  ): Promise<AlertChange> {
    return makeChange(this.#parts, id, decision, async (tx) => {
      const row = await rowOf(tx, id)
      const alert = toAlert(row)
      const { kind, columns, outcome } = await write(tx, alert)
      const state = next(alert.state, kind)
      if (state === undefined) throw wrongState(alert)
      const before = beforeOf(row, kind, decision)
      const changed = { ...columns, state, before: JSON.stringify(before) }
      await tx.updateTable('alerts').set(changed).where('id', '=', id).execute()
      return { kind, outcome }
    })
  }
}

function written(
  kind: HumanEvent,
  columns: Updateable<Schema['alerts']>,
  outcome: Outcome | null = null,
): Written {
  return { kind, columns, outcome }
}

/** Somebody has to act, from `at` on. */
function calledFrom(at: number): Updateable<Schema['alerts']> {
  return { openSince: at, escalations: 0, escalatedAt: null }
}

function beforeOf(
  row: Selectable<Schema['alerts']>,
  kind: HumanEvent,
  { hand, at }: Decision,
): LastDecision {
  const before = Object.fromEntries(LIVED.map((column) => [column, row[column]]))
  return { by: hand.by, at, kind, before: before as LastDecision['before'] }
}

/** How many have to say that it is somebody of that list; of one that is gone, one. */
async function personsFor(tx: Database, list: string): Promise<1 | 2> {
  const query = tx.selectFrom('lists').select('confirmations').where('id', '=', list)
  return (await query.executeTakeFirst())?.confirmations === 2 ? 2 : 1
}

async function rowOf(db: Database, id: string): Promise<Selectable<Schema['alerts']>> {
  const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst()
  if (row !== undefined) return row
  throw new Refusal('alert.not-found', `no alert ${id}`, { hint: 'see: vedette alerts list' })
}

function wrongState(alert: Alert): Refusal {
  const { id, state, outcome } = alert
  const { by, at } = lastOf(alert)
  const who = by === null || at === null ? '' : `, by ${by} at ${new Date(at).toISOString()}`
  const what = outcome === null ? state : `${state} (${outcome})`
  const said = { state: outcome ?? state, ...(by !== null && { by }) }
  const hint = hintOf(alert)
  return new Refusal('alert.wrong-state', `alert ${id} is ${what}${who}`, { hint, params: said })
}

function hintOf({ id, state }: Alert): string {
  if (state === 'resolved') return `if that was a mistake: vedette alerts reopen ${id}`
  if (state === 'awaiting')
    return `a second person has to say what it is: vedette alerts show ${id}`
  return `see: vedette alerts show ${id}`
}

/** Who brought it into its state, and when. */
function lastOf(alert: Alert): { by: string | null; at: number | null } {
  switch (alert.state) {
    case 'resolved':
      return { by: alert.resolvedBy, at: alert.resolvedAt }
    case 'awaiting':
      return { by: alert.affirmedBy, at: alert.affirmedAt }
    case 'parked':
      return { by: alert.parkedBy, at: null }
    default:
      return { by: alert.acknowledgedBy, at: alert.acknowledgedAt }
  }
}

function ownWord({ id, affirmedBy }: Alert): Refusal {
  return new Refusal('alert.own', `${affirmedBy} has said so of alert ${id} already`, {
    hint: 'its list asks for two persons: ask a colleague to confirm it',
    params: { by: affirmedBy ?? '' },
  })
}

function tooLate(alert: Alert): Refusal {
  const hint =
    alert.state === 'resolved'
      ? `take it back for all to see: vedette alerts reopen ${alert.id}`
      : `decide anew: vedette alerts show ${alert.id}`
  const seconds = TAKE_BACK_MS / 1000
  const words = `only who decided last may undo it, within ${seconds} s: alert ${alert.id}`
  return new Refusal('alert.too-late', words, { hint, params: { seconds, state: alert.state } })
}
