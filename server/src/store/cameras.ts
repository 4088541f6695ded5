import type { Hand } from '../hand.ts'
import { appendAct } from './audit.ts'
import { type Database, guarded } from './database.ts'

/** A camera that was ever announced. Times are epoch milliseconds. */
export type CameraRecord = {
  agent: string
  camera: string
  firstSeen: number
  /** When a test face last came through, and how long it took. */
  passedAt: number | null
  latencyMs: number | null
}

/** Every camera that was ever announced, until it is forgotten. */
export class CameraStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** Takes in cameras that are new. */
  async announced(agent: string, cameras: readonly string[], at: number): Promise<void> {
    if (cameras.length === 0) return
    const rows = cameras.map((camera) => ({ agent, camera, firstSeen: at }))
    await guarded(() =>
      this.#db
        .insertInto('cameras')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute(),
    )
  }

  /** Resolves when it is on disk that test faces came through. */
  async passed(
    passes: readonly Pick<CameraRecord, 'agent' | 'camera' | 'passedAt' | 'latencyMs'>[],
  ): Promise<void> {
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        for (const { agent, camera, passedAt, latencyMs } of passes) {
          await tx
            .updateTable('cameras')
            .set({ passedAt, latencyMs })
            .where('agent', '=', agent)
            .where('camera', '=', camera)
            .execute()
        }
      }),
    )
  }

  /** True when there was such a camera. */
  async forget(agent: string, camera: string, hand: Hand, at: number): Promise<boolean> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const { numDeletedRows } = await tx
          .deleteFrom('cameras')
          .where('agent', '=', agent)
          .where('camera', '=', camera)
          .executeTakeFirst()
        const about = { agent, camera: `${agent}/${camera}` }
        if (numDeletedRows > 0n) await appendAct(tx, { kind: 'camera.forgotten', hand, at, about })
        return numDeletedRows > 0n
      }),
    )
  }

  all(): Promise<CameraRecord[]> {
    return guarded(() =>
      this.#db.selectFrom('cameras').selectAll().orderBy('agent').orderBy('camera').execute(),
    )
  }
}
