import { acceptOptions, type SecureOptions, showOptions } from '@vedette/shared/tls'
import type { Register } from '../gate/admission.ts'
import { byCertificate } from './by-certificate.ts'
import { bySession } from './by-session.ts'
import { Callers } from './callers.ts'
import { type ConsoleConfig, consolePort } from './console-config.ts'
import { ConsoleFiles, consolePages } from './console-files.ts'
import { Door } from './door.ts'
import type { DeskRoute } from './guard.ts'
import type { DeskParts } from './parts.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'
import { recording } from './recording.ts'
import { agentRoutes } from './routes/agents.ts'
import { alertRoutes } from './routes/alerts.ts'
import { auditRoutes } from './routes/audit.ts'
import { authorityRoutes } from './routes/authorities.ts'
import { cameraRoutes } from './routes/cameras.ts'
import { certificateRoutes } from './routes/certificates.ts'
import { choreRoutes } from './routes/chores.ts'
import { databaseRoutes } from './routes/database.ts'
import { decisionRoutes } from './routes/decisions.ts'
import { enrolmentRoutes } from './routes/enrolment.ts'
import { entryRoutes } from './routes/entries.ts'
import { entryChangeRoutes } from './routes/entry-changes.ts'
import { entryHistoryRoutes } from './routes/entry-history.ts'
import { entryPhotoRoutes } from './routes/entry-photos.ts'
import { evidenceRoutes } from './routes/evidence.ts'
import { figureRoutes } from './routes/figures.ts'
import { historyRoutes } from './routes/history.ts'
import { importRoutes } from './routes/imports.ts'
import { invitationRoutes } from './routes/invitations.ts'
import { listRoutes } from './routes/lists.ts'
import { modelRoutes } from './routes/models.ts'
import { operatorRoutes } from './routes/operators.ts'
import { pastRoutes } from './routes/past.ts'
import { placeRoutes } from './routes/places.ts'
import { planRoutes } from './routes/plans.ts'
import { queueRoutes } from './routes/queue.ts'
import { rejectionRoutes } from './routes/rejections.ts'
import { reportRoutes } from './routes/report.ts'
import { requestRoutes } from './routes/requests.ts'
import { sessionRoutes } from './routes/session.ts'
import { subjectRoutes } from './routes/subject.ts'
import { thresholdRoutes } from './routes/thresholds.ts'
import { trailRoutes } from './routes/trail.ts'
import { confine } from './scope.ts'
import { taking } from './taking.ts'
import { Visits } from './visits.ts'

export type DeskOptions = DeskParts & {
  host: string
  port: number
  credentials: SecureOptions
  ledger: Register
  console: Pick<ConsoleConfig, 'host' | 'port'>
  /** What the console shows in place of the server's own certificate. */
  shown?: Shown | undefined
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
      ...{ host, port, parts: options },
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
          consolePages(app, files)
        },
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
  private constructor(options: DeskOptions) {
    const { credentials, ledger, operators, lists, clock, log } = options
    this.#callers = new Callers(ledger, clock)
    this.#app = fastify({
      https: { ...acceptOptions(credentials), handshakeTimeout: 5000 },
      forceCloseConnections: true,
      bodyLimit: 64 * 1024,
      requestTimeout: 30_000,
    })
    identify(this.#app, { ledger, operators, lists, callers: this.#callers, clock })
    recording(this.#app, options.store.audit, clock)
    this.routes = permit(this.#app, options.store.audit, options.stepUp, clock)
    confine(this.#app, options.store.whereabouts)
    taking(this.#app)
    this.#unlisten = operators.listen((name) => this.#callers.hangUp(name))
    this.#app.setErrorHandler((error, request, reply) => {
      const problem = problemOf(error)
      const { status, code, detail } = problem
      const about = { route: request.routeOptions.url, operator: request.operator, code, detail }
      if (status >= 500) log.error({ ...about, err: error }, 'desk.failed')
      else log.info(about, 'desk.refused')
      if (problem.retryAfter !== undefined) reply.header('retry-after', problem.retryAfter)
      return reply.code(status).type(PROBLEM_TYPE).send(problem)
    })
    this.#app.setNotFoundHandler(() => {
      throw new Refusal('route.not-found', 'no such route')
    })
    // A byte more than is taken: then it is refused where photographs are, by its name.
    const limits = { fileSize: MAX_PHOTO_BYTES + 1, files: 10, fields: 20 }
    this.#app.register(multipart, { limits, throwFileSizeLimit: false })
    this.#app.register(enrolmentRoutes, { prefix: '/api', ...options })
    this.#app.register(auditRoutes, { prefix: '/api', ...options })
    this.#app.register(entryRoutes, { prefix: '/api', ...options })
    this.#app.register(databaseRoutes, { prefix: '/api', ...options })
    this.#app.register(entryHistoryRoutes, { prefix: '/api', ...options })
    this.#app.register(entryPhotoRoutes, { prefix: '/api', ...options })
    this.#app.register(choreRoutes, { prefix: '/api', ...options })
    this.#app.register(entryChangeRoutes, { prefix: '/api', ...options })
    this.#app.register(requestRoutes, { prefix: '/api', ...options })
    this.#app.register(listRoutes, { prefix: '/api', ...options })
    this.#app.register(alertRoutes, { prefix: '/api', ...options })
    this.#app.register(decisionRoutes, { prefix: '/api', ...options })
    this.#app.register(queueRoutes, { prefix: '/api', ...options })
    this.#app.register(evidenceRoutes, { prefix: '/api', ...options })
    this.#app.register(rejectionRoutes, { prefix: '/api', ...options })
    this.#app.register(agentRoutes, { prefix: '/api', ...options })
    this.#app.register(figureRoutes, { prefix: '/api', ...options })
    this.#app.register(historyRoutes, { prefix: '/api', ...options })
    this.#app.register(importRoutes, { prefix: '/api', ...options })
    this.#app.register(invitationRoutes, { prefix: '/api', ...options })
    this.#app.register(cameraRoutes, { prefix: '/api', ...options })
    this.#app.register(certificateRoutes, { prefix: '/api', ...options })
    this.#app.register(authorityRoutes, { prefix: '/api', ...options })
    this.#app.register(operatorRoutes, { prefix: '/api', ...options })
    this.#app.register(pastRoutes, { prefix: '/api', ...options })
    this.#app.register(placeRoutes, { prefix: '/api', ...options })
    this.#app.register(planRoutes, { prefix: '/api', ...options })
    this.#app.register(trailRoutes, { prefix: '/api', ...options })
    this.#app.register(modelRoutes, { prefix: '/api', ...options })
    this.#app.register(reportRoutes, { prefix: '/api', ...options })
    this.#app.register(subjectRoutes, { prefix: '/api', ...options })
    this.#app.register(thresholdRoutes, { prefix: '/api', ...options })
  }

  get port(): number 
    return this.#door.port

  get consolePort(): number 
    return this.#console.port

  /** What a browser is pointed at. */
  get consoleAddress(): string {
    const { host } = this.#console
    const any = host === '0.0.0.0' || host === '::'
    const name = host.includes(':') ? `[${host}]` : host
    return `https://${any ? 'localhost' : name}:${this.consolePort}/`
  }

  /** Every route that there is for certificates. */
  get routes(): readonly DeskRoute[] 
    return this.#door.routes

  /** Every route that there is for browsers: the same, and those of signing in. */
  get consoleRoutes(): readonly DeskRoute[] 
    return this.#console.routes

  /** Shows and trusts these from the next connection on; those that are open go on. */
  useCredentials(credentials: SecureOptions): void 
    this.#door.show(acceptOptions(credentials))
    if (this.#shown === undefined) this.#console.show(showOptions(credentials))

  /** The console shows this from the next connection on. */
  showAtConsole(shown: Shown): void 
    this.#shown = shown
    this.#console.show(showOptions(shown))

  /** Hangs up on operators whose certificate does not count any more. */
  recheck(): Promise<void> 
    return this.#callers.recheck()

  async [Symbol.asyncDispose](): Promise<void> 
    for (const close of this.#close) close()
    this.#visits.stop()
    await this.#console[Symbol.asyncDispose]()
    await this.#door[Symbol.asyncDispose]()
}
