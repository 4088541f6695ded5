import { Bell } from '@vedette/shared/bell'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Galleries } from '../gallery/galleries.ts'
import type { Photos } from '../gallery/photos.ts'
import type { Hand } from '../hand.ts'
import type { Rejections } from '../matching/rejections.ts'
import type { EntryStore } from '../store/entries.ts'
import type { Embedded, SpaceProgress, SpaceRecord, SpaceStore } from '../store/spaces.ts'
import type { SpaceOpener } from './space-opener.ts'

/** After a fault the work goes on this much later, milliseconds. */
const RETRY_MS = 30_000

export type SpaceStatus = Omit<SpaceRecord, 'role'> &
  SpaceProgress & {
    role: SpaceRecord['role']
    entries: number
    templates: number
    /** Why the work stands still, where it does. */
    fault: { code: string; message: string } | null
  }

export type SpaceChangeOptions = {
  spaces: SpaceStore
  entries: EntryStore
  galleries: Galleries
  photos: Photos
  opener: SpaceOpener
  rejections: Pick<Rejections, 'carry'>
  clock: Clock
  log: Log
  /** Spaces that were active once: agents may still speak them. */
  kept: readonly string[]
  /** Called when a space has come to be used, or has become the active one. */
  onChange: () => Promise<void>
}

/**
 * Brings a deployment from one embedding space to another: embeds the photographs that are enrolled,
 * in the background and across restarts, and switches when all are there.
 */
export class SpaceChange {
  readonly #options: SpaceChangeOptions
  readonly #stop = new AbortController()
  readonly #news = new Bell()
  readonly #working: Promise<void>
  readonly #faults = new Map<string, SpaceStatus['fault']>()
  /** Spaces that are complete: all enrolled photographs were tried. */
  readonly #complete: Set<string>
  /** One after the other: the same space twice is the same once. */
  #beginning: Promise<void> = Promise.resolve()

  constructor(options: SpaceChangeOptions) {
    this.#options = options
    this.#complete = new Set(options.kept)
    this.#working = this.#work()
  }

  /** True where agents may speak `space`: everybody on the list who can be is in it. */
  speaks(space: string): boolean {
    const { galleries } = this.#options
    return space === galleries.active.space || this.#complete.has(space)
  }

  /**
   * Begins to embed the enrolled photographs with model `id`, beside the active one.
   * Throws Refusal `model.*`, and what the model's file throws when it is opened.
   */
  async use(id: string, hand: Hand): Promise<void> {
    const before = this.#beginning
    this.#beginning = before.catch(() => {}).then(() => this.#begin(id, hand))
    await this.#beginning
  }

  /**
   * Makes `id` the active space. Throws Refusal `model.incomplete` while photographs wait to be
   * embedded, or while entries would be lost and nobody says `anyway`.
   */
  async switchTo(id: string, hand: Hand, { anyway }: { anyway: boolean }): Promise<void> {
    const { spaces, galleries, clock, log, onChange } = this.#options
    const from = galleries.active.space
    if (from === id) return
    if (galleries.of(id) === undefined) {
      throw new Refusal('model.incomplete', `nothing is embedded with ${id} yet`, {
        hint: `begin with: vedette models use ${id}`,
        params: { model: id },
      })
    }
    const { photos, done, missing } = await spaces.progress(id)
    if (done < photos) {
      throw new Refusal(
        'model.incomplete',
        `${done} of ${photos} photographs are embedded with ${id}`,
        {
          hint: 'wait until vedette models status says that all are',
          params: { model: id, done, photos },
        },
      )
    }
    if (missing.length > 0 && !anyway) {
      throw new Refusal('model.incomplete', `with ${id} nobody would find: ${missing.join(', ')}`, {
        hint: 'enrol them anew from other photographs, or switch with --anyway',
        params: { model: id, missing },
      })
    }
    await spaces.activate(id, clock.now(), hand)
    galleries.activate(id)
    this.#complete.add(from)
    log.info({ from, to: id, by: hand.by, missing: missing.length }, 'space.switched')
    await onChange()
  }

  /** Every space in use and how far it is. */
  async status(): Promise<SpaceStatus[]> {
    const { spaces, galleries } = this.#options
    const all: SpaceStatus[] = []
    for (const space of await spaces.all()) {
      const gallery = galleries.of(space.id)
      all.push({
        ...space,
        ...(await spaces.progress(space.id)),
        entries: gallery?.entries ?? 0,
        templates: gallery?.templates ?? 0,
        fault: this.#faults.get(space.id) ?? null,
      })
    }
    return all
  }

  /** There may be photographs to embed. */
  wake(): void {
    this.#news.ring()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.wake()
    await this.#working
  }

  async #begin(id: string, hand: Hand): Promise<void> {
    const { spaces, galleries, photos, opener, clock, log, onChange } = this.#options
    if (galleries.of(id) !== undefined) return
    const row = await opener.find(id)
    await photos.open(id)
    await spaces.begin(id, clock.now(), hand)
    galleries.add(await opener.open(row))
    log.info({ space: id, by: hand.by }, 'space.begun')
    await onChange()
    this.wake()
  }

  async #work(): Promise<void> {
    const { galleries, clock } = this.#options
    const { signal } = this.#stop
    while (!signal.aborted) {
      let [busy, failed] = [false, false]
      for (const { space } of galleries.all) {
        if (signal.aborted) return
        try {
          if ((await this.#step(space)) || (await this.#carry(space))) busy = true
          this.#faults.delete(space)
        } catch (error) {
          failed = true
          this.#trouble(space, error)
        }
      }
      if (failed) await clock.sleep(RETRY_MS, signal).catch(() => {})
      else if (!busy && !signal.aborted) await this.#news.wait()
    }
  }

  /** Embeds the photographs of one more entry; false when there is none. */
  async #step(space: string): Promise<boolean> {
    const { spaces, entries, galleries, clock, log } = this.#options
    const next = await spaces.pending(space)
    if (next === undefined) {
      if (!this.#complete.has(space)) log.info({ space }, 'space.complete')
      this.#complete.add(space)
      return false
    }
    const { entryId, photoIds } = next
    const results: Embedded[] = []
    for (const photoId of photoIds) {
      const result = await this.#embed(space, photoId)
      if (this.#stop.signal.aborted) return true
      if (result !== undefined) results.push(result)
    }
    try {
      await spaces.embedded(space, entryId, results)
    } catch (error) {
      if (codeOf(error) === 'entry.not-found') return true
      throw error
    }
    const liveAt = clock.now()
    await galleries.renew(entryId, (of) => entries.templates(of, { entry: entryId, liveAt }))
    return true
  }

  /** Takes along what operators said: "not him" holds in every space. */
  #carry(space: string): Promise<boolean> {
    const { rejections, photos } = this.#options
    return rejections.carry(space, (chip) => photos.probe(chip, space))
  }

  async #embed(space: string, photoId: string): Promise<Embedded | undefined> {
    const { spaces, photos, log } = this.#options
    try {
      const jpeg = await spaces.photo(photoId)
      if (jpeg === undefined) return undefined
      const { template, far } = await photos.again(jpeg, space)
      return { photoId, vector: template, far }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      log.warn({ space, photo: photoId, code: error.code }, 'space.photo-failed')
      return { photoId, code: error.code }
    }
  }

  #trouble(space: string, error: unknown): void {
    const fault = { code: codeOf(error), message: messageOf(error) }
    this.#faults.set(space, fault)
    this.#options.log.error({ space, ...fault }, 'space.failed')
  }
}
