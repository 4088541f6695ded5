import { acceptOptions, type SecureOptions, showOptions } from '@vedette/shared/tls'
import type { FastifyInstance } from 'fastify'
import type { Register } from '../gate/admission.ts'
import { byCertificate } from './by-certificate.ts'
import { bySession } from './by-session.ts'
import { Callers } from './callers.ts'
import { type ConsoleConfig, consolePort, originOf } from './console-config.ts'
import { ConsoleFiles, consolePages } from './console-files.ts'
import { Door } from './door.ts'
import type { DeskRoute } from './guard.ts'
import type { DoorLimits } from './limits.ts'
import type { DeskParts } from './parts.ts'
import { sessionRoutes } from './routes/session.ts'
import type { Described } from './taking.ts'
import { Visits } from './visits.ts'

export type DeskOptions = DeskParts & {
  host: string
  port: number
  credentials: SecureOptions
  ledger: Register
  console: Pick<ConsoleConfig, 'host' | 'port'>
  /** What both doors bear; the usual unless said. */
  limits?: DoorLimits
  /** What the console shows in place of the server's own certificate. */
  shown?: Shown | undefined
  /** More that both doors do with what comes in and goes out. */
  also?: (app: FastifyInstance) => void
}

/** A certificate's chain and its key, PEM. */
export type Shown = { chain: string; key: string }

/**
 * Where people come in, by two doors to the same rooms: with an operator's certificate on every
 * connection, and with a browser, by name and password.
 */
export class Desk {
  readonly #door: Door
  readonly #console: Door
  readonly #callers: Callers
  readonly #visits: Visits
  readonly #close: (() => void)[]
  #shown: Shown | undefined

  /** Resolves when requests can be made. */
  static async open(options: DeskOptions): Promise<Desk> {
    const { host, port, credentials, shown, ledger, operators, sessions, clock } = options
    const callers = new Callers(ledger, clock)
    const visits = new Visits(sessions, clock)
    const door = await Door.open({
      ...{ host, port, limits: options.limits, also: options.also, parts: options },
      https: acceptOptions(credentials),
      identify: (app) => byCertificate(app, { ...options, callers }),
    })
    try {
      const files = await ConsoleFiles.read(options.log)
      const console = await Door.open({
        host: options.console.host,
        port: consolePort(options.console, port),
        https: showOptions(shown ?? credentials),
        identify: (app) => bySession(app, { ...options, visits }),
        more: (app) => {
          app.register(sessionRoutes, { prefix: '/api', ...options })
          consolePages(app, files, options.tiles && originOf(options.tiles))
        },
        limits: options.limits,
        also: options.also,
        parts: options,
      })
      const close = [
        operators.listen((name) => callers.hangUp(name)),
        operators.listen((name, kind) => {
          // A new scope is looked up with every request; what goes on is cut off.
          if (kind === 'operator.scope') visits.hangUpOn(name)
          else void sessions.endAll(name)
        }),
        sessions.listen((id) => visits.hangUp(id)),
      ]
      return new Desk({ door, console, callers, visits, shown, close })
    } catch (error) {
      await door[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(parts: {
    door: Door
    console: Door
    callers: Callers
    visits: Visits
    shown: Shown | undefined
    close: (() => void)[]
  }) {
    this.#door = parts.door
    this.#console = parts.console
    this.#callers = parts.callers
    this.#visits = parts.visits
    this.#shown = parts.shown
    this.#close = parts.close
  }

  get port(): number {
    return this.#door.port
  }

  get consolePort(): number {
    return this.#console.port
  }

  /** What a browser is pointed at. */
  get consoleAddress(): string {
    const { host } = this.#console
    const any = host === '0.0.0.0' || host === '::'
    const name = host.includes(':') ? `[${host}]` : host
    return `https://${any ? 'localhost' : name}:${this.consolePort}/`
  }

  /** Every route that there is for certificates. */
  get routes(): readonly DeskRoute[] {
    return this.#door.routes
  }

  /** Every route that there is for browsers: the same, and those of signing in. */
  get consoleRoutes(): readonly DeskRoute[] {
    return this.#console.routes
  }

  /** The same, as they describe themselves. */
  get described(): readonly Described[] {
    return this.#console.described
  }

  /** Shows and trusts these from the next connection on; those that are open go on. */
  useCredentials(credentials: SecureOptions): void {
    this.#door.show(acceptOptions(credentials))
    if (this.#shown === undefined) this.#console.show(showOptions(credentials))
  }

  /** The console shows this from the next connection on. */
  showAtConsole(shown: Shown): void {
    this.#shown = shown
    this.#console.show(showOptions(shown))
  }

  /** Hangs up on operators whose certificate does not count any more. */
  recheck(): Promise<void> {
    return this.#callers.recheck()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#close) close()
    this.#visits.stop()
    await this.#console[Symbol.asyncDispose]()
    await this.#door[Symbol.asyncDispose]()
  }
}
