import type { Timer } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import type { Cameras } from '../cameras/cameras.ts'
import type { Hand } from '../hand.ts'
import { type Answer, answer, type Question } from './answer.ts'
import { unsearched } from './catch-up.ts'
import type { PastParts } from './parts.ts'
import { type Find, raiseFound } from './raise.ts'
import { WatchLog } from './watch-log.ts'

const BEAT_MS = 10_000
const DAY_MS = 86_400_000
/** What cameras could have seen is remembered for so long at least. */
const PERIODS_MS = 31 * DAY_MS
const PRUNE_MS = 6 * 3_600_000

/** What a search on enrolment came to. */
export type Found = {
  /** Walks that were searched. */
  walks: number
  /** Ids of the retrospective alerts, and what they are about, the oldest first. */
  alerts: string[]
  seen: { id: string; agent: string; camera: string; at: number; score: number; needed: number }[]
  /** Why nothing could be searched, where it could not; it is tried again. */
  fault: string | null
}

const NOTHING: Found = { walks: 0, alerts: [], seen: [], fault: null }

/** What was seen while nobody looked for it, for as long as lists ask. Owns its keeper. */
export class Past {
  readonly #options: PastParts
  #cameras: Pick<Cameras, 'all' | 'listen'> | undefined
  #watch: WatchLog | undefined
  #unlisten = () => {}
  #timer: Timer | undefined
  #stopped = false
  #beating: Promise<void> = Promise.resolve()
  #catchingUp: Promise<void> = Promise.resolve()
  /** Who is still to be looked for. */
  readonly #later = new Map<string, Hand>()
  #prunedAt = Number.NEGATIVE_INFINITY

  constructor(options: PastParts) {
    this.#options = options
  }

  /** Writes what was seen, and what `cameras` could have seen, on a beat that tells of nobody. */
  async start(cameras: Pick<Cameras, 'all' | 'listen'>): Promise<void> {
    const { store, keeper, clock } = this.#options
    await store.periods.endAll()
    this.#cameras = cameras
    this.#watch = new WatchLog({
      store: store.periods,
      cameras: () => cameras.all(),
      keeps: (place) => keeper.keeps(place),
    })
    this.#unlisten = cameras.listen((change) => {
      if (change.kind !== 'trouble') void this.#note()
    })
    const ring = () => {
      this.#timer = clock.after(BEAT_MS, () => {
        void this.beat()
        ring()
      })
    }
    ring()
    await this.beat()
    this.#catchingUp = this.#catchUp()
  }

  /** Writes what waits and destroys what is due. */
  beat(): Promise<void> {
    const mine = this.#beating.then(() => this.#beat())
    this.#beating = mine
    return mine
  }

  /**
   * Lists ask for less, or for more: what nobody asks for any more is destroyed when this resolves, or,
   * where the disk does not let it go now, with a later beat.
   */
  policyChanged(): Promise<void> {
    return this.beat()
  }

  /**
   * Looks for whoever is on the list now in what was kept for that list, and raises what is found.
   * Once: the same walk is never raised twice for one entry. What cannot be searched now, as `fault`
   * then says, is searched later.
   */
  async onEnrolled(entryId: string, hand: Hand): Promise<Found> {
    try {
      return await this.#lookFor(entryId, hand)
    } catch (error) {
      const [fault, message] = [codeOf(error), messageOf(error)]
      // Nobody is looked for who was taken off the list meanwhile.
      if (error instanceof Refusal) return { ...NOTHING, fault }
      this.#options.log.error({ entry: entryId, code: fault, message }, 'past.unsearched')
      this.#later.set(entryId, hand)
      return { ...NOTHING, fault }
    }
  }

  /** What is kept now, and for which lists. */
  get status() {
    const { keeper, policies } = this.#options
    const { size: walks, bytes, droppedUntil = null } = keeper
    const lists = policies().map(({ list, keepFor, keepPictures }) => {
      return { list, keepFor, keepPictures }
    })
    return { walks, bytes, droppedUntil, lists }
  }

  /** Where and when somebody was seen, and what could have been seen. */
  async ask(question: Question): Promise<Answer> {
    await this.#options.keeper.ready()
    await this.#note()
    return answer(question, { ...this.#options, cameras: this.#cameras?.all() ?? [] })
  }

  /** The picture of a walk that is kept. Throws Refusal `sighting.not-found`, `past.no-picture`. */
  async picture(id: string, sees: (place: { agent: string; camera: string }) => boolean) {
    const { kept, picture } = await this.#options.keeper.get(id)
    if (!sees(kept)) throw new Refusal('sighting.not-found', `no sighting ${id} is kept`)
    if (picture === null) {
      throw new Refusal('past.no-picture', `no picture of sighting ${id} was kept`, {
        hint: 'pictures are kept where a list asks for them: vedette lists set LIST --keep-pictures',
      })
    }
    return { kept, picture }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel()
    this.#unlisten()
    this.#stopped = true
    await this.#catchingUp
    await this.beat()
    await this.#options.keeper[Symbol.asyncDispose]()
  }

  async #beat(): Promise<void> {
    const { policies, keeper, store, clock, log } = this.#options
    try {
      await keeper.flush()
      await keeper.sweep()
      await this.#watch?.beat(clock.now())
      await this.#again()
      if (clock.now() - this.#prunedAt < PRUNE_MS) return
      this.#prunedAt = clock.now()
      const longest = Math.max(PERIODS_MS, ...policies().map(({ keepFor }) => keepFor))
      await store.periods.prune(clock.now() - longest)
    } catch (error) {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'past.failed')
    }
  }

  async #lookFor(entryId: string, hand: Hand): Promise<Found> {
    const { audit, keeper, clock } = this.#options
    await keeper.ready()
    const found = await raiseFound(entryId, this.#options)
    if (found === undefined) return NOTHING
    const { list, walks, finds } = found
    const seen = seenIn(finds)
    const alerts = seen.map(({ id }) => id)
    await audit.note({
      kind: 'past.searched',
      hand,
      at: clock.now(),
      about: { entry: entryId, list },
      details: { walks, found: finds.length, alerts },
    })
    return { walks, alerts, seen, fault: null }
  }

  /** Looks for whom a server that ended before it could has not looked for. */
  async #catchUp(): Promise<void> {
    const { audit, policies, clock, log } = this.#options
    const longest = Math.max(0, ...policies().map(({ keepFor }) => keepFor))
    if (longest === 0) return
    try {
      const left = await unsearched(audit, clock.now() - longest)
      for (const [entryId, hand] of left) this.#later.set(entryId, hand)
      await this.#again()
    } catch (error) {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'past.behind')
    }
  }

  /** Looks for those whom nobody could look for before. */
  async #again(): Promise<void> {
    for (const [entryId, hand] of [...this.#later]) {
      if (this.#stopped) return
      this.#later.delete(entryId)
      const { fault } = await this.onEnrolled(entryId, hand)
      if (fault !== null) return
    }
  }

  async #note(): Promise<void> {
    const { clock, log } = this.#options
    await this.#watch?.beat(clock.now()).catch((error) => {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'past.unwatched')
    })
  }
}

/** Each alert once, with the best walk that went into it. */
function seenIn(finds: readonly Find[]): Found['seen'] {
  const alerts = new Map<string, Found['seen'][number]>()
  for (const { alert: id, kept, score, needed } of finds) {
    if (score <= (alerts.get(id)?.score ?? -1)) continue
    const { agent, camera, at } = kept
    alerts.set(id, { id, agent, camera, at, score, needed })
  }
  return [...alerts.values()]
}
