import type { AddressInfo } from 'node:net'
import type { Server } from 'node:tls'
import multipart from '@fastify/multipart'
import { Refusal } from '@vedette/shared/errors'
import { acceptOptions, type SecureOptions } from '@vedette/shared/tls'
import fastify, { type FastifyInstance } from 'fastify'
import { MAX_PHOTO_BYTES } from '../gallery/photos.ts'
import type { Register } from '../gate/admission.ts'
import { Callers } from './callers.ts'
import { type DeskRoute, identify, permit } from './guard.ts'
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
import { fleetRoutes } from './routes/fleet.ts'
import { historyRoutes } from './routes/history.ts'
import { importRoutes } from './routes/imports.ts'
import { invitationRoutes } from './routes/invitations.ts'
import { listRoutes } from './routes/lists.ts'
import { modelRoutes } from './routes/models.ts'
import { operatorRoutes } from './routes/operators.ts'
import { pastRoutes } from './routes/past.ts'
import { placeRoutes } from './routes/places.ts'
import { planRoutes } from './routes/plans.ts'
import { rejectionRoutes } from './routes/rejections.ts'
import { reportRoutes } from './routes/report.ts'
import { requestRoutes } from './routes/requests.ts'
import { subjectRoutes } from './routes/subject.ts'
import { thresholdRoutes } from './routes/thresholds.ts'
import { trailRoutes } from './routes/trail.ts'
import { confine } from './scope.ts'
import { taking } from './taking.ts'

export type DeskOptions = DeskParts & {
  host: string
  port: number
  credentials: SecureOptions
  ledger: Register
}

/** Where people come in: HTTPS, an operator's certificate on every connection. */
export class Desk {
  readonly #app: FastifyInstance
  readonly #callers: Callers
  /** Every route there is. */
  readonly routes: readonly DeskRoute[]
  readonly #unlisten: () => void

  /** Resolves when requests can be made. */
  static async open(options: DeskOptions): Promise<Desk> {
    const desk = new Desk(options)
    await desk.#app.listen({ host: options.host, port: options.port })
    return desk
  }

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
    this.#app.register(evidenceRoutes, { prefix: '/api', ...options })
    this.#app.register(rejectionRoutes, { prefix: '/api', ...options })
    this.#app.register(agentRoutes, { prefix: '/api', ...options })
    this.#app.register(fleetRoutes, { prefix: '/api', ...options })
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

  get port(): number {
    return (this.#app.server.address() as AddressInfo).port
  }

  /** Shows and trusts these from the next connection on; those that are open go on. */
  useCredentials(credentials: SecureOptions): void {
    // Typed as plain HTTP; it is what `https` above made it.
    const server = this.#app.server as unknown as Server
    server.setSecureContext(acceptOptions(credentials))
  }

  /** Hangs up on operators whose certificate does not count any more. */
  recheck(): Promise<void> {
    return this.#callers.recheck()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten()
    await this.#app.close()
  }
}
