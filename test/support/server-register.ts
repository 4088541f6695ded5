import { Expiry } from '@vedette/server/entries/expiry'
import { Register, type RegisterChange } from '@vedette/server/entries/register'
import { Galleries } from '@vedette/server/gallery/galleries'
import type { Hand } from '@vedette/server/hand'
import { Lists } from '@vedette/server/lists/lists'
import type { Entry } from '@vedette/server/store/entries'
import type { NewPhoto } from '@vedette/server/store/photos'
import { CALIBRATION } from './models-installed.ts'
import { LogBook } from './server-log.ts'
import { MatchingBench, probeLike } from './server-matching.ts'
import { HAND, newEntry, newPhoto, type TemporaryStore } from './server-store.ts'

const NO_FINDINGS = { photos: [], agreement: [], lookalikes: [], forecast: [], behaviour: null }

/** Who consents in tests. */
export const SECOND: Hand = { by: 'bert', from: '10.0.0.2', why: null }

/** Lists, entries and what becomes of them, from a real store to alerts, by a clock that stands. */
export class RegisterBench {
  readonly bench: MatchingBench
  readonly lists: Lists
  readonly register: Register
  readonly expiry: Expiry
  readonly book = new LogBook()
  readonly told: RegisterChange[] = []
  readonly live: string[] = []
  readonly galleries: Galleries
  /** What is made of photographs that are added. */
  portraits: NewPhoto[] = []
  #walks = 0

  static async open(): Promise<RegisterBench> {
    const bench = await MatchingBench.open()
    const { clock, stored } = bench
    const { log } = new LogBook()
    const lists = await Lists.open({ store: stored.store.lists, clock, log })
    return new RegisterBench(bench, lists)
  }

  private constructor(bench: MatchingBench, lists: Lists) {
    this.bench = bench
    this.lists = lists
    const { clock, gallery, stored, rejections, strictness } = bench
    const { store } = stored
    const { log } = this.book
    this.galleries = new Galleries({ gallery, calibration: CALIBRATION })
    bench.applies = (list, at) => lists.applies(list, at)
    this.register = new Register({
      store,
      enrolment: {
        examine: async () => ({ findings: NO_FINDINGS, portraits: this.portraits }),
        goLive: (id) =>
          this.galleries.renew(id, (space) =>
            store.entries.templates(space, { entry: id, liveAt: clock.now() }),
          ),
        retire: (id) => this.galleries.remove(id),
      },
      lists,
      onRegrouped: async () => {
        await Promise.all([rejections.refresh(), strictness.refresh()])
      },
      onLive: (id) => void this.live.push(id),
      clock,
      log,
    })
    this.register.listen((change) => this.told.push(change))
    this.expiry = new Expiry({ register: this.register, store: store.entryChanges, clock, log })
  }

  get clock() {
    return this.bench.clock
  }

  get stored(): TemporaryStore {
    return this.bench.stored
  }

  get entries() {
    return this.stored.store.entries
  }

  /** Enrols whose photographs are those of `seeds`, at this clock's time. */
  async enrol(
    seeds: number | readonly number[],
    more: Parameters<typeof newEntry>[1] = {},
  ): Promise<Entry> {
    const photos = [seeds].flat().map((seed) => newPhoto(seed))
    const said = newEntry(`person ${seeds}`, { createdAt: this.clock.now(), ...more })
    const { entry, templates } = await this.entries.add(said, photos)
    if (entry.state === 'live') await this.galleries.enrol(templates)
    return entry
  }

  /** The entries that a walk past with exactly the face of `seed` is taken for. */
  async ask(seed: number, seen: Parameters<typeof probeLike>[2] = {}): Promise<string[]> {
    const track = `walk-${++this.#walks}`
    const [receivedAt, camera] = [this.clock.now(), `camera-${this.#walks}`]
    const at = { receivedAt, capturedAt: receivedAt, camera }
    await this.bench.matching.consider(probeLike(seed, 0.9999, { ...at, track, ...seen }))
    const found = await this.bench.found()
    return found.filter((alert) => alert.track === track).map(({ entryId }) => entryId)
  }

  /** Asks for two persons on the first list. */
  async askForTwo(): Promise<void> {
    await this.lists.change('wanted', { approvals: 2 }, HAND)
  }

  /** What was recorded, of one kind. */
  acts(kind: string): Record<string, unknown>[] {
    const rows = this.stored
      .elsewhere()
      .prepare<[string], string>(
        'SELECT body FROM actBodies JOIN acts USING (seq) WHERE kind = ? ORDER BY seq',
      )
      .pluck()
      .all(kind)
    return rows.map((body) => JSON.parse(body) as Record<string, unknown>)
  }

  /** Moves time on second by second, as it goes, letting what comes of each be done. */
  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.clock.advance(1000)
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.expiry[Symbol.asyncDispose]()
    await this.bench[Symbol.asyncDispose]()
  }
}
