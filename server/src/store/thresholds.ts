import type { Hand } from '../hand.ts'
import type { Budget, BudgetPlace, CameraId, Scope } from '../thresholds/budgets.ts'
import { Scores } from '../thresholds/scores.ts'
import { type Act, recording } from './audit.ts'
import { type Database, guarded } from './database.ts'

/** Impostor scores of one camera, since when they are counted, epoch milliseconds. */
export type Impostors = CameraId & { scores: Scores; since: number }

/** Budgets that operators set, and what cameras' strangers scored. */
export class ThresholdStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async budgets(): Promise<Budget[]> {
    const rows = await guarded(() =>
      this.#db.selectFrom('budgets').selectAll().orderBy('scope').orderBy('target').execute(),
    )
    return rows.map((row) => ({ ...row, scope: row.scope as Scope }))
  }

  async setBudget(budget: Budget, hand: Hand): Promise<void> {
    const { scope: _, target: __, ...update } = budget
    await recording(this.#db, changeOf(budget, hand, budget.setAt, budget.budget), (tx) =>
      tx
        .insertInto('budgets')
        .values(budget)
        .onConflict((conflict) => conflict.columns(['scope', 'target']).doUpdateSet(update))
        .execute(),
    )
  }

  async unsetBudget(place: BudgetPlace, hand: Hand, at: number): Promise<void> {
    const { scope, target } = place
    await recording(this.#db, changeOf(place, hand, at, null), (tx) =>
      tx.deleteFrom('budgets').where('scope', '=', scope).where('target', '=', target).execute(),
    )
  }

  /** Scores of embedding space `space`; those of another mean nothing there. */
  async impostors(space: string): Promise<Impostors[]> {
    const rows = await guarded(() =>
      this.#db.selectFrom('impostors').selectAll().where('space', '=', space).execute(),
    )
    return rows.map(({ agent, camera, histogram, since, ...totals }) => ({
      agent,
      camera,
      since,
      scores: Scores.decode(histogram, totals),
    }))
  }

  async saveImpostors(space: string, learned: readonly Impostors[], at: number): Promise<void> {
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        for (const { agent, camera, scores, since } of learned) {
          const { walks, squares, doubtful, judgedTrue, judgedFalse, watchedMs } = scores
          const totals = { walks, squares, doubtful, judgedTrue, judgedFalse, watchedMs }
          const update = { ...totals, histogram: scores.encode(), updatedAt: at }
          await tx
            .insertInto('impostors')
            .values({ agent, camera, space, since, ...update })
            .onConflict((conflict) =>
              conflict.columns(['agent', 'camera', 'space']).doUpdateSet(update),
            )
            .execute()
        }
      }),
    )
  }

  async removeImpostors(
    space: string,
    { agent, camera }: CameraId,
    hand: Hand,
    at: number,
  ): Promise<void> {
    const about = { camera: `${agent}/${camera}` }
    const act: Act = { kind: 'threshold.forgotten', hand, at, about, details: { space } }
    await recording(this.#db, act, (tx) =>
      tx
        .deleteFrom('impostors')
        .where('space', '=', space)
        .where('agent', '=', agent)
        .where('camera', '=', camera)
        .execute(),
    )
  }

  /** Entries on each list that may match, empty lists too. */
  async listSizes(): Promise<Map<string, number>> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('lists')
        .leftJoin('entries', (join) =>
          join.onRef('entries.listId', '=', 'lists.id').on('entries.state', '=', 'live'),
        )
        .select((eb) => ['lists.id', eb.fn.count<number>('entries.id').as('entries')])
        .groupBy('lists.id')
        .execute(),
    )
    return new Map(rows.map(({ id, entries }) => [id, entries]))
  }
}

/** What is recorded of a budget that is set, or unset: `budget` null. */
function changeOf(
  { scope, target }: BudgetPlace,
  hand: Hand,
  at: number,
  budget: number | null,
): Act {
  const about = scope === 'server' ? {} : { [scope]: target }
  return { kind: 'threshold.changed', hand, at, about, details: { scope, budget } }
}
