import { WEEK_MS } from '@vedette/server/thresholds/budget'
import { Scores } from '@vedette/server/thresholds/scores'
import { Thresholds, type ThresholdsOptions } from '@vedette/server/thresholds/thresholds'
import { ManualClock } from './agent-clock.ts'
import { seeded } from './agent-random.ts'
import { LogBook } from './server-log.ts'
import { newEntry, newPhoto, SPACE, TemporaryStore } from './server-store.ts'

/** The share of comparisons of strangers that reaches a score, and the score that a share reaches. */
export type Strangers = { name: string; share(score: number): number; score(share: number): number }

const strangers = (name: string, share: (score: number) => number): Strangers => ({
  name,
  share,
  score(wanted) {
    let [low, high] = [-1, 1]
    for (let i = 0; i < 50; i++) {
      const middle = (low + high) / 2
      if (share(middle) > wanted) low = middle
      else high = middle
    }
    return high
  },
})

/** Three kinds of embedders: similarities around 0, all alike as dlib's, and with a heavy tail. */
export const STRANGERS = [
  strangers('normal around 0', (score) => normalTail(score / 0.07)),
  strangers('normal around 0.84', (score) => normalTail((score - 0.84) / 0.025)),
  strangers('heavy', (score) => (score <= 0 ? 1 : (1 + (0.2 * score) / 0.01) ** -5)),
] as const

/** Source: Abramowitz and Stegun 7.1.26 would do; this is Numerical Recipes' erfcc. */
function normalTail(z: number): number {
  const t = 1 / (1 + Math.abs(z) / Math.SQRT2 / 2)
  const series = [
    0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418,
    0.37409196, 1.00002368, -1.26551223,
  ].reduce((sum, factor) => sum * t + factor, 0)
  const tail = (t * Math.exp((-z * z) / 2 + series)) / 2
  return z >= 0 ? tail : 1 - tail
}

/** A camera that strangers walk past, and alerts where one reaches the threshold in force. */
export class Passers {
  readonly scores = new Scores()
  readonly #strangers: Strangers
  readonly #random: () => number

  constructor(of: Strangers, seed: number) {
    this.#strangers = of
    this.#random = seeded(seed)
  }

  /** The best score of one stranger against so many entries. */
  best(entries: number): number {
    return this.#strangers.score(1 - this.#random() ** (1 / entries))
  }

  /** `walks` of them; gives how many became alerts. */
  walk(walks: number, entries: number, threshold: number, judged = false): number {
    let alerts = 0
    for (let i = 0; i < walks; i++) {
      const best = this.best(entries)
      if (best < threshold) {
        this.scores.walk(best, entries, threshold)
        continue
      }
      alerts++
      this.scores.alerted()
      if (judged) this.scores.judged('false', best)
      this.scores.walk(Math.min(best, this.best(entries - 1)), entries, threshold)
    }
    return alerts
  }
}

/** As the one that ships: rates for one comparison. */
export const CALIBRATION = [
  { falseMatchRate: 1e-2, similarity: 0.9 },
  { falseMatchRate: 1e-4, similarity: 0.94 },
  { falseMatchRate: 1e-6, similarity: 0.98 },
]
export const FLOOR = 0.93
export const NORTH = { agent: 'gate-7', camera: 'north' }

/** Thresholds on a real store, at a time that stands still. */
export class TestThresholds {
  readonly stored: TemporaryStore
  readonly clock = new ManualClock()
  readonly book = new LogBook()
  /** Entries that can match. */
  entries = 100
  #open: Thresholds | undefined

  static async open(more: Partial<ThresholdsOptions> = {}): Promise<TestThresholds> {
    const test = new TestThresholds(await TemporaryStore.make())
    await test.start(more)
    return test
  }

  private constructor(stored: TemporaryStore) {
    this.stored = stored
  }

  get thresholds(): Thresholds {
    if (this.#open === undefined) throw new TypeError('not started')
    return this.#open
  }

  /** Stops them and starts them again, as after a restart of the server. */
  async start(more: Partial<ThresholdsOptions> = {}): Promise<Thresholds> {
    await this.#open?.[Symbol.asyncDispose]()
    const { thresholds: store, agents } = this.stored.store
    const { clock, book } = this
    this.#open = await Thresholds.open({
      ...{ store, agents, space: SPACE, calibration: CALIBRATION },
      ...{ budget: 1, walks: 1000, floor: FLOOR, clock, log: book.log },
      entries: () => this.entries,
      ...more,
    })
    return this.#open
  }

  /** An agent that has said which cameras it has. */
  async announced(...cameras: string[]): Promise<void> {
    const agent = { name: NORTH.agent, serial: '1', software: 'test', cameras }
    await this.stored.store.agents.welcomed(agent, this.clock.now())
  }

  async enrolled(count: number): Promise<void> {
    for (let seed = 1; seed <= count; seed++) {
      await this.stored.store.entries.add(newEntry(`person ${seed}`), [newPhoto(seed)])
    }
  }

  /** Strangers pass the camera, a thousand in a week, and what they teach takes effect. */
  async pass(walks: number, { seed = 1, id = NORTH } = {}): Promise<void> {
    const passers = new Passers(STRANGERS[1], seed)
    for (let i = 0; i < walks; i++) {
      this.thresholds.walk(id, passers.best(this.entries), this.entries)
    }
    this.thresholds.watching([id], (walks * WEEK_MS) / 1000)
    await this.thresholds.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.[Symbol.asyncDispose]()
    await this.stored[Symbol.asyncDispose]()
  }
}
