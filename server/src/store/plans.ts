import { Refusal } from '@vedette/shared/errors'
import type { Drawing } from '../gallery/photo-process.ts'
import type { Hand } from '../hand.ts'
import type { PlanSpot } from '../places/placing.ts'
import { type Act, appendAct, recording } from './audit.ts'
import { type Database, guarded } from './database.ts'
import type { Vault } from './vault.ts'

type Camera = { agent: string; camera: string }

/** The drawing of a floor on which cameras stand. Width and height in pixels, times epoch ms. */
export type FloorPlan = {
  id: string
  name: string
  width: number
  height: number
  /** Of the ground that its whole width shows; null: nobody said. */
  metres: number | null
  /** Where its upper edge looks, degrees clockwise from north. */
  north: number
  addedBy: string
  addedAt: number
}

/** What a person says of a plan. */
export type PlanWords = Pick<FloorPlan, 'name' | 'metres' | 'north'>

/** A camera on a plan. */
export type PlanPlace = Camera & PlanSpot

/** So many plans are kept at most. */
const MOST = 200

/** Floor plans, sealed as all pictures are, and which camera is where on them. */
export class PlanStore {
  readonly #db: Database
  readonly #vault: Vault

  constructor(db: Database, vault: Vault) {
    this.#db = db
    this.#vault = vault
  }

  /** By name. */
  all(): Promise<FloorPlan[]> {
    return guarded(() =>
      this.#db
        .selectFrom('floorPlans')
        .select(['id', 'name', 'width', 'height', 'metres', 'north', 'addedBy', 'addedAt'])
        .orderBy('name')
        .orderBy('id')
        .execute(),
    )
  }

  /** Every camera that is on a plan. */
  placed(): Promise<PlanPlace[]> {
    return guarded(() =>
      this.#db
        .selectFrom('planPlaces')
        .select(['agent', 'camera', 'plan', 'x', 'y'])
        .orderBy('agent')
        .orderBy('camera')
        .execute(),
    )
  }

  /** WebP. Throws Refusal `plan.not-found`. */
  async image(id: string): Promise<Buffer> {
    const row = await guarded(() =>
      this.#db
        .selectFrom('floorPlans')
        .select(['wrappedKey', 'image'])
        .where('id', '=', id)
        .executeTakeFirst(),
    )
    if (row === undefined) throw planNotFound(id)
    return this.#vault.unwrap(id, row.wrappedKey).open(placeOf(id), row.image)
  }

  /** Throws Refusal `plan.too-many`. */
  async add(
    id: string,
    words: PlanWords,
    { width, height, webp }: Drawing,
    hand: Hand,
    at: number,
  ): Promise<FloorPlan> {
    const { key, wrapped } = this.#vault.newKey(id)
    const plan = { id, ...words, width, height, addedBy: hand.by, addedAt: at }
    const act: Act = { kind: 'plan.added', hand, at, about: { plan: id } }
    await recording(this.#db, act, async (tx) => {
      const { plans } = await tx
        .selectFrom('floorPlans')
        .select((eb) => eb.fn.countAll<number>().as('plans'))
        .executeTakeFirstOrThrow()
      if (plans >= MOST) {
        throw new Refusal('plan.too-many', `there are ${plans} floor plans`, {
          hint: 'remove those that nobody needs: vedette plans list',
          params: { plans },
        })
      }
      const image = key.seal(placeOf(id), webp)
      await tx
        .insertInto('floorPlans')
        .values({ ...plan, wrappedKey: wrapped, image })
        .execute()
    })
    return plan
  }

  /** Throws Refusal `plan.not-found`. */
  async change(id: string, words: PlanWords, hand: Hand, at: number): Promise<void> {
    const act: Act = { kind: 'plan.changed', hand, at, about: { plan: id } }
    await recording(this.#db, act, async (tx) => {
      const { numUpdatedRows } = await tx
        .updateTable('floorPlans')
        .set(words)
        .where('id', '=', id)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw planNotFound(id)
    })
  }

  /** With it goes what was said of cameras on it. Throws Refusal `plan.not-found`. */
  async remove(id: string, hand: Hand, at: number): Promise<void> {
    const act: Act = { kind: 'plan.removed', hand, at, about: { plan: id } }
    await recording(this.#db, act, async (tx) => {
      const { numDeletedRows } = await tx
        .deleteFrom('floorPlans')
        .where('id', '=', id)
        .executeTakeFirst()
      if (numDeletedRows === 0n) throw planNotFound(id)
    })
  }

  /** A camera stands there, and nowhere else on any plan. Throws Refusal `plan.not-found`. */
  async place(camera: Camera, spot: PlanSpot, hand: Hand, at: number): Promise<void> {
    const act: Act = { kind: 'camera.placed', hand, at, about: aboutOf(camera, spot.plan) }
    await recording(this.#db, act, async (tx) => {
      const plan = await tx
        .selectFrom('floorPlans')
        .select('id')
        .where('id', '=', spot.plan)
        .executeTakeFirst()
      if (plan === undefined) throw planNotFound(spot.plan)
      await tx
        .insertInto('planPlaces')
        .values({ ...camera, ...spot, at })
        .onConflict((conflict) =>
          conflict.columns(['agent', 'camera']).doUpdateSet({ ...spot, at }),
        )
        .execute()
    })
  }

  /** The camera is on no plan any more; tells whether it was. */
  unplace(camera: Camera, hand: Hand, at: number): Promise<boolean> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const was = await tx
          .deleteFrom('planPlaces')
          .where('agent', '=', camera.agent)
          .where('camera', '=', camera.camera)
          .returning('plan')
          .executeTakeFirst()
        if (was === undefined) return false
        const about = aboutOf(camera, was.plan)
        await appendAct(tx, { kind: 'camera.unplaced', hand, at, about })
        return true
      }),
    )
  }

  /** The camera is gone for good. */
  async forget({ agent, camera }: Camera): Promise<void> {
    await guarded(() =>
      this.#db
        .deleteFrom('planPlaces')
        .where('agent', '=', agent)
        .where('camera', '=', camera)
        .execute(),
    )
  }
}

export function planNotFound(id: string): Refusal {
  return new Refusal('plan.not-found', `no floor plan ${id}`, { hint: 'see: vedette plans list' })
}

function placeOf(id: string) {
  return { table: 'floorPlans', row: id, column: 'image' }
}

function aboutOf({ agent, camera }: Camera, plan: string) {
  return { agent, camera: `${agent}/${camera}`, plan }
}
