import type { Embedding } from '@vedette/shared/embedding'
import { type Kept, newKeptId, type Slot } from '../store/past/sightings.ts'
import { KeptIndex } from './kept-index.ts'
import { type CameraId, MINUTE_MS } from './policy.ts'
import type { Reach } from './reach.ts'

/** A slot gets nothing more so long after its minute; what comes then begins another. */
const OPEN_MS = 600_000

export type Held = Slot & { kept: Map<string, Kept>; bytes: number }

/** What is kept now, in memory: by slot to be destroyed, by embedding space to be searched. */
export class Holdings {
  readonly #indexes = new Map<string, KeptIndex>()
  readonly #held = new Map<string, Held>()
  /** Slots that may still get something, by camera and minute. */
  readonly #open = new Map<string, Held>()
  #size = 0
  #bytes = 0

  /** Walks. */
  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#bytes
  }

  get slots(): ReadonlyMap<string, Held> {
    return this.#held
  }

  /** Spaces of what is kept. */
  get spaces(): string[] {
    return [...this.#indexes.values()].flatMap(({ size, space }) => (size > 0 ? space : []))
  }

  of(space: string): KeptIndex | undefined {
    return this.#indexes.get(space)
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

  /** A slot that is on the disk. */
  known(slot: Slot): void {
    this.#held.set(slot.id, { ...slot, kept: new Map(), bytes: 0 })
  }

  /** The slot of a camera's minute, which may get something yet. */
  slotFor({ agent, camera }: CameraId, minute: number): Held {
    const key = `${agent}/${camera}/${minute}`
    const known = this.#open.get(key)
    if (known !== undefined) return known
    const slot = { id: newKeptId(), agent, camera, minute, kept: new Map(), bytes: 0 }
    this.#open.set(key, slot)
    this.#held.set(slot.id, slot)
    return slot
  }

  /** Ids of slots that get nothing more from here on. */
  close(now: number): string[] {
    const closed: string[] = []
    for (const [key, { id, minute }] of this.#open) {
      if (now - minute < OPEN_MS) continue
      this.#open.delete(key)
      closed.push(id)
    }
    return closed
  }

  /** From here on it is found; resolves when its thread has it. */
  add(kept: Kept, probe: Embedding): Promise<void> {
    const slot = this.#held.get(kept.slot)!
    slot.kept.set(kept.id, kept)
    slot.bytes += kept.bytes
    this.#size++
    this.#bytes += kept.bytes
    const { space } = kept
    const index = this.#indexes.get(space) ?? new KeptIndex(space, probe.length)
    this.#indexes.set(space, index)
    return index.put(kept, probe)
  }

  /** Resolves when no byte of it is left here. */
  async remove({ id, slot }: Pick<Kept, 'id' | 'slot'>): Promise<void> {
    const held = this.#held.get(slot)
    const kept = held?.kept.get(id)
    if (held === undefined || kept === undefined) return
    held.kept.delete(id)
    held.bytes -= kept.bytes
    this.#size--
    this.#bytes -= kept.bytes
    await this.#indexes.get(kept.space)!.remove(id)
  }

  /** Removes a slot and all that is in it. */
  async empty(slot: Held): Promise<void> {
    const gone = [...slot.kept.values()].map((kept) => this.remove(kept))
    this.#held.delete(slot.id)
    for (const [key, open] of this.#open) if (open === slot) this.#open.delete(key)
    await Promise.all(gone)
  }

  /** The oldest slots but `others`, as many as there is no room for. */
  beyond(most: { readonly walks: number; readonly size: number }, others: readonly Held[]): Held[] {
    let [walks, bytes] = [this.#size, this.#bytes]
    const fits = () => walks <= most.walks && bytes <= most.size
    if (fits()) return []
    const going = new Set(others)
    const left = [...this.#held.values()].filter((slot) => !going.has(slot))
    const beyond: Held[] = []
    for (const slot of left.toSorted((p, q) => p.minute - q.minute)) {
      if (fits()) break
      beyond.push(slot)
      walks -= slot.kept.size
      bytes -= slot.bytes
    }
    return beyond
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#indexes.values()].map((index) => index[Symbol.asyncDispose]()))
  }
}
