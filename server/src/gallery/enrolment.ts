import type { Clock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Entry, EntryStore } from '../store/entries.ts'
import { detailsOf, type EntryDetails } from '../store/entry-rows.ts'
import type { Galleries } from './galleries.ts'
import type { Photos } from './photos.ts'

/** Photographs of one person at a time, at most. */
const MOST_PHOTOS = 10
const LONGEST_NAME = 200

export type EnrolRequest = EntryDetails & {
  list: string
  /** As is usual for the list where it is not said. */
  expiresAt?: number | undefined
  by: string
  photos: readonly { file: string; bytes: Uint8Array; face: number | undefined }[]
}

export type EnrolmentOptions = {
  entries: EntryStore
  photos: Photos
  galleries: Galleries
  /** Called when there is somebody new: a space may have come to be used meanwhile. */
  onEnrolled: () => void
  clock: Clock
  log: Log
}

/** Puts people on the list and takes them off, in the store and in the gallery alike. */
export class Enrolment {
  readonly #options: EnrolmentOptions

  constructor(options: EnrolmentOptions) {
    this.#options = options
  }

  /**
   * Enrols one person; every photograph must be good. Resolves when the person can be matched, or
   * waits for a second operator. Throws Refusal `photo.*`, `entry.*`, `list.not-found`.
   */
  async enrol(request: EnrolRequest): Promise<Entry> {
    const { entries, galleries, onEnrolled, clock, log } = this.#options
    const { name, list, expiresAt, by } = request
    if (name.trim() === '' || name.length > LONGEST_NAME) {
      throw new Refusal('entry.invalid', `a name has 1 to ${LONGEST_NAME} characters`)
    }
    const photos = await this.#read(request.photos)
    const details = { ...detailsOf(request), name: name.trim() }
    const standing = { list, expiresAt, createdAt: clock.now(), createdBy: by }
    const { entry, templates } = await entries.add({ ...details, ...standing }, photos)
    if (entry.state === 'live') await galleries.enrol(templates)
    onEnrolled()
    log.info({ entry: entry.id, list, by, photos: photos.length }, 'entry.enrolled')
    return entry
  }

  /** Makes the galleries hold of an entry what may match now: all of it, some, or nothing. */
  async goLive(id: string): Promise<void> {
    const { entries, galleries, clock } = this.#options
    const liveAt = clock.now()
    await galleries.renew(id, (space) => entries.templates(space, { entry: id, liveAt }))
  }

  /** The entry matches nothing from here on; it stays in the store. */
  async retire(id: string): Promise<void> {
    await this.#options.galleries.remove(id)
  }

  /** Throws Refusal `entry.not-found`. */
  async remove(id: string, by: string): Promise<void> {
    const { entries, galleries, log } = this.#options
    await entries.remove(id)
    await galleries.remove(id)
    log.info({ entry: id, by }, 'entry.removed')
  }

  /** Takes away one photograph (1 is the first). Throws Refusal `entry.not-found`, `entry.last-photo`. */
  async removePhoto(id: string, photo: number, by: string): Promise<Entry> {
    const { entries, log } = this.#options
    await entries.removePhoto(id, photo - 1)
    await this.goLive(id)
    log.info({ entry: id, photo, by }, 'entry.photo-removed')
    return entries.get(id)
  }

  async #read(photos: EnrolRequest['photos']) {
    if (photos.length === 0) throw new Refusal('photo.none', 'no photograph was given')
    if (photos.length > MOST_PHOTOS) {
      throw new Refusal('photo.too-many', `${photos.length} photographs, at most ${MOST_PHOTOS}`)
    }
    const { active, all } = this.#options.galleries
    const others = all.map(({ space }) => space).filter((space) => space !== active.space)
    const read = []
    for (const { file, bytes, face } of photos) {
      try {
        read.push(await this.#options.photos.read(bytes, face, [active.space, ...others]))
      } catch (error) {
        throw named(error, file)
      }
    }
    return read
  }
}

/** The same refusal, saying of which file it speaks. */
function named(error: unknown, file: string): unknown {
  if (!(error instanceof Refusal)) return error
  const { code, message, hint } = error
  return new Refusal(code, `${file}: ${message}`, { cause: error, ...(hint && { hint }) })
}
