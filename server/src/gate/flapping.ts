import type { Clock } from '@vedette/shared/clock'
import type { GateLimits } from './limits.ts'

type History = { came: number[]; until: number }

/** Who connects again and again is kept out for a while: each time costs a handshake. */
export class Flapping {
  readonly #limits: GateLimits['flapping']
  readonly #clock: Clock
  readonly #histories = new Map<string, History>()

  constructor(limits: GateLimits['flapping'], clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** `agent` has connected: gives how many milliseconds it is to stay away, 0 when it may come in. */
  arrived(agent: string): number {
    const { connections, within, wait } = this.#limits
    const now = this.#clock.now()
    const history = this.#histories.get(agent) ?? { came: [], until: 0 }
    this.#histories.set(agent, history)
    if (history.until > now) return history.until - now
    history.came = [...history.came.filter((at) => at > now - within), now]
    if (history.came.length <= connections) return 0
    history.came = []
    history.until = now + wait
    return wait
  }
}
