import type { Behaviour } from '@vedette/models/cohort'
import type { Clock } from '@vedette/shared/clock'
import { Fault, Refusal, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Hand } from '../hand.ts'
import type { Strictness } from '../matching/strictness.ts'
import type { Past } from '../past/past.ts'
import type { JsonObject } from '../store/audit.ts'
import type { Entry, EntryStore } from '../store/entries.ts'
import { detailsOf, type EntryDetails } from '../store/entry-rows.ts'
import type { NewPhoto, PhotoOrigin } from '../store/photos.ts'
import { thresholdFor } from '../thresholds/published.ts'
import type { Thresholds } from '../thresholds/thresholds.ts'
import { behaviourOf, strictnessFor } from './behaviour.ts'
import { rowsOf } from './centre.ts'
import {
  type AnsweredAlso,
  type EnrolAnswer,
  EnrolmentRefusal,
  type Findings,
  objectionTo,
} from './enrolment-answer.ts'
import type { Galleries } from './galleries.ts'
import { kinshipOf } from './kinship.ts'
import { lookAlikesOf, peopleAmong, SHOWN_RATE, STRANGER_RATE } from './look-alikes.ts'
import { type PhotoVerdict, unseen, verdictOf } from './photo-verdict.ts'
import type { Photos } from './photos.ts'
import type { Portrait } from './portrait.ts'
import { standingOf } from './standing.ts'

/** Photographs of one person at a time, at most. */
const MOST_PHOTOS = 10
const LONGEST_NAME = 200

export type Upload = {
  file: string
  bytes: Uint8Array
  /** Which face, counted from the left. */
  face?: number | undefined
  origin?: PhotoOrigin | undefined
}

export type EnrolRequest = EntryDetails & {
  list: string
  /** As is usual for the list where it is not said. */
  expiresAt?: number | undefined
  hand: Hand
  photos: readonly Upload[]
  /** Also where it looks like somebody else, or like too many. */
  anyway?: boolean
  /** The good photographs, where some are not. */
  poor?: boolean
  /** Whoever enrols may know of these lists. */
  sees?: (list: string) => boolean
}

/** What an enrolment is checked for. */
export type CheckRequest = Pick<EnrolRequest, 'photos' | 'list' | 'sees' | 'poor' | 'anyway'> & {
  /** The entry that the photographs are added to. */
  into?: string | undefined
}

export type EnrolmentOptions = {
  entries: EntryStore
  photos: Photos
  galleries: Galleries
  thresholds: () => Pick<Thresholds, 'usual' | 'added'>
  strictness: Pick<Strictness, 'take'>
  /** Called when there is somebody new: a space may have come to be used meanwhile. */
  onEnrolled: (entry: Entry) => void
  /** Searches what is retained of the past for somebody who can be matched now. */
  past?: Pick<Past, 'onEnrolled'>
  clock: Clock
  log: Log
}

/** A photograph that is good enough, and what was judged of all. */
type Checked = { findings: Findings; portraits: NewPhoto[] }

/** Puts people on the list and takes them off, in the store and in the gallery alike. */
export class Enrolment {
  readonly #options: EnrolmentOptions
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: EnrolmentOptions) {
    this.#options = options
  }

  /**
   * Enrols one person; every photograph must be good. Resolves when the person can be matched, or
   * waits for a second operator. Throws EnrolmentRefusal `photo.*`, `entry.duplicate`, and Refusal
   * `photo.*`, `entry.*`, `list.not-found`.
   */
  async enrol(request: EnrolRequest, also?: AnsweredAlso<EnrolAnswer>): Promise<EnrolAnswer> {
    const { onEnrolled, past, log } = this.#options
    const { name, list, hand } = request
    if (name.trim() === '' || name.length > LONGEST_NAME) {
      throw new Refusal('entry.invalid', `a name has 1 to ${LONGEST_NAME} characters`, {
        hint: 'say who it is with --name',
        params: { most: LONGEST_NAME },
      })
    }
    const seen = await this.#see(request)
    // Of two who ask at once to enrol one person, the second is told of the first.
    const added = await this.#inTurn(() => this.#add(request, seen, also))
    const { entry, findings } = added
    onEnrolled(entry)
    log.info({ entry: entry.id, list, by: hand.by, photos: entry.photos }, 'entry.enrolled')
    const found = entry.state === 'live' ? await past?.onEnrolled(entry.id, hand) : undefined
    return { entry, past: found ?? null, ...findings }
  }

  async #add(request: EnrolRequest, seen: Seen, also: AnsweredAlso<EnrolAnswer> | undefined) {
    const { entries, galleries, strictness, clock } = this.#options
    const { name, list, expiresAt, hand } = request
    const { findings, portraits } = await this.#judge(request, seen)
    const details = { ...detailsOf(request), name: name.trim() }
    const standing = { list, expiresAt, createdAt: clock.now(), hand }
    const times = findings.behaviour === null ? 1 : strictnessFor(findings.behaviour)
    const made = { strictness: times, recorded: recordedOf(findings, request) }
    const { entry, templates } = await entries.add(
      { ...details, ...standing, ...made },
      portraits,
      (tx, made, key) =>
        also?.(tx, key, { entry: made, past: null, ...findings }) ?? Promise.resolve(),
    )
    strictness.take(entry)
    if (entry.state === 'live') await galleries.enrol(templates)
    return { entry, findings }
  }

  /** What would be said of an enrolment; nothing is stored. Throws as `enrol` does. */
  async check(request: CheckRequest): Promise<EnrolAnswer> {
    return { entry: null, past: null, ...(await this.#check(request)).findings }
  }

  /** Photographs that may be added to the entry `into`, judged as those of a new one are. */
  examine(request: CheckRequest): Promise<Checked> {
    return this.#check(request)
  }

  /** What would be said today of an entry as it is. Throws Unavailable where it cannot be seen now. */
  standing(entry: Entry, sees: (list: string) => boolean): Promise<Findings> {
    return standingOf(entry, sees, this.#options)
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

  /** Takes away one photograph (1 is the first). Throws Refusal `entry.not-found`, `entry.last-photo`. */
  async removePhoto(id: string, photo: number, hand: Hand): Promise<Entry> {
    const { entries, clock, log } = this.#options
    await entries.removePhoto(id, photo - 1, hand, clock.now())
    await this.goLive(id)
    log.info({ entry: id, photo, by: hand.by }, 'entry.photo-removed')
    return entries.get(id)
  }

  async #check(request: CheckRequest): Promise<Checked> {
    return this.#judge(request, await this.#see(request))
  }

  /** One after the other. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => {})
    return mine
  }

  /** What takes long, and asks nothing of the list. */
  async #see({ photos: uploads }: CheckRequest): Promise<Seen> {
    const { galleries, photos } = this.#options
    const read = await this.#read(uploads)
    const verdicts = read.map(({ verdict }) => verdict)
    const portraits = read.flatMap(({ portrait, upload }) =>
      portrait === undefined ? [] : [{ ...portrait, origin: upload.origin }],
    )
    const behaviours =
      portraits.length === 0
        ? undefined
        : await photos.behaviour(searchedFor(portraits), galleries.active.space)
    return { verdicts, portraits, behaviours }
  }

  async #judge(request: CheckRequest, seen: Seen): Promise<Checked> {
    const { galleries, entries, thresholds } = this.#options
    const { list, sees = () => true, anyway = false, poor = false, into } = request
    const { verdicts, portraits, behaviours } = seen
    const gallery = galleries.active
    const near = portraits.map(({ template }) => template)
    const { points } = galleries.calibrationOf(gallery.space)
    const kin = kinshipOf(near, thresholdFor(points, 1, STRANGER_RATE))
    const same = thresholds().usual
    const shown = Math.min(same, thresholdFor(points, gallery.entries, SHOWN_RATE))
    const looking = { entries, gallery, shown, same, sees }
    const lookalikes = await lookAlikesOf(near, looking)
    const behaviour =
      near.length === 0
        ? null
        : behaviourOf({
            behaviours,
            taken: await peopleAmong(lookalikes, looking),
            agreement: kin.agreement,
            threshold: same,
          })
    const forecast =
      behaviour === null
        ? []
        : await thresholds().added(list, (behaviour.timesUsual ?? 1) / strictnessFor(behaviour))
    const { agreement } = kin
    const findings = { photos: verdicts, agreement, lookalikes, forecast, behaviour }
    const objection = objectionTo(findings, kin.odd, { poor, anyway, into })
    if (objection !== undefined) throw new EnrolmentRefusal(objection, findings)
    return { findings, portraits }
  }

  /** Every photograph, those that are refused too. Throws Unavailable where they cannot be read now. */
  async #read(uploads: readonly Upload[]) {
    if (uploads.length === 0) {
      throw new Refusal('photo.none', 'no photograph was given', { hint: 'give one file at least' })
    }
    if (uploads.length > MOST_PHOTOS) {
      throw new Refusal('photo.too-many', `${uploads.length} photographs, at most ${MOST_PHOTOS}`, {
        hint: 'choose the best ones: sharp, well lit, from the front and from the side',
        params: { most: MOST_PHOTOS },
      })
    }
    const { active, all } = this.#options.galleries
    const others = all.map(({ space }) => space).filter((space) => space !== active.space)
    return Promise.all(
      uploads.map(async (upload, i): Promise<Read> => {
        const { file, bytes, face } = upload
        try {
          const look = await this.#options.photos.look(bytes, face, [active.space, ...others])
          const verdict = verdictOf(look, face, i + 1, file)
          return { upload, verdict, portrait: look.portrait }
        } catch (error) {
          if (!(error instanceof Fault) || error instanceof Unavailable) throw error
          return { upload, verdict: unseen(error, i + 1, file), portrait: undefined }
        }
      }),
    )
  }
}

/** Photographs as they were read, before anything is compared. */
type Seen = {
  verdicts: PhotoVerdict[]
  portraits: NewPhoto[]
  behaviours: Behaviour[] | undefined
}

type Read = { upload: Upload; verdict: PhotoVerdict; portrait: Portrait | undefined }

/** All that is searched for an entry with these photographs, as cameras nearby ask for it. */
function searchedFor(portraits: readonly NewPhoto[]) {
  const one = { id: '', entryId: '', list: '' }
  const templates = portraits.map(({ template }) => ({ ...one, vector: template }))
  return rowsOf(templates).map(({ vector }) => vector)
}

/** What was found when it was enrolled, as far as it tells of nobody. */
function recordedOf(
  { photos, lookalikes, behaviour }: Findings,
  { anyway = false }: EnrolRequest,
): JsonObject {
  return {
    refused: photos.flatMap(({ code }) => code ?? []),
    anyway,
    behaviour: behaviour?.kind ?? null,
    timesUsual: behaviour?.timesUsual ?? null,
    lookalikes: lookalikes.filter(({ same }) => same).map(({ entry }) => entry),
  }
}
