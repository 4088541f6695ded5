import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@vedette/shared/clock'
import type { CanaryMark } from '@vedette/shared/message'

/** Why a canary's mark does not count. */
export type CanaryFlaw = 'canary.forged' | 'canary.expired' | 'canary.replayed'

export type Place = { agent: string; camera: string }

export type CanaryTokensOptions = {
  /** Known to this process only. */
  key: Uint8Array
  /** A mark counts for so long, milliseconds. */
  life: number
  newId: () => string
  clock: Clock
}

/** Issues the marks of canaries, each for one camera and one use. */
export class CanaryTokens {
  readonly #options: CanaryTokensOptions
  /** When each that was not used was issued. */
  readonly #open = new Map<string, number>()

  constructor(options: CanaryTokensOptions) {
    this.#options = options
  }

  issue(place: Place): CanaryMark {
    const { clock, life, newId } = this.#options
    const issuedAt = clock.now()
    for (const [id, since] of this.#open) {
      if (issuedAt - since <= life) break
      this.#open.delete(id)
    }
    const id = newId()
    this.#open.set(id, issuedAt)
    return { id, issuedAt, token: this.#sign(place, id, issuedAt) }
  }

  /** Uses up a mark that came from `place`; gives why it does not count. */
  redeem(place: Place, { id, issuedAt, token }: CanaryMark): CanaryFlaw | undefined {
    const { clock, life } = this.#options
    const own = this.#sign(place, id, issuedAt)
    if (token.length !== own.length || !timingSafeEqual(token, own)) return 'canary.forged'
    if (clock.now() - issuedAt > life) return 'canary.expired'
    return this.#open.delete(id) ? undefined : 'canary.replayed'
  }

  #sign({ agent, camera }: Place, id: string, issuedAt: number): Buffer {
    return createHmac('sha256', this.#options.key)
      .update(JSON.stringify([id, agent, camera, issuedAt]))
      .digest()
  }
}
