import { type Clock, systemClock } from '../clock.ts'
import { codeOf, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { watchLoop } from './loop-delay.ts'
import { Notifier } from './notify.ts'
import { type SelfTest, Watchdog } from './watchdog.ts'

/** Of the time in which systemd wants to hear something this is looked at so many times. */
const LOOKS = 4
/** The watchdog of a daemon that nobody watches: its log still says what is not well, milliseconds. */
const UNWATCHED_MS = 60_000
const MOST_DELAY_MS = 2000

/** A daemon that is up: what can be asked of it while it runs. */
export type Running = {
  /** One line for whoever looks. */
  status: () => string
  tests: readonly SelfTest[]
  /** Reads its configuration again and takes it over whole, or throws and has changed nothing. */
  reload: () => Promise<void>
}

export type DaemonOptions = {
  log: Log
  clock?: Clock
  /** $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID, as systemd sets them. */
  environment: Readonly<Record<string, string | undefined>>
  pid: number
}

/** What runs as a service: told when it serves, watched, reloaded on request. Disposed is stopping. */
export class Daemon {
  readonly #log: Log
  readonly #notifier: Notifier
  readonly #running: Running
  readonly #watchdog: Watchdog
  readonly #loop = watchLoop()
  #reloading: Promise<void> = Promise.resolve()

  /** Says that it serves. */
  constructor(running: Running, options: DaemonOptions) {
    const { log, environment, clock = systemClock } = options
    this.#log = log
    this.#running = running
    this.#notifier = new Notifier({ socket: environment.NOTIFY_SOCKET, log })
    void this.#notifier.ready(running.status())
    const watched = watchedEvery(environment, options.pid) ?? UNWATCHED_MS
    const every = watched / LOOKS
    this.#watchdog = new Watchdog({
      every,
      patience: every,
      mostDelay: MOST_DELAY_MS,
      delay: this.#loop.delay,
      tests: running.tests,
      clock,
      onWell: () => this.#notifier.alive(running.status()),
      onIll: async (test, code, message) => {
        log.error({ test, code, message }, 'service.ill')
        await this.#notifier.ill(`${test}: ${message}`)
      },
    })
  }

  /** Reloads, one request after the other; resolves when that is done, well or not. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading.then(async () => {
      await this.#notifier.reloading()
      try {
        await this.#running.reload()
        this.#log.info('config.reloaded')
      } catch (error) {
        this.#log.error({ code: codeOf(error), message: messageOf(error) }, 'config.refused')
      }
      await this.#notifier.ready(this.#running.status())
    })
    return this.#reloading
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watchdog[Symbol.asyncDispose]()
    this.#loop.stop()
    await this.#reloading
    await this.#notifier.stopping()
  }
}

/** Milliseconds within which systemd wants to hear from process `pid`; undefined where it does not. */
export function watchedEvery(
  environment: Readonly<Record<string, string | undefined>>,
  pid: number,
): number | undefined {
  const { WATCHDOG_USEC, WATCHDOG_PID } = environment
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(pid)) return undefined
  const microseconds = Number(WATCHDOG_USEC)
  return microseconds > 0 ? microseconds / 1000 : undefined
}
