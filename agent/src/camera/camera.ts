import type { Models } from '@vedette/models/models'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { v7 as newId } from 'uuid'
import type { CameraConfig } from '../config.ts'
import type { Figures } from '../figures.ts'
import type { Frame, Source } from '../frame.ts'
import { CameraHealth } from '../health/health.ts'
import type { Live } from '../live/live.ts'
import { Lookout, type LookoutCounts, matchOf } from '../lookout/lookout.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Launcher } from '../sources/ffmpeg-program.ts'
import { openSource } from '../sources/open.ts'
import type { Canaries } from './canary.ts'
import { mask } from './mask.ts'
import { watch } from './watch.ts'

export type CameraOptions = {
  models: Models
  ffmpeg: Launcher
  canaries: Canaries
  outbox: Pick<Outbox, 'add'>
  figures: Figures
  /** Shows others what it sees. */
  live: Pick<Live, 'see' | 'lost'>
  clock: Clock
  random: () => number
  log: Log
}

/** One camera that is watched: whom it sees is asked about, and how it fares is told. */
export class Camera {
  readonly #name: string
  readonly #config: CameraConfig
  readonly #options: CameraOptions
  readonly #log: Log
  readonly #lookout: Lookout
  #open = false
  /** Why it gives no pictures, while it does not. */
  #fault = 'camera.opening'

  constructor(name: string, config: CameraConfig, options: CameraOptions) {
    this.#name = name
    this.#config = config
    this.#options = options
    this.#log = options.log.child({ camera: name })
    const { figures, models } = options
    this.#lookout = new Lookout(name, config, models, newId, (seconds) => figures.detected(seconds))
  }

  get counts(): LookoutCounts {
    return this.#lookout.counts
  }

  /** It gives pictures. */
  get open(): boolean {
    return this.#open
  }

  /** That it gives pictures, or why not. */
  get standing(): 'open' | { code: string } {
    return this.#open ? 'open' : { code: this.#fault }
  }

  set logLevel(level: string) {
    this.#log.level = level
  }

  /** Watches until the signal aborts, or until the source has been seen whole; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { figures, live } = this.#options
    const [name, log, lookout] = [this.#name, this.#log, this.#lookout]
    const source = openSource(this.#config, { ...this.#options, log })
    const health = this.#healthOf(source)
    try {
      for await (const frame of this.#frames(source, signal)) {
        mask(frame.picture, this.#config.mask)
        health.see(frame)
        await this.#see(frame)
        void live.see(name, frame, () => lookout.faces)
      }
      this.#close('camera.ended')
      log.info({ ...lookout.counts }, 'camera.end')
    } catch (error) {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'camera.failed')
      this.#close(codeOf(error))
    } finally {
      this.#open = false
      figures.ended(name)
      await health.stop()
    }
  }

  #frames(source: Source, signal: AbortSignal): AsyncGenerator<Frame, void, undefined> {
    const { clock, figures, random } = this.#options
    const [name, log, { counts }] = [this.#name, this.#log, this.#lookout]
    return watch(source, signal, {
      clock,
      random,
      onOpen: ({ picture: { width, height } }) => {
        this.#open = true
        figures.opened(name)
        log.info({ width, height }, 'camera.open')
      },
      onFault: (error, wait) => {
        const code = error === undefined ? 'camera.ended' : codeOf(error)
        const message = messageOf(error ?? 'ended')
        this.#close(code)
        figures.lost(name, code)
        log.warn({ code, message, retryIn: Math.round(wait) }, 'camera.lost')
      },
      onSkip: () => counts.skipped++,
    })
  }

  #close(code: string): void {
    this.#open = false
    this.#fault = code
    this.#options.live.lost(this.#name, code)
  }

  /** Asks about everybody on `frame`; then has it show the test face, where the server wants that. */
  async #see(frame: Frame): Promise<void> {
    const { canaries, outbox } = this.#options
    const [config, log, lookout] = [this.#config, this.#log, this.#lookout]
    try {
      for (const question of await lookout.look(frame)) outbox.add(matchOf(question))
      const shown = await canaries.show(this.#name, frame, { lookout, config, log })
      for (const question of shown) outbox.add(matchOf(question))
    } catch (error) {
      log.error({ code: codeOf(error), message: messageOf(error) }, 'frame.failed')
    }
  }

  /** What has an end is a recording, and no camera that could be covered. */
  #healthOf({ patient, finite }: Source): CameraHealth {
    const { clock, outbox } = this.#options
    const { health } = this.#config
    return new CameraHealth({
      ...health,
      enabled: health.enabled && !finite,
      clock,
      patient,
      report: (trouble) => {
        const { kind, since, over } = trouble
        this.#log.info({ kind, since, over }, 'camera.trouble')
        outbox.add({ type: 'trouble', camera: this.#name, ...trouble })
      },
    })
  }
}
