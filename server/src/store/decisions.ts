import { Refusal } from '@vedette/shared/errors'
import type { Updateable } from 'kysely'
import { type HumanEvent, MOST_ESCALATIONS, next, type Outcome } from '../alerts/life.ts'
import type { Hand } from '../hand.ts'
import type { List } from '../lists/list.ts'
import { makeChange } from './alert-changes.ts'
import { type Alert, type AlertChange, toAlert } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'
import type { EntryStore } from './entries.ts'
import type { NegativeExample, RejectionStore } from './rejections.ts'
import type { Schema } from './schema.ts'

/** What an operator decides, and says about it. */
export type Decision = { hand: Hand; at: number; note: string | null }

/** An alert on which nobody has acted yet. */
export type Waiting = Pick<Alert, 'id' | 'openSince' | 'escalations'> &
  Pick<List, 'priority' | 'escalateAfter'>

/** The columns that a decision sets, and the outcome that its event speaks of. */
type Written = { columns: Updateable<Schema['alerts']>; outcome: Outcome | null }

type Parts = { db: Database; entries: EntryStore; rejections: RejectionStore }

/** What people make of alerts. Of two who decide at once the first does, and the second is told who. */
export class DecisionStore {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  acknowledge(id: string, decision: Decision): Promise<AlertChange> {
    const { hand, at } = decision
    return this.#decide(id, 'acknowledged', decision, async () => ({
      columns: { acknowledgedAt: at, acknowledgedBy: hand.by },
      outcome: null,
    }))
  }

  /**
   * Says what it was. Where it was somebody else, that face is kept as a negative example.
   * Throws Refusal `alert.not-found`, `alert.wrong-state`.
   */
  async resolve(
    id: string,
    outcome: Outcome,
    decision: Decision,
  ): Promise<{ change: AlertChange; example: NegativeExample | undefined }> {
    const { hand, at } = decision
    let example: NegativeExample | undefined
    const change = await this.#decide(id, 'resolved', decision, async (tx) => {
      if (outcome === 'false') example = await this.#parts.rejections.add(tx, id, hand.by, at)
      return { columns: { outcome, resolvedAt: at, resolvedBy: hand.by }, outcome }
    })
    return { change, example }
  }

  /** Takes back what was said. Throws Refusal `alert.not-found`, `alert.wrong-state`. */
  async reopen(id: string, decision: Decision): Promise<AlertChange> {
    return this.#decide(id, 'reopened', decision, async (tx, { outcome }) => {
      await this.#parts.rejections.drop(tx, id)
      const columns = {
        ...{ outcome: null, resolvedAt: null, resolvedBy: null },
        ...{ acknowledgedAt: null, acknowledgedBy: null },
        ...{ openSince: decision.at, escalations: 0, escalatedAt: null },
      }
      return { columns, outcome }
    })
  }

  /** Alerts that somebody may have to be called for again. */
  async waiting(): Promise<Waiting[]> {
    return guarded(() =>
      this.#parts.db
        .selectFrom('alerts')
        .innerJoin('lists', 'lists.id', 'alerts.listId')
        .select(['alerts.id', 'openSince', 'escalations', 'priority', 'escalateAfter'])
        .where('alerts.state', '=', 'open')
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
    return makeChange(this.#parts, id, 'escalated', { at }, async (tx) => {
      const alert = await known(tx, id)
      if (next(alert.state, 'escalated') === undefined) throw wrongState(alert)
      const escalations = alert.escalations + 1
      const changed = { escalations, escalatedAt: at }
      await tx.updateTable('alerts').set(changed).where('id', '=', id).execute()
      return null
    })
  }

  #decide(
    id: string,
    event: HumanEvent,
    decision: Decision,
    write: (tx: Database, alert: Alert) => Promise<Written>,
  ): Promise<AlertChange> {
    return makeChange(this.#parts, id, event, decision, async (tx) => {
      const alert = await known(tx, id)
      const state = next(alert.state, event)
      if (state === undefined) throw wrongState(alert)
      const { columns, outcome } = await write(tx, alert)
      const changed = { ...columns, state }
      await tx.updateTable('alerts').set(changed).where('id', '=', id).execute()
      return outcome
    })
  }
}

async function known(db: Database, id: string): Promise<Alert> {
  const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst()
  if (row !== undefined) return toAlert(row)
  throw new Refusal('alert.not-found', `no alert ${id}`, { hint: 'see: vedette alerts list' })
}

function wrongState({ id, state, ...alert }: Alert): Refusal {
  const [by, at] =
    state === 'resolved'
      ? [alert.resolvedBy, alert.resolvedAt]
      : [alert.acknowledgedBy, alert.acknowledgedAt]
  const who = by === null || at === null ? '' : `, by ${by} at ${new Date(at).toISOString()}`
  const what = alert.outcome === null ? state : `${state} (${alert.outcome})`
  const hint =
    state === 'resolved'
      ? `if that was a mistake: vedette alerts reopen ${id}`
      : `see: vedette alerts show ${id}`
  return new Refusal('alert.wrong-state', `alert ${id} is ${what}${who}`, { hint })
}
