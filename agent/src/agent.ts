import { Models } from '@vedette/models/models'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { readCredentials } from '@vedette/shared/credentials'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { AlertNotice } from '@vedette/shared/message'
import { SOFTWARE } from '@vedette/shared/software'
import { v7 as newId } from 'uuid'
import { watch } from './camera.ts'
import type { AgentConfig, CameraConfig } from './config.ts'
import { Lookout, type LookoutCounts } from './lookout.ts'
import { Outbox } from './outbox.ts'
import { openSource } from './sources/open.ts'
import { COARSE_INPUT } from './sweep.ts'
import { Uplink } from './uplink.ts'
import type { UplinkState } from './uplink-state.ts'

export type AgentOptions = {
  log: Log
  clock?: Clock
  random?: () => number
  onAlert?: (notice: AlertNotice) => void
}

/** One process, several cameras, one uplink. Constructed is running; disposed is gone. */
export class Agent {
  readonly #log: Log
  readonly #clock: Clock
  readonly #random: () => number
  readonly #stop = new AbortController()
  readonly #outbox = new Outbox()
  readonly #models: Models
  readonly #uplink: Uplink
  readonly #lookouts = new Map<string, Lookout>()
  readonly #running: Promise<unknown>
  readonly #watching: Promise<unknown>

  /** Throws Faults for what a person must mend: credentials, model files, missing ffmpeg. */
  static async start(config: AgentConfig, options: AgentOptions): Promise<Agent> {
    const credentials = await readCredentials(config.credentials)
    const models = await Models.open(config.models)
    await models.warm(640, 360, [COARSE_INPUT, 416, 1280])
    return new Agent(config, models, credentials, options)
  }

  private constructor(
    config: AgentConfig,
    models: Models,
    credentials: Awaited<ReturnType<typeof readCredentials>>,
    options: AgentOptions,
  ) {
    this.#log = options.log
    this.#clock = options.clock ?? systemClock
    this.#random = options.random ?? Math.random
    this.#models = models
    const cameras = Object.keys(config.cameras)
    this.#log.info({ cameras, runtime: models.description }, 'agent.start')
    this.#uplink = new Uplink({
      server: config.server,
      credentials,
      hello: { software: SOFTWARE, model: models.space, cameras, announce: config.announce },
      outbox: this.#outbox,
      log: this.#log,
      clock: this.#clock,
      random: this.#random,
      ...(options.onAlert && { onAlert: options.onAlert }),
    })
    const { signal } = this.#stop
    this.#watching = Promise.all(
      Object.entries(config.cameras).map(([name, camera]) => this.#watch(name, camera, signal)),
    )
    this.#running = Promise.all([this.#watching, this.#uplink.run(signal)])
  }

  /** Resolves when every camera's source has been seen whole; most never are. */
  get watched(): Promise<unknown> {
    return this.#watching
  }

  /** How the agent does, for reports. */
  status(): {
    uplink: UplinkState
    waiting: number
    dropped: number
    cameras: Record<string, LookoutCounts>
  } {
    return {
      uplink: this.#uplink.state,
      waiting: this.#outbox.size,
      dropped: this.#outbox.dropped,
      cameras: Object.fromEntries([...this.#lookouts].map(([name, { counts }]) => [name, counts])),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#models[Symbol.asyncDispose]()
    this.#log.info({ waiting: this.#outbox.size }, 'agent.stop')
  }

  async #watch(name: string, config: CameraConfig, signal: AbortSignal): Promise<void> {
    const log = this.#log.child({ camera: name })
    const lookout = new Lookout(name, config, this.#models, newId)
    this.#lookouts.set(name, lookout)
    const frames = watch(openSource(config, log, this.#clock), signal, {
      clock: this.#clock,
      random: this.#random,
      onOpen: ({ picture }) =>
        log.info({ width: picture.width, height: picture.height }, 'camera.open'),
      onFault: (error, retryIn) =>
        log.warn(
          {
            code: codeOf(error),
            message: messageOf(error ?? 'ended'),
            retryIn: Math.round(retryIn),
          },
          'camera.lost',
        ),
      onSkip: () => lookout.counts.skipped++,
    })
    try {
      for await (const frame of frames) {
        const questions = await lookout.look(frame).catch((error) => {
          log.error({ code: codeOf(error), message: messageOf(error) }, 'frame.failed')
          return []
        })
        for (const question of questions) this.#outbox.add(question)
      }
      log.info({ ...lookout.counts }, 'camera.end')
    } catch (error) {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'camera.failed')
    }
  }
}
