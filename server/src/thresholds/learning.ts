import type { Hand } from '../hand.ts'
import type { ThresholdStore } from '../store/thresholds.ts'
import { type CameraId, cameraTarget } from './budgets.ts'
import { Learned } from './learned.ts'

/** Cameras of one agent that are learned: no agent can fill the memory with names. */
const MOST_CAMERAS = 256

/** What is learned of every camera, in memory, and on disk when told to. */
export class Learning {
  readonly #store: ThresholdStore
  /** The embedding space that scores are of. */
  readonly #space: string
  readonly #learned = new Map<string, Learned>()

  /** Throws IntegrityFault `store.damaged`. */
  static async open(store: ThresholdStore, space: string): Promise<Learning> {
    const learning = new Learning(store, space)
    for (const { scores, since, ...id } of await store.impostors(space)) {
      learning.#learned.set(cameraTarget(id), new Learned(id, since, scores))
    }
    return learning
  }

  private constructor(store: ThresholdStore, space: string) {
    this.#store = store
    this.#space = space
  }

  of(id: CameraId): Learned | undefined {
    return this.#learned.get(cameraTarget(id))
  }

  all(): Learned[] {
    return [...this.#learned.values()]
  }

  /** Adds to what is known of a camera, the first time at `now`. */
  add(id: CameraId, now: number, learn: (learned: Learned) => void): void {
    const learned = this.of(id) ?? this.#start(id, now)
    if (learned === undefined) return
    learn(learned)
    learned.unsaved = true
  }

  async forget(id: CameraId, hand: Hand, at: number): Promise<void> {
    await this.#store.removeImpostors(this.#space, id, hand, at)
    this.#learned.delete(cameraTarget(id))
  }

  async save(now: number): Promise<void> {
    const unsaved = this.all().filter((learned) => learned.unsaved)
    if (unsaved.length === 0) return
    const rows = unsaved.map(({ id, scores, since }) => ({ ...id, scores, since }))
    for (const learned of unsaved) learned.unsaved = false
    try {
      await this.#store.saveImpostors(this.#space, rows, now)
    } catch (error) {
      for (const learned of unsaved) learned.unsaved = true
      throw error
    }
  }

  #start(id: CameraId, now: number): Learned | undefined {
    if (this.all().filter((other) => other.id.agent === id.agent).length >= MOST_CAMERAS) {
      return undefined
    }
    const learned = new Learned(id, now)
    this.#learned.set(cameraTarget(id), learned)
    return learned
  }
}
