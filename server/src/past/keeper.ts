import type { Clock } from '@vedette/shared/clock'
import type { Embedding } from '@vedette/shared/embedding'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Walk } from '../matching/walk.ts'
import type { PastStore } from '../store/past/past.ts'
import { bytesOf, type Kept, type NewKept, newKeptId, type Slot } from '../store/past/sightings.ts'
import { KeptIndex } from './kept-index.ts'
import { type CameraId, endOf, keepingOf, MINUTE_MS, minuteOf, type PastPolicy } from './policy.ts'
import type { Reach } from './reach.ts'

/** Walks that wait for the disk; beyond them new ones are dropped. */
const MOST_WAITING = 20_000
/** A slot gets nothing more so long after its minute; what comes then begins another. */
const OPEN_MS = 600_000

export type KeeperOptions = {
  store: PastStore
  /** What lists ask for, as it is now. */
  policies: () => readonly PastPolicy[]
  /** Most that is kept at a time: walks, and bytes on the disk. Beyond, the oldest go. */
  most: { readonly walks: number; readonly size: number }
  clock: Clock
  log: Log
}

type Held = Slot & { kept: Map<string, Kept>; bytes: number }

/**
 * Keeps walks that matched nobody, where a list asks for it and for as long: in memory to be searched,
 * on the disk sealed by a key for each camera's minute. Whatever was not asked for is nowhere.
 */
export class Keeper {
  readonly #options: KeeperOptions
  readonly #indexes = new Map<string, KeptIndex>()
  readonly #held = new Map<string, Held>()
  /** Slots that may still get something, by camera and minute. */
  readonly #open = new Map<string, Held>()
  /** What waits for the disk, by id. */
  readonly #waiting = new Map<string, NewKept>()
  #size = 0
  #bytes = 0
  #droppedUntil: number | undefined
  #loading: Promise<void> = Promise.resolve()
  #last: Promise<unknown> = Promise.resolve()
  #told = false

  /** Destroys what was due while nobody was here; the rest is loaded while others get on. */
  static async open(options: KeeperOptions): Promise<Keeper> {
    const keeper = new Keeper(options)
    const { store, log } = options
    keeper.#droppedUntil = await store.droppedUntil()
    const { slots, unreadable } = await store.sightings.slots()
    for (const slot of slots) keeper.#held.set(slot.id, { ...slot, kept: new Map(), bytes: 0 })
    if (unreadable.length > 0) {
      log.error({ slots: unreadable.length }, 'past.unreadable')
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
    return this.#size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** What was seen before then had to be dropped before its time. */
  get droppedUntil(): number | undefined {
    return this.#droppedUntil
  }

  /** Spaces of what is kept. */
  get spaces(): string[] {
    return [...this.#indexes.values()].flatMap(({ size, space }) => (size > 0 ? space : []))
  }

  /** How many walks in `reach` there are, by space; to the minute. */
  count({ since, until, from }: Reach): Map<string, number> {
    const counts = new Map<string, number>()
    const mixed = this.spaces.length > 1
    for (const { minute, kept, ...place } of this.#held.values()) {
      const end = minute + MINUTE_MS
      if (kept.size === 0 || minute > until || end < since || end < from(place)) continue
      const some = mixed ? [...kept.values()] : [kept.values().next().value!]
      for (const { space } of some) {
        counts.set(space, (counts.get(space) ?? 0) + (mixed ? 1 : kept.size))
      }
    }
    return counts
  }

  /** Resolves when all that was kept before the start can be searched. */
  ready(): Promise<void> {
    return this.#loading
  }

  of(space: string): KeptIndex | undefined {
    return this.#indexes.get(space)
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
    const slot = this.#slot({ agent, camera }, minute)
    this.#hold(slot, {
      kept: {
        ...{ id: newKeptId(), slot: slot.id, agent, camera, track, space },
        ...{ from, until, at, receivedAt, shot, quality, box, side, coherence, chips },
      },
      probe: evidence.probe,
      picture,
    })
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
      const gone = all.flatMap(({ id, slot }) => {
        const held = this.#held.get(slot)
        return held?.kept.has(id) ? [this.#forget(held, id)] : []
      })
      const { sightings } = this.#options.store
      await sightings.remove(all.map(({ id }) => id))
      await Promise.all(gone)
      await sightings.wipe()
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
    await Promise.all([...this.#indexes.values()].map((index) => index[Symbol.asyncDispose]()))
  }

  async #sweep(): Promise<void> {
    const { store, policies, clock, log } = this.#options
    const [now, asked] = [clock.now(), policies()]
    const due = [...this.#held.values()].filter((slot) => {
      const keeping = keepingOf(asked, slot, slot.minute)
      return keeping === undefined || endOf(slot.minute, keeping) <= now
    })
    const over = this.#beyond(new Set(due))
    for (const { minute } of over) this.#drop(minute + MINUTE_MS)
    for (const [key, slot] of this.#open) {
      if (now - slot.minute < OPEN_MS) continue
      this.#open.delete(key)
      store.sightings.close([slot.id])
    }
    const gone = [...due, ...over]
    if (gone.length === 0) return
    const wiped = gone.flatMap((slot) => this.#empty(slot))
    await store.sightings.destroy(gone.map(({ id }) => id))
    if (over.length > 0) await store.dropped(this.#droppedUntil!)
    await Promise.all(wiped)
    await store.sightings.wipe()
    log.info({ slots: gone.length, walks: wiped.length, dropped: over.length }, 'past.destroyed')
  }

  /** The oldest slots, as many as there is no room for. */
  #beyond(due: ReadonlySet<Held>): Held[] {
    const { most } = this.#options
    let [walks, bytes] = [this.#size, this.#bytes]
    if (walks <= most.walks && bytes <= most.size) return []
    const left = [...this.#held.values()].filter((slot) => !due.has(slot))
    const beyond: Held[] = []
    for (const slot of left.toSorted((p, q) => p.minute - q.minute)) {
      if (walks <= most.walks && bytes <= most.size) break
      beyond.push(slot)
      walks -= slot.kept.size
      bytes -= slot.bytes
    }
    return beyond
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
      await store.sightings.add(all, this.#held)
    } catch (error) {
      log.warn({ code: codeOf(error), message: messageOf(error) }, 'past.waiting')
      return
    }
    for (const { kept, probe } of all) {
      this.#waiting.delete(kept.id)
      probe.fill(0)
    }
  }

  #slot({ agent, camera }: CameraId, minute: number): Held {
    const key = `${agent}/${camera}/${minute}`
    const known = this.#open.get(key)
    if (known !== undefined) return known
    const slot = { id: newKeptId(), agent, camera, minute, kept: new Map(), bytes: 0 }
    this.#open.set(key, slot)
    this.#held.set(slot.id, slot)
    return slot
  }

  #hold(slot: Held, one: NewKept): void {
    this.#waiting.set(one.kept.id, one)
    void this.#index(slot, filled(one), one.probe).catch(() => {})
  }

  #index(slot: Held, kept: Kept, probe: Embedding): Promise<void> {
    slot.kept.set(kept.id, kept)
    slot.bytes += kept.bytes
    this.#size++
    this.#bytes += kept.bytes
    const { space } = kept
    const index = this.#indexes.get(space) ?? new KeptIndex(space, probe.length)
    this.#indexes.set(space, index)
    return index.put(kept, probe)
  }

  #empty(slot: Held): Promise<void>[] {
    this.#held.delete(slot.id)
    for (const [key, open] of this.#open) if (open === slot) this.#open.delete(key)
    return [...slot.kept.keys()].map((id) => this.#forget(slot, id))
  }

  #forget(slot: Held, id: string): Promise<void> {
    const kept = slot.kept.get(id)!
    this.#waiting.get(id)?.probe.fill(0)
    this.#waiting.delete(id)
    slot.kept.delete(id)
    slot.bytes -= kept.bytes
    this.#size--
    this.#bytes -= kept.bytes
    return this.#indexes.get(kept.space)!.remove(id)
  }

  async #load(): Promise<void> {
    const { store, log } = this.#options
    for (const slot of [...this.#held.values()]) {
      try {
        for (const { kept, probe } of await store.sightings.of(slot.id)) {
          if (this.#held.has(slot.id)) await this.#index(slot, kept, probe)
        }
      } catch (error) {
        log.error({ code: codeOf(error), message: messageOf(error) }, 'past.unreadable')
      }
    }
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
