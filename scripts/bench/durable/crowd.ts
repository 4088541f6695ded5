import { setTimeout as wait } from 'node:timers/promises'
import type { Credentials } from '@vedette/shared/tls'
import { noiseJpeg } from '../gate.ts'
import { facelike, seeded } from '../measure.ts'
import { Asker } from './asker.ts'
import { SPACE } from './people.ts'
import type { ServerStage } from './server-stage.ts'

/** Each agent asks so often, milliseconds. */
const ASK_MS = 250
/** What Node's histogram of delays counts where there is none, seconds. */
const RESOLUTION = 0.01

/** What the agents and the process went through in one part. */
export type Part = { answers: number[]; failed: number; stall: number }

/** Many agents that ask, each at its own pace. */
export class Crowd {
  readonly #stage: ServerStage
  readonly #askers: Asker[]

  static async dial(
    stage: ServerStage,
    agents: readonly Credentials[] = stage.credentials,
  ): Promise<Crowd> {
    const dial = (one: Credentials) => Asker.dial(stage.gatePort, one, SPACE)
    return new Crowd(stage, await Promise.all(agents.map(dial)))
  }

  private constructor(stage: ServerStage, askers: Asker[]) {
    this.#stage = stage
    this.#askers = askers
  }

  /** Asks while `work` is done. */
  async through(work: () => Promise<unknown>): Promise<Part> {
    const strangers = facelike(256, 128, seeded(99))
    const chip = await noiseJpeg()
    const answers: number[] = []
    let failed = 0
    const over = new AbortController()
    await this.#stall()
    const began = performance.now()
    const asking = this.#askers.map(async (asker, who) => {
      await wait((who * ASK_MS) / this.#askers.length)
      const asked: Promise<unknown>[] = []
      for (let i = 0; !over.signal.aborted; i++) {
        const probe = strangers[(who * 7 + i) % strangers.length]!
        const track = `walk-${Math.round(began)}-${who}-${Math.floor(i / 8)}`
        const answer = asker.ask({ probe, track, chip })
        asked.push(answer.then((took) => answers.push(took)).catch(() => failed++))
        await wait(ASK_MS)
      }
      await Promise.all(asked)
    })
    await work()
    over.abort()
    await Promise.all(asking)
    return { answers, failed, stall: await this.#stall() }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#askers.map((asker) => asker[Symbol.asyncDispose]()))
  }

  /** The longest that the server's event loop stood still since this was asked last, seconds. */
  async #stall(): Promise<number> {
    const most = await this.#stage.figure('vedette_nodejs_eventloop_lag_max_seconds')
    return Math.max(0, most - RESOLUTION)
  }
}
