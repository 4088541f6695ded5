import type { Clock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Entry, EntryStore } from '../store/entries.ts'
import type { Gallery } from './gallery.ts'
import type { Photos } from './photos.ts'

/** Photographs of one person at a time, at most. */
const MOST_PHOTOS = 10
const LONGEST_NAME = 200

export type EnrolRequest = {
  name: string
  note: string
  list: string
  by: string
  photos: readonly { file: string; bytes: Uint8Array; face: number | undefined }[]
}

export type EnrolmentOptions = {
  entries: EntryStore
  photos: Photos
  gallery: Gallery
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
   * Enrols one person; every photograph must be good. Resolves when the person can be matched.
   * Throws Refusal `photo.*`, `entry.invalid`, `list.not-found`.
   */
  async enrol(request: EnrolRequest): Promise<Entry> {
    const { entries, gallery, clock, log } = this.#options
    const { name, note, list, by } = request
    if (name.trim() === '' || name.length > LONGEST_NAME) {
      throw new Refusal('entry.invalid', `a name has 1 to ${LONGEST_NAME} characters`)
    }
    const photos = await this.#read(request.photos)
    const details = { name: name.trim(), note, list, createdAt: clock.now(), createdBy: by }
    const { entry, templates } = await entries.add(details, photos)
    await gallery.add(templates)
    log.info({ entry: entry.id, list, by, photos: photos.length }, 'entry.enrolled')
    return entry
  }

  /** Throws Refusal `entry.not-found`. */
  async remove(id: string, by: string): Promise<void> {
    const { entries, gallery, log } = this.#options
    await entries.remove(id)
    await gallery.remove(id)
    log.info({ entry: id, by }, 'entry.removed')
  }

  /** Takes away one photograph (1 is the first). Throws Refusal `entry.not-found`, `entry.last-photo`. */
  async removePhoto(id: string, photo: number, by: string): Promise<Entry> {
    const { entries, gallery, log } = this.#options
    await entries.removePhoto(id, photo - 1)
    const templates = await entries.templates(gallery.space)
    await gallery.replace(
      id,
      templates.filter(({ entryId }) => entryId === id),
    )
    log.info({ entry: id, photo, by }, 'entry.photo-removed')
    return entries.get(id)
  }

  async #read(photos: EnrolRequest['photos']) {
    if (photos.length === 0) throw new Refusal('photo.none', 'no photograph was given')
    if (photos.length > MOST_PHOTOS) {
      throw new Refusal('photo.too-many', `${photos.length} photographs, at most ${MOST_PHOTOS}`)
    }
    const read = []
    for (const { file, bytes, face } of photos) {
      try {
        read.push(await this.#options.photos.read(bytes, face))
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
