import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import type { Change, ChangeRequest } from '../approvals/request.ts'
import type { CheckRequest, Enrolment } from '../gallery/enrolment.ts'
import type { AddedTo, AnsweredAlso } from '../gallery/enrolment-answer.ts'
import type { Hand } from '../hand.ts'
import type { Lists } from '../lists/lists.ts'
import type { EntryChange } from '../store/changes/changes.ts'
import type { Entry, EntryDetails } from '../store/entries.ts'
import type { Decision } from '../store/requests.ts'
import type { Store } from '../store/store.ts'

/** After these somebody is matched who was not before, or looks different now. */
const COMES: readonly ChangeRequest['change']['kind'][] = [
  'entry.add',
  'entry.photos',
  'entry.extend',
  'entry.move',
  'entry.merge',
]

/** Something that happened to an entry. */
export type RegisterChange = {
  /** `gone`: it is not on that list any more, and perhaps on none. */
  kind: 'approved' | 'changed' | 'enrolled' | 'expired' | 'gone' | 'refused' | 'waiting'
  entry: string
  list: string
  /** Epoch milliseconds. */
  at: number
}

export type RegisterOptions = {
  store: Pick<Store, 'entries' | 'entryChanges' | 'requests'>
  enrolment: Pick<Enrolment, 'examine' | 'goLive' | 'retire'>
  lists: Pick<Lists, 'refresh'>
  /** Called when entries have become one, or two: what is known of them is somewhere else now. */
  onRegrouped: () => Promise<void>
  /** Called when somebody may match who did not, or by more photographs. */
  onLive: (id: string, hand: Hand) => void
  clock: Clock
  log: Log
}

/** An entry, and the list that it is on. */
type Listed = Pick<Entry, 'id' | 'list'>

/** What waits for a second person, or was done at once. */
export type Changed = { entry: Entry; request: string | undefined }

/** What becomes of entries after they were enrolled, in the store and in the galleries alike. */
export class Register {
  readonly #options: RegisterOptions
  readonly #listeners = new Set<(change: RegisterChange) => void>()

  constructor(options: RegisterOptions) {
    this.#options = options
  }

  /** Calls `listener` with every change from here on; the function returned ends that. */
  listen(listener: (change: RegisterChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Tells of somebody whom an enrolment has added. */
  enrolled(entry: Pick<Entry, 'id' | 'list' | 'state'>): void {
    this.#tell(entry.state === 'live' ? 'enrolled' : 'waiting', entry)
  }

  /** Tells of what others have changed of an entry. */
  changed(entry: Listed): void {
    this.#tell('changed', entry)
  }

  /** Tells of what others have erased. */
  erased(entry: Listed): void {
    this.#tell('gone', entry)
  }

  /** Says something else of a person. Throws Refusal `entry.*`. */
  async edit(id: string, said: Partial<EntryDetails>, hand: Hand): Promise<Entry> {
    const { store, clock, log } = this.#options
    await store.entryChanges.edit(id, said, { hand, at: clock.now() })
    const entry = await store.entries.get(id)
    log.info({ entry: id, by: hand.by, said: Object.keys(said) }, 'entry.edited')
    this.#tell('changed', entry)
    return entry
  }

  /**
   * Extends, moves, merges or splits an entry, or lets that wait for a second person where a list asks
   * for one. Throws Refusal `entry.*`, `list.*`, `request.too-many`.
   */
  async change(id: string, change: EntryChange, hand: Hand): Promise<Changed> {
    const { store, clock, log } = this.#options
    const before = await this.#about(id, change)
    const made = await store.entryChanges.propose(id, change, { hand, at: clock.now() })
    const { request, affected } = made
    log.info({ entry: id, by: hand.by, change: change.kind, request }, 'entry.changed')
    await this.#settle(change.kind, affected, hand)
    const entry = await store.entries.get(id)
    if (request === undefined) await this.#tellAll('changed', before, affected)
    else this.#tell('waiting', entry)
    return { entry, request }
  }

  /**
   * Adds photographs that are judged as those of a new entry are. Throws EnrolmentRefusal, and Refusal
   * `entry.*`, `photo.*`, `request.too-many`.
   */
  async addPhotos(
    id: string,
    asked: CheckRequest,
    hand: Hand,
    also?: AnsweredAlso<AddedTo>,
  ): Promise<AddedTo> {
    const { store, enrolment, clock, log } = this.#options
    const { findings, portraits } = await enrolment.examine({ ...asked, into: id })
    const doing = { hand, at: clock.now() }
    const { request, affected } = await store.entryChanges.addPhotos(
      id,
      portraits,
      doing,
      async (tx, key, made) => also?.(tx, key, { ...made, past: null, ...findings }),
    )
    log.info({ entry: id, by: hand.by, photos: portraits.length, request }, 'entry.photos-added')
    await this.#settle('entry.photos', affected, hand)
    const entry = await store.entries.get(id)
    this.#tell(request === undefined ? 'changed' : 'waiting', entry)
    return { entry, past: null, ...findings, request }
  }

  /** Ends an entry's time now; it asks nobody for less care. Throws Refusal `entry.*`. */
  async end(id: string, hand: Hand): Promise<Entry> {
    const { store, enrolment, clock, log } = this.#options
    await store.entryChanges.end(id, { hand, at: clock.now() })
    await enrolment.retire(id)
    const entry = await store.entries.get(id)
    log.info({ entry: id, list: entry.list, by: hand.by }, 'entry.ended')
    this.#tell('expired', entry)
    return entry
  }

  /** Changes that wait for a second person, the first asked first. */
  pending(): Promise<ChangeRequest[]> {
    const { store, clock } = this.#options
    return store.requests.pending(clock.now())
  }

  /** A second person consents, or does not. Throws Refusal `request.*`, and what the change throws. */
  async decide(id: string, decision: Decision, hand: Hand): Promise<ChangeRequest> {
    const { store, lists, clock, log } = this.#options
    const asked = await store.requests.get(id)
    const before = await this.#about(asked.entry, asked.change)
    const { request, affected } = await store.requests.decide(id, decision, {
      hand,
      at: clock.now(),
    })
    const { change, entry, list } = request
    log.info({ request: id, entry, list, by: hand.by, decision }, 'request.decided')
    if (change.kind === 'list.change') await lists.refresh()
    await this.#settle(change.kind, affected, hand)
    await this.#tellAll(decision, before, affected)
    return request
  }

  /** Ends what is over now. */
  async sweep(): Promise<void> {
    const { store, enrolment, clock, log } = this.#options
    for (;;) {
      const expired = await store.entryChanges.expire(clock.now())
      if (expired === undefined) return
      for (const { entry, list, expiresAt } of expired) {
        await enrolment.retire(entry)
        log.warn({ entry, list, expiresAt }, 'entry.expired')
        this.#tell('expired', { id: entry, list })
      }
    }
  }

  async #settle(
    kind: ChangeRequest['change']['kind'],
    affected: readonly string[],
    hand: Hand,
  ): Promise<void> {
    const { enrolment, onRegrouped, onLive } = this.#options
    for (const id of affected) await enrolment.goLive(id)
    if (affected.length === 0) return
    if (kind === 'entry.merge' || kind === 'entry.split') await onRegrouped()
    const [id] = affected
    if (id !== undefined && COMES.includes(kind)) onLive(id, hand)
  }

  /** Entries that a change is about, where they are before it is made. */
  async #about(id: string | undefined, change: Change): Promise<Listed[]> {
    const ids = [
      ...(id === undefined ? [] : [id]),
      ...(change.kind === 'entry.merge' ? [change.from] : []),
    ]
    const found = await Promise.all(ids.map((one) => this.#find(one)))
    return found.filter((one) => one !== undefined)
  }

  #find(id: string): Promise<Entry | undefined> {
    return this.#options.store.entries.get(id).catch(() => undefined)
  }

  /** Tells of entries as they are now: where they were, where they are, and of those that came of it. */
  async #tellAll(
    kind: RegisterChange['kind'],
    before: readonly Listed[],
    affected: readonly string[],
  ): Promise<void> {
    const places = new Map(before.map((entry) => [entry.id, entry]))
    for (const id of new Set([...places.keys(), ...affected])) {
      const was = places.get(id)
      const now = await this.#find(id)
      if (was !== undefined && was.list !== now?.list) this.#tell('gone', was)
      if (now !== undefined) this.#tell(was === undefined ? 'enrolled' : kind, now)
    }
  }

  #tell(kind: RegisterChange['kind'], { id, list }: Listed): void {
    const change = { kind, entry: id, list, at: this.#options.clock.now() }
    for (const listener of this.#listeners) listener(change)
  }
}
