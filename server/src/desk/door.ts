import type { ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SecureContextOptions, Server } from 'node:tls'
import multipart from '@fastify/multipart'
import { Refusal } from '@vedette/shared/errors'
import fastify, { type FastifyInstance } from 'fastify'
import { MAX_PHOTO_BYTES } from '../gallery/photos.ts'
import { type DeskRoute, permit } from './guard.ts'
import type { DeskParts } from './parts.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'
import { recording } from './recording.ts'
import { deskRoutes } from './routes.ts'
import { confine } from './scope.ts'
import { taking } from './taking.ts'

export type DoorOptions = {
  host: string
  port: number
  https: ServerOptions
  /** Judges who asks, before anything of a request is read: sets `operator`, `caller`, `device`. */
  identify: (app: FastifyInstance) => void
  /** What is to be had by this door alone. */
  more?: (app: FastifyInstance) => void
  parts: DeskParts
}

/** One way in: its listener, how those who come by it are known, and what all doors lead to. */
export class Door {
  readonly #app: FastifyInstance
  readonly host: string
  /** Every route there is. */
  readonly routes: readonly DeskRoute[]

  /** Resolves when requests can be made. */
  static async open(options: DoorOptions): Promise<Door> {
    const door = new Door(options)
    await door.#app.listen({ host: options.host, port: options.port })
    return door
  }

  private constructor({ host, https, identify, more, parts }: DoorOptions) {
    this.host = host
    const { store, stepUp, clock, log } = parts
    this.#app = fastify({
      https: { ...https, handshakeTimeout: 5000 },
      forceCloseConnections: true,
      bodyLimit: 64 * 1024,
      requestTimeout: 30_000,
    })
    identify(this.#app)
    recording(this.#app, store.audit, clock)
    this.routes = permit(this.#app, store.audit, stepUp, clock)
    confine(this.#app, store.whereabouts)
    taking(this.#app)
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
    deskRoutes(this.#app, parts)
    more?.(this.#app)
  }

  get port(): number {
    return (this.#app.server.address() as AddressInfo).port
  }

  /** Shows and trusts these from the next connection on; those that are open go on. */
  show(credentials: SecureContextOptions): void {
    // Typed as plain HTTP; it is what `https` above made it.
    const server = this.#app.server as unknown as Server
    server.setSecureContext(credentials)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app.close()
  }
}
