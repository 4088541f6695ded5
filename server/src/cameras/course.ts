import type { Clock } from '@vedette/shared/clock'
import type { Fares } from '@vedette/shared/message'
import type { Place } from './canary-tokens.ts'
import { keyOf } from './known.ts'

/** How a camera fared in one minute; null: nothing was heard of that. */
export type Minute = {
  /** Start of the minute, epoch milliseconds. */
  at: number
  /** The longest that a test face took, milliseconds, and how many did not come. */
  latencyMs: number | null
  missed: number
  /** Questions that came of it. */
  questions: number
  /** Frames a second that it gave, that were passed over, and that were looked at. */
  given: number | null
  skipped: number | null
  looked: number | null
}

/** What an agent last said of itself. */
export type AgentFares = Pick<Fares, 'waiting' | 'dropped'> & { at: number }

export const MINUTE_MS = 60_000
/** So many are remembered of each camera. */
const KEPT = 120

/** How cameras fared in the last two hours: in memory alone, and anew when the server starts. */
export class Course {
  readonly #clock: Pick<Clock, 'now'>
  readonly #of = new Map<string, Minute[]>()
  readonly #agents = new Map<string, AgentFares>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** A test face came through. */
  passed(place: Place, latencyMs: number): void {
    const minute = this.#minute(place)
    minute.latencyMs = Math.max(minute.latencyMs ?? 0, latencyMs)
  }

  missed(place: Place): void {
    this.#minute(place).missed++
  }

  asked(place: Place): void {
    this.#minute(place).questions++
  }

  /** An agent says how it fares; of cameras that are not `known` nothing is remembered. */
  told(
    agent: string,
    { cameras, waiting, dropped }: Omit<Fares, 'type'>,
    known: (p: Place) => boolean,
  ) {
    this.#agents.set(agent, { waiting, dropped, at: this.#clock.now() })
    for (const { camera, ...rates } of cameras) {
      if (known({ agent, camera })) Object.assign(this.#minute({ agent, camera }), rates)
    }
  }

  /** Oldest first; minutes in which nothing happened are left out. */
  of(place: Place): readonly Minute[] {
    const from = this.#clock.now() - KEPT * MINUTE_MS
    return (this.#of.get(keyOf(place)) ?? []).filter(({ at }) => at > from)
  }

  agent(name: string): AgentFares | undefined {
    return this.#agents.get(name)
  }

  forget(place: Place): void {
    this.#of.delete(keyOf(place))
  }

  #minute(place: Place): Minute {
    const at = Math.floor(this.#clock.now() / MINUTE_MS) * MINUTE_MS
    const minutes = this.#of.get(keyOf(place)) ?? []
    const last = minutes.at(-1)
    if (last?.at === at) return last
    const begun: Minute = {
      ...{ at, latencyMs: null, missed: 0, questions: 0 },
      ...{ given: null, skipped: null, looked: null },
    }
    minutes.push(begun)
    if (minutes.length > KEPT) minutes.shift()
    this.#of.set(keyOf(place), minutes)
    return begun
  }
}
