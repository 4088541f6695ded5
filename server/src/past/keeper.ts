import type { Clock } from '@vedette/shared/clock'
import type { Embedding } from '@vedette/shared/embedding'
import { codeOf, messageOf, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Walk } from '../matching/walk.ts'
import type { PastStore } from '../store/past/past.ts'
import { bytesOf, type Kept, type NewKept, newKeptId } from '../store/past/sightings.ts'
import { Holdings } from './holdings.ts'
import type { KeptIndex } from './kept-index.ts'
import { type CameraId, endOf, keepingOf, MINUTE_MS, minuteOf, type PastPolicy } from './policy.ts'
import type { Reach } from './reach.ts'

/** Walks that wait for the disk; beyond them new ones are dropped. */
const MOST_WAITING = 20_000
/** Slots loaded at a time, while others get on. */
const LOADED = 64

export type KeeperOptions = {
  store: PastStore
  /** What lists ask for, as it is now. */
  policies: () => readonly PastPolicy[]
  /** Most that is kept at a time: walks, and bytes on the disk. Beyond, the oldest go. */
  most: { readonly walks: number; readonly size: number }
  clock: Clock
  log: Log
}

/**
 * Keeps walks that matched nobody, where a list asks for it and for as long: in memory to be searched,
 * on the disk sealed by a key for each camera's minute. Whatever was not asked for is nowhere.
 */
export class Keeper {
  readonly #options: KeeperOptions
  readonly #holdings = new Holdings()
  /** What waits for the disk, by id. */
  readonly #waiting = new Map<string, NewKept>()
  /** Slots and sightings that are gone from here and may still be on the disk. */
  readonly #doomed = { slots: new Set<string>(), sightings: new Set<string>() }
  #droppedUntil: number | undefined
  #droppedWritten: number | undefined
  #loading: Promise<void> = Promise.resolve()
  #last: Promise<unknown> = Promise.resolve()
  #told = false

  /** Destroys what was due while nobody was here; the rest is loaded while others get on. */
  static async open(options: KeeperOptions): Promise<Keeper> {
    const keeper = new Keeper(options)
    const { store } = options
    keeper.#droppedUntil = keeper.#droppedWritten = await store.droppedUntil()
    const { slots, unreadable } = await store.sightings.slots()
    for (const slot of slots) keeper.#holdings.known(slot)
    if (unreadable.length > 0) {
      keeper.#unreadable({ slots: unreadable.length })
      await store.sightings.destroy(unreadable)
    }
    await keeper.sweep()
    keeper.#loading = keeper.#load()
    return keeper
  }

  private constructor(options: KeeperOptions) {
    this.#options = options
  }

  /** Walks that are kept now. */
  get size(): number {
    return this.#holdings.size
  }

  get bytes(): number {
    return this.#holdings.bytes
  }

  /** What was seen before then had to be dropped before its time. */
  get droppedUntil(): number | undefined {
    return this.#droppedUntil
  }

  /** How many walks in `reach` there are, by space; to the minute. */
  count(reach: Reach): Map<string, number> {
    return this.#holdings.count(reach)
  }

  /** Resolves when all that was kept before the start can be searched. */
  ready(): Promise<void> {
    return this.#loading
  }

  of(space: string): KeptIndex | undefined {
    return this.#holdings.of(space)
  }

  /** Whether walks past this camera are kept now. */
  keeps(place: CameraId): boolean {
    const { policies, clock } = this.#options
    return keepingOf(policies(), place, clock.now()) !== undefined
  }

  /** Whether they are kept with a picture. */
  pictured(place: CameraId): boolean {
    const { policies, clock } = this.#options
    return keepingOf(policies(), place, clock.now())?.pictures ?? false
  }

  /** A walk is over: it is kept, if it was nobody's and a list asks for it. */
  take(walk: Walk, space: string): void {
    const { evidence, best } = walk
    if (walk.taken.size > 0 || evidence === undefined || best === undefined) return
    const minute = minuteOf(walk.firstSeen)
    const keeping = keepingOf(this.#options.policies(), walk, minute)
    if (keeping === undefined || endOf(minute, keeping) <= this.#options.clock.now()) return
    if (this.#waiting.size >= MOST_WAITING) {
      this.#drop(walk.lastSeen)
      return
    }
    const { agent, camera, track, firstSeen: from, lastSeen: until } = walk
    const { shot, quality, box, capturedAt: at, receivedAt, chip } = best
    const { coherence, chips, side } = evidence
    const picture = keeping.pictures ? chip : null
    const { id: slot } = this.#holdings.slotFor({ agent, camera }, minute)
    const one: NewKept = {
      kept: {
        ...{ id: newKeptId(), slot, agent, camera, track, space },
        ...{ from, until, at, receivedAt, shot, quality, box, side, coherence, chips },
      },
      probe: evidence.probe,
      picture,
    }
    this.#waiting.set(one.kept.id, one)
    // Where its thread is gone nothing can be searched, which whoever searches is told.
    void this.#holdings.add(filled(one), one.probe).catch(() => {})
  }

  /** What one looks like, and its picture where there is one. Throws Refusal `sighting.not-found`. */
  async get(id: string): Promise<{ kept: Kept; probe: Embedding; picture: Uint8Array | null }> {
    const waiting = this.#waiting.get(id)
    if (waiting === undefined) return this.#options.store.sightings.get(id)
    return { ...waiting, probe: waiting.probe.slice(), kept: filled(waiting) }
  }

  /** Forgets walks that are somebody's now; resolves when no byte of them is left. */
  async remove(all: readonly Kept[]): Promise<void> {
    if (all.length === 0) return
    await this.#inTurn(async () => {
      const gone = all.map((kept) => {
        this.#forget(kept.id)
        this.#doomed.sightings.add(kept.id)
        return this.#holdings.remove(kept)
      })
      await Promise.all(gone)
      await this.#destroy()
    })
  }

  /**
   * Destroys what was kept for as long as it is asked for now, keys first, and what there is no room
   * for, the oldest first. Resolves when no byte of it is left.
   */
  sweep(): Promise<void> {
    return this.#inTurn(() => this.#sweep())
  }

  /** Writes what waits; what cannot be written is tried again with the next. */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#flush())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#loading
    await this.flush()
    await this.#holdings[Symbol.asyncDispose]()
  }

  async #sweep(): Promise<void> {
    const { store, policies, most, clock, log } = this.#options
    const [now, asked] = [clock.now(), policies()]
    const due = [...this.#holdings.slots.values()].filter((slot) => {
      const keeping = keepingOf(asked, slot, slot.minute)
      return keeping === undefined || endOf(slot.minute, keeping) <= now
    })
    const over = this.#holdings.beyond(most, due)
    for (const { minute } of over) this.#drop(minute + MINUTE_MS)
    store.sightings.close(this.#holdings.close(now))
    const gone = [...due, ...over]
    const walks = gone.flatMap(({ kept }) => [...kept.keys()])
    for (const id of walks) this.#forget(id)
    for (const { id } of gone) this.#doomed.slots.add(id)
    await Promise.all(gone.map((slot) => this.#holdings.empty(slot)))
    await this.#destroy()
    if (this.#droppedUntil !== this.#droppedWritten) await store.dropped(this.#droppedUntil!)
    this.#droppedWritten = this.#droppedUntil
    if (gone.length === 0) return
    log.info({ slots: gone.length, walks: walks.length, dropped: over.length }, 'past.destroyed')
  }

  /** Destroys what is doomed on the disk; what cannot be now is with the next. */
  async #destroy(): Promise<void> {
    const { sightings } = this.#options.store
    const { slots, sightings: walks } = this.#doomed
    if (slots.size + walks.size === 0) return
    await sightings.destroy([...slots])
    await sightings.remove([...walks])
    await sightings.wipe()
    slots.clear()
    walks.clear()
  }

  #forget(id: string): void {
    this.#waiting.get(id)?.probe.fill(0)
    this.#waiting.delete(id)
  }

  #drop(until: number): void {
    this.#droppedUntil = Math.max(this.#droppedUntil ?? 0, until)
    if (!this.#told) this.#options.log.warn({ most: this.#options.most.walks }, 'past.dropping')
    this.#told = true
  }

  async #flush(): Promise<void> {
    const { store, log } = this.#options
    const all = [...this.#waiting.values()]
    if (all.length === 0) return
    try {
      await store.sightings.add(all, this.#holdings.slots)
    } catch (error) {
      const why = { code: codeOf(error), message: messageOf(error) }
      if (error instanceof Unavailable) {
        log.warn(why, 'past.waiting')
        return
      }
      log.error({ ...why, walks: all.length }, 'past.lost')
    }
    for (const { kept, probe } of all) {
      this.#waiting.delete(kept.id)
      probe.fill(0)
    }
  }

  async #load(): Promise<void> {
    const { store, log } = this.#options
    const all = [...this.#holdings.slots.keys()]
    for (let at = 0; at < all.length; at += LOADED) {
      // Swept meanwhile, or the last of all.
      const slots = all.slice(at, at + LOADED).filter((id) => this.#holdings.slots.has(id))
      if (slots.length === 0) continue
      try {
        const { opened, unreadable } = await store.sightings.of(slots)
        if (unreadable > 0) this.#unreadable({ walks: unreadable })
        const held = opened
          .filter(({ kept }) => this.#holdings.slots.has(kept.slot))
          .map(({ kept, probe }) => this.#holdings.add(kept, probe))
        await Promise.all(held)
      } catch (error) {
        log.error({ code: codeOf(error), message: messageOf(error) }, 'past.unloaded')
      }
    }
  }

  #unreadable(what: { slots: number } | { walks: number }): void {
    this.#options.log.error(what, 'past.unreadable')
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => {})
    return mine
  }
}

function filled(one: NewKept): Kept {
  return { ...one.kept, pictured: one.picture !== null, bytes: bytesOf(one) }
}
