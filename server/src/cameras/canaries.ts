import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Canary } from '@vedette/shared/message'
import type { Probe } from '../probe.ts'
import type { Cameras } from './cameras.ts'
import type { CanaryFlaw, CanaryTokens, Place } from './canary-tokens.ts'
import type { CanaryFigures } from './figures.ts'
import type { TestPerson } from './test-person.ts'

export type CanariesOptions = {
  tokens: CanaryTokens
  cameras: Pick<Cameras, 'sent' | 'passed'>
  person: Pick<TestPerson, 'shown'>
  /** Cameras that can be asked, and what asks one. */
  checkable: () => readonly Place[]
  ask: (agent: string, canary: Canary) => void
  /** Resolves when all alerts that were raised until now are on disk. */
  settled: () => Promise<unknown>
  /** Between two canaries of a camera, milliseconds. */
  every: number
  figures: CanaryFigures
  clock: Clock
  log: Log
}

/** Cameras that are due are looked for this often, milliseconds. */
const LOOK_EVERY_MS = 1000

/** Why a question that carries a canary's mark was not taken for one. */
type Refused = CanaryFlaw | 'canary.somebody'

/**
 * Has every camera show the test face now and then, and follows it all the way that a real face goes.
 * What was asked and has not come back when the next is due is lost.
 */
export class Canaries {
  readonly #options: CanariesOptions
  /** By camera, when it is asked next, and the canary that is out. */
  readonly #turns = new Map<string, { due: number; out: string | undefined }>()
  #timer: Timer | undefined

  constructor(options: CanariesOptions) {
    this.#options = options
  }

  /** Asks every camera that is due, from here on every second. */
  start(): void {
    this.#askDue()
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, () => this.start())
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /**
   * True when the question was a canary's and is done with: whoever it shows is on no list. A mark upon
   * any other face is not believed, and the question is judged as if there were none.
   */
  async take(probe: Probe): Promise<boolean> {
    const { tokens, person, cameras, figures, clock, log } = this.#options
    const { canary: mark, agent, camera } = probe
    if (mark === undefined) return false
    const flaw = tokens.redeem(probe, mark)
    const shown = await person.shown(probe).catch((error) => {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'canary.failed')
      return undefined
    })
    const refusal: Refused | undefined = shown === false ? 'canary.somebody' : flaw
    if (refusal !== undefined) {
      figures.refused(refusal)
      log.warn({ agent, camera, canary: mark.id, code: refusal }, 'canary.refused')
      return shown === true
    }
    if (shown === undefined) return false
    if (!(await this.#settled())) return true
    const latency = clock.now() - mark.issuedAt
    if (!(await cameras.passed(probe, latency))) return true
    const turn = this.#turns.get(keyOf(probe))
    if (turn?.out === mark.id) turn.out = undefined
    figures.passed(latency / 1000)
    return true
  }

  /** True when alerts reach the disk; they wait for it, a canary does not. */
  #settled(): Promise<boolean> {
    const { settled, every, clock } = this.#options
    return new Promise((resolve) => {
      const timer = clock.after(every, () => resolve(false))
      void settled().then(() => {
        timer.cancel()
        resolve(true)
      })
    })
  }

  #askDue(): void {
    const { tokens, cameras, checkable, ask, every, figures, clock } = this.#options
    const now = clock.now()
    const here = checkable()
    const present = new Set(here.map(keyOf))
    for (const key of this.#turns.keys()) if (!present.has(key)) this.#turns.delete(key)
    for (const place of here) {
      const key = keyOf(place)
      const turn = this.#turns.get(key)
      if (turn !== undefined && now < turn.due) continue
      const mark = tokens.issue(place)
      const lost = turn?.out !== undefined
      if (lost) figures.missed()
      cameras.sent(place, lost)
      this.#turns.set(key, { due: now + every, out: mark.id })
      ask(place.agent, { type: 'canary', camera: place.camera, mark })
    }
  }
}

function keyOf({ agent, camera }: Place): string {
  return `${agent}/${camera}`
}
