import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Outcome } from '../alerts/life.ts'
import type { Hand } from '../hand.ts'
import type { AgentStore } from '../store/agents.ts'
import { type Added, addedAt } from './added.ts'
import { Book, type BookOptions } from './book.ts'
import { type Verdict, verdictOf } from './budget.ts'
import { type Budget, type BudgetPlace, type CameraId, cameraTarget, isAt } from './budgets.ts'
import { type Curves, curvesOf } from './curves.ts'
import { Learning } from './learning.ts'
import { type Common, type Report, reportOf, termsOf } from './report.ts'

/** How often what was learned is saved, and takes effect. */
const KEEP_MS = 60_000

export type ThresholdsOptions = Common &
  BookOptions & {
    agents: AgentStore
    /** The embedding space that scores are of. */
    space: string
    clock: Clock
    log: Log
  }

/** What one camera's threshold is, and would be. */
export type Change = { before: Report; after: Report }

/** A camera, for everybody or for one list. */
type Place = CameraId & { list: string | null }

const NOWHERE: Place = { agent: '', camera: '', list: null }

/** What each camera may raise, learned from what its strangers score. */
export class Thresholds {
  readonly #options: ThresholdsOptions
  readonly #book: Book
  readonly #learning: Learning
  readonly #verdicts = new Map<string, Verdict & { entries: number }>()
  #timer: Timer | undefined
  #saving: Promise<void> = Promise.resolve()

  /** Throws IntegrityFault `store.damaged`. */
  static async open(options: ThresholdsOptions): Promise<Thresholds> {
    const { store, space } = options
    const learning = await Learning.open(store, space)
    const thresholds = new Thresholds(options, await Book.open(options), learning)
    thresholds.#keep()
    return thresholds
  }

  private constructor(options: ThresholdsOptions, book: Book, learning: Learning) {
    this.#options = options
    this.#book = book
    this.#learning = learning
  }

  /** The budget where none is set for a camera or a list. */
  get budget(): number {
    return this.#book.holding(NOWHERE).holding.budget
  }

  /** Cameras of which there is evidence. */
  get measured(): number {
    return this.#learning.all().filter(({ tail }) => tail !== undefined).length
  }

  /** The threshold at a camera of which nothing is known. */
  get usual(): number {
    return this.#verdict(NOWHERE).threshold
  }

  /** What a probe of a camera must reach to be an alert about somebody on `list`. */
  for({ agent, camera, list }: CameraId & { list: string }): Verdict {
    const own = this.#book.lists.includes(list)
    const { threshold, origin, wanted } = this.#verdict({ agent, camera, list: own ? list : null })
    return { threshold, origin, wanted }
  }

  /** All that the threshold at a camera for somebody on `list` follows from, in words too. */
  reportFor({ agent, camera, list }: CameraId & { list: string }): Report {
    const own = this.#book.lists.includes(list)
    return this.#report({ agent, camera, list: own ? list : null })
  }

  /**
   * A walk has ended. `score` is the highest it had against anybody on the list of `entries` whom
   * it was not taken for, undefined where there was nobody.
   */
  walk(id: CameraId, score: number | undefined, entries: number): void {
    const lists = [null, ...this.#book.lists]
    // Of several thresholds the lowest: from there on scores may be missing.
    const threshold = Math.min(...lists.map((list) => this.#verdict({ ...id, list }).threshold))
    this.#learn(id, ({ scores }) => scores.walk(score, entries, threshold))
  }

  /** An alert was raised: of a stranger perhaps, until somebody says. */
  alerted(id: CameraId): void {
    this.#learn(id, (learned) => {
      learned.scores.alerted()
      learned.judged()
    })
  }

  /** An operator said whose that score was, or that nobody can tell. */
  judged(id: CameraId, outcome: Outcome, score: number): void {
    this.#learn(id, (learned) => {
      learned.scores.judged(outcome, score)
      learned.judged()
    })
  }

  /** That was a mistake: nobody knows whose it was. */
  unjudged(id: CameraId, outcome: Outcome, score: number): void {
    this.#learn(id, (learned) => {
      learned.scores.unjudged(outcome, score)
      learned.judged()
    })
  }

  /** These cameras were watched for so long, whether anybody came by or not. */
  watching(cameras: readonly CameraId[], milliseconds: number): void {
    for (const id of cameras) this.#learn(id, ({ scores }) => scores.watched(milliseconds))
  }

  /** Every camera that was ever announced or learned; apart for a list with a budget of its own. */
  async reports(): Promise<Report[]> {
    const places = await this.#places(this.#book.lists)
    return places
      .map((place) => this.#report(place))
      .filter(({ list, budget }) => list === null || budget.scope === 'list')
  }

  /** One camera's, with what a plot needs. Throws Refusal `camera.not-found`. */
  async explain(id: CameraId): Promise<(Report & { curves: Curves })[]> {
    const target = cameraTarget(id)
    const reports = (await this.reports()).filter((report) => cameraTarget(report) === target)
    if (reports.length === 0) throw unknownCamera(target)
    const learned = this.#learning.of(id)
    return reports.map((report) => ({
      ...report,
      curves: curvesOf(learned, report, this.#options),
    }))
  }

  /**
   * What `budget` at `place` (undefined: as if unset) would change, for every camera it is for;
   * nothing is saved. Throws Refusal `threshold.*`, `camera.not-found`, `list.not-found`.
   */
  async forecast(place: BudgetPlace, budget: number | undefined): Promise<Change[]> {
    const lists = new Set(this.#book.lists)
    if (place.scope === 'list') lists.add(place.target)
    const places = await this.#places([...lists])
    this.#book.check(place, budget)
    const known = place.scope !== 'camera' || places.some((at) => cameraTarget(at) === place.target)
    // What is set can be unset, even of a camera that is gone.
    if (budget !== undefined && !known) throw unknownCamera(place.target)
    const budgets = this.#book.with(place, budget)
    const changes = places.map((at) => ({
      before: this.#report(at),
      after: this.#report(at, budgets),
    }))
    return changes.filter(({ before, after }) => {
      const holding = [before.budget, after.budget]
      const shown = before.list === null || holding.some(({ scope }) => scope === 'list')
      return shown && holding.some((budget) => isAt(budget, place))
    })
  }

  /**
   * What one more entry on `list` would add at every known camera, one that strangers resemble `times`
   * as often as an ordinary one.
   */
  async added(list: string, times: number): Promise<Added[]> {
    const own = this.#book.lists.includes(list) ? list : null
    const places = await this.#places([])
    return places.map(({ agent, camera }) => {
      const place = { agent, camera, list: own }
      const { holding, entries } = this.#book.holding(place)
      const learned = this.#learning.of(place)
      const terms = termsOf(holding.budget, entries + 1, learned, this.#options)
      return addedAt(place, verdictOf(terms), terms, times)
    })
  }

  /** Sets a budget, and gives what that changes. Throws as `forecast` does. */
  async set(place: BudgetPlace, budget: number, hand: Hand): Promise<Change[]> {
    const changes = await this.forecast(place, budget)
    const { clock, log } = this.#options
    const { by } = hand
    await this.#book.set({ ...place, budget, setBy: by, setAt: clock.now() }, hand)
    this.#verdicts.clear()
    log.info({ ...place, budget, by }, 'budget.set')
    return changes
  }

  /** Unsets a budget, and gives what that changes. Throws Refusal `threshold.not-found`. */
  async unset(place: BudgetPlace, hand: Hand): Promise<Change[]> {
    const changes = await this.forecast(place, undefined)
    await this.#book.unset(place, hand, this.#options.clock.now())
    this.#verdicts.clear()
    this.#options.log.info({ ...place, by: hand.by }, 'budget.unset')
    return changes
  }

  /** Forgets a camera that looks elsewhere now. Throws Refusal `camera.not-found`. */
  async forget(id: CameraId, hand: Hand): Promise<void> {
    const target = cameraTarget(id)
    if (this.#learning.of(id) === undefined) throw unknownCamera(target)
    await this.#inTurn(() => this.#learning.forget(id, hand, this.#options.clock.now()))
    this.#verdicts.clear()
    this.#options.log.info({ camera: target, by: hand.by }, 'thresholds.forgotten')
  }

  /** Saves what was learned since the last time, and lets it take effect. */
  flush(): Promise<void> {
    this.#verdicts.clear()
    return this.#inTurn(() => this.#save())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel()
    await this.flush()
  }

  /** One write of what was learned after the other. */
  #inTurn(write: () => Promise<void>): Promise<void> {
    const mine = this.#saving.then(write)
    this.#saving = mine.catch(() => {})
    return mine
  }

  #keep(): void {
    this.#timer = this.#options.clock.after(KEEP_MS, () => {
      void this.flush()
      this.#keep()
    })
  }

  async #save(): Promise<void> {
    const { clock, log } = this.#options
    try {
      await this.#learning.save(clock.now())
      await this.#book.refresh()
    } catch (error) {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'thresholds.unsaved')
    }
  }

  #learn(id: CameraId, learn: Parameters<Learning['add']>[2]): void {
    this.#learning.add(id, this.#options.clock.now(), learn)
  }

  #verdict(place: Place): Verdict {
    const { holding, entries } = this.#book.holding(place)
    const key = `${cameraTarget(place)} ${place.list ?? ''}`
    const known = this.#verdicts.get(key)
    if (known?.entries === entries) return known
    const learned = this.#learning.of(place)
    const terms = termsOf(holding.budget, entries, learned, this.#options)
    const verdict = { ...verdictOf(terms), entries }
    this.#verdicts.set(key, verdict)
    return verdict
  }

  #report(place: Place, budgets?: readonly Budget[]): Report {
    const { holding, entries } = this.#book.holding(place, budgets)
    return reportOf(place, holding, entries, this.#learning.of(place), this.#options)
  }

  /** Every known camera, for everybody and for each of `lists`. */
  async #places(lists: readonly string[]): Promise<Place[]> {
    await this.#book.refresh()
    const announced = (await this.#options.agents.all()).flatMap(({ name, cameras }) =>
      cameras.map((camera) => ({ agent: name, camera })),
    )
    const ids = [...announced, ...this.#learning.all().map(({ id }) => id)]
    const known = new Map(ids.map((id) => [cameraTarget(id), id]))
    return [...known.values()].flatMap((id) => [null, ...lists].map((list) => ({ ...id, list })))
  }
}

function unknownCamera(target: string): Refusal {
  return new Refusal('camera.not-found', `no camera ${target}`, {
    hint: 'AGENT/CAMERA as in: vedette thresholds show',
    params: { camera: target },
  })
}
