import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { AgentStore } from '../store/agents.ts'
import type { ThresholdStore } from '../store/thresholds.ts'
import { type Origin, type Verdict, verdictOf } from './budget.ts'
import {
  type Budget,
  type BudgetPlace,
  type CameraId,
  cameraTarget,
  changed,
  holdingFor,
  isAt,
} from './budgets.ts'
import { type Curves, curvesOf } from './curves.ts'
import { Learning } from './learning.ts'
import { type Common, type Report, reportOf, termsOf } from './report.ts'

/** How often what was learned is saved, and takes effect. */
const KEEP_MS = 60_000
const BUDGET = { least: 1e-6, most: 1e6 }

export type ThresholdsOptions = Common & {
  store: ThresholdStore
  agents: AgentStore
  /** The embedding space that scores are of. */
  space: string
  /** False alerts per camera and week, where no operator set a budget. */
  budget: number
  /** Entries that can match now. */
  entries: () => number
  clock: Clock
  log: Log
}

/** What one camera's threshold is, and would be. */
export type Change = { before: Report; after: Report }

/** A camera, for everybody or for one list. */
type Place = CameraId & { list: string | null }

/** What each camera may raise, learned from what its strangers score. */
export class Thresholds {
  readonly #options: ThresholdsOptions
  readonly #learning: Learning
  readonly #verdicts = new Map<string, Verdict & { entries: number }>()
  #budgets: Budget[] = []
  #listSizes: ReadonlyMap<string, number> = new Map()
  #timer: Timer | undefined
  #saving: Promise<void> = Promise.resolve()

  /** Throws IntegrityFault `store.damaged`. */
  static async open(options: ThresholdsOptions): Promise<Thresholds> {
    const { store, space } = options
    const thresholds = new Thresholds(options, await Learning.open(store, space))
    thresholds.#budgets = await store.budgets()
    thresholds.#listSizes = await store.listSizes()
    thresholds.#keep()
    return thresholds
  }

  private constructor(options: ThresholdsOptions, learning: Learning) {
    this.#options = options
    this.#learning = learning
  }

  /** The budget where none is set for a camera or a list. */
  get budget(): number {
    const nowhere = { agent: '', camera: '', list: null }
    return holdingFor(this.#budgets, nowhere, this.#options.budget).budget
  }

  /** Cameras of which there is evidence. */
  get measured(): number {
    return this.#learning.all().filter(({ tail }) => tail !== undefined).length
  }

  /** The threshold at a camera of which nothing is known. */
  get usual(): number {
    return this.#verdict({ agent: '', camera: '', list: null }).threshold
  }

  /** What a probe of a camera must reach to be an alert about somebody on `list`. */
  for({ agent, camera, list }: CameraId & { list: string }): {
    threshold: number
    origin: Origin
  } {
    const own = this.#listsWithBudget().includes(list)
    const { threshold, origin } = this.#verdict({ agent, camera, list: own ? list : null })
    return { threshold, origin }
  }

  /**
   * A walk has ended. `score` is the highest it had against anybody on the list of `entries` whom
   * it was not taken for, undefined where there was nobody.
   */
  walk(id: CameraId, score: number | undefined, entries: number): void {
    const lists = [null, ...this.#listsWithBudget()]
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

  /** An operator said "not him": that score was an impostor's. */
  rejected(id: CameraId, score: number): void {
    this.#learn(id, (learned) => {
      learned.scores.rejected(score)
      learned.judged()
    })
  }

  /** That was a mistake: nobody knows whose score it was. */
  restored(id: CameraId, score: number): void {
    this.#learn(id, (learned) => {
      learned.scores.restored(score)
      learned.judged()
    })
  }

  /** These cameras were watched for so long, whether anybody came by or not. */
  watching(cameras: readonly CameraId[], milliseconds: number): void {
    for (const id of cameras) this.#learn(id, ({ scores }) => scores.watched(milliseconds))
  }

  /** Every camera that was ever announced or learned; apart for a list with a budget of its own. */
  async reports(): Promise<Report[]> {
    const places = await this.#places(this.#listsWithBudget())
    return places
      .map((place) => this.#report(this.#budgets, place))
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
    await this.#check(place, budget)
    const next = budget === undefined ? undefined : { ...place, budget, setBy: '', setAt: 0 }
    const budgets = changed(this.#budgets, place, next)
    const lists = new Set(this.#listsWithBudget())
    if (place.scope === 'list') lists.add(place.target)
    const changes = (await this.#places([...lists])).map((at) => ({
      before: this.#report(this.#budgets, at),
      after: this.#report(budgets, at),
    }))
    return changes.filter(({ before, after }) => {
      const holding = [before.budget, after.budget]
      const shown = before.list === null || holding.some(({ scope }) => scope === 'list')
      return shown && holding.some((budget) => isAt(budget, place))
    })
  }

  /** Sets a budget, and gives what that changes. Throws as `forecast` does. */
  async set(place: BudgetPlace, budget: number, by: string): Promise<Change[]> {
    const changes = await this.forecast(place, budget)
    const { store, clock, log } = this.#options
    const next = { ...place, budget, setBy: by, setAt: clock.now() }
    await store.setBudget(next)
    this.#replace(place, next)
    log.info({ ...place, budget, by }, 'budget.set')
    return changes
  }

  /** Unsets a budget, and gives what that changes. Throws Refusal `threshold.not-found`. */
  async unset(place: BudgetPlace, by: string): Promise<Change[]> {
    const changes = await this.forecast(place, undefined)
    await this.#options.store.unsetBudget(place)
    this.#replace(place, undefined)
    this.#options.log.info({ ...place, by }, 'budget.unset')
    return changes
  }

  /** Forgets a camera that looks elsewhere now. Throws Refusal `camera.not-found`. */
  async forget(id: CameraId, by: string): Promise<void> {
    const target = cameraTarget(id)
    if (this.#learning.of(id) === undefined) throw unknownCamera(target)
    await this.#inTurn(() => this.#learning.forget(id))
    this.#verdicts.clear()
    this.#options.log.info({ camera: target, by }, 'thresholds.forgotten')
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
    const { store, clock, log } = this.#options
    try {
      await this.#learning.save(clock.now())
      this.#listSizes = await store.listSizes()
    } catch (error) {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'thresholds.unsaved')
    }
  }

  #learn(id: CameraId, learn: Parameters<Learning['add']>[2]): void {
    this.#learning.add(id, this.#options.clock.now(), learn)
  }

  #verdict(place: Place): Verdict {
    const { budget, scope } = holdingFor(this.#budgets, place, this.#options.budget)
    const entries = this.#entries(scope === 'list' ? place.list : null)
    const key = `${cameraTarget(place)} ${place.list ?? ''}`
    const known = this.#verdicts.get(key)
    if (known?.entries === entries) return known
    const terms = termsOf(budget, entries, this.#learning.of(place), this.#options)
    const verdict = { ...verdictOf(terms), entries }
    this.#verdicts.set(key, verdict)
    return verdict
  }

  #report(budgets: readonly Budget[], place: Place): Report {
    const holding = holdingFor(budgets, place, this.#options.budget)
    const entries = this.#entries(holding.scope === 'list' ? place.list : null)
    return reportOf(place, holding, entries, this.#learning.of(place), this.#options)
  }

  /** Every known camera, for everybody and for each of `lists`. */
  async #places(lists: readonly string[]): Promise<Place[]> {
    const { store, agents } = this.#options
    this.#listSizes = await store.listSizes()
    const announced = (await agents.all()).flatMap(({ name, cameras }) =>
      cameras.map((camera) => ({ agent: name, camera })),
    )
    const ids = [...announced, ...this.#learning.all().map(({ id }) => id)]
    const known = new Map(ids.map((id) => [cameraTarget(id), id]))
    return [...known.values()].flatMap((id) => [null, ...lists].map((list) => ({ ...id, list })))
  }

  #entries(list: string | null): number {
    return list === null ? this.#options.entries() : (this.#listSizes.get(list) ?? 0)
  }

  #listsWithBudget(): string[] {
    return this.#budgets.flatMap(({ scope, target }) => (scope === 'list' ? target : []))
  }

  #replace(place: BudgetPlace, next: Budget | undefined): void {
    this.#budgets = changed(this.#budgets, place, next)
    this.#verdicts.clear()
  }

  async #check(place: BudgetPlace, budget: number | undefined): Promise<void> {
    const { scope, target } = place
    if (budget === undefined && !this.#budgets.some((set) => isAt(set, place))) {
      const of = scope === 'server' ? 'the server' : `${scope} ${target}`
      throw new Refusal('threshold.not-found', `no budget is set for ${of}`, {
        hint: 'see: vedette thresholds show',
      })
    }
    if (budget !== undefined && !(budget >= BUDGET.least && budget <= BUDGET.most)) {
      throw new Refusal('threshold.invalid', `no budget: ${budget} false alerts a week`, {
        hint: `choose a number from ${BUDGET.least} to ${BUDGET.most}`,
      })
    }
    if (budget === undefined) return // what is set can be unset, even of a camera that is gone
    const places = await this.#places([])
    if (scope === 'camera' && !places.some((id) => cameraTarget(id) === target)) {
      throw unknownCamera(target)
    }
    if (scope === 'list' && !this.#listSizes.has(target)) {
      throw new Refusal('list.not-found', `no list ${target}`, {
        hint: `choose one of: ${[...this.#listSizes.keys()].join(', ')}`,
      })
    }
  }
}

function unknownCamera(target: string): Refusal {
  return new Refusal('camera.not-found', `no camera ${target}`, {
    hint: 'AGENT/CAMERA as in: vedette thresholds show',
  })
}
