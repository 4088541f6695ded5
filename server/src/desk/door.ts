import type { ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SecureContextOptions, Server } from 'node:tls'
import multipart from '@fastify/multipart'
import fastify, { type FastifyInstance } from 'fastify'
import { MAX_PHOTO_BYTES } from '../gallery/photos.ts'
import { answering, hangUpOn, newRequestId, sendUnroutable } from './answering.ts'
import { type DeskRoute, permit } from './guard.ts'
import {
  type DoorLimits,
  FORM_LIMITS,
  limitPerAddress,
  Penalties,
  refusePipelines,
  serverOptions,
  USUAL_LIMITS,
} from './limits.ts'
import type { DeskParts } from './parts.ts'
import { recording } from './recording.ts'
import { deskRoutes } from './routes.ts'
import { confine } from './scope.ts'
import { type Described, taking } from './taking.ts'

export type DoorOptions = {
  host: string
  port: number
  https: ServerOptions
  limits?: DoorLimits | undefined
  /** Judges who asks, before anything of a request is read: sets `operator`, `caller`, `device`. */
  identify: (app: FastifyInstance) => void
  /** What is to be had by this door alone. */
  more?: (app: FastifyInstance) => void
  also?: ((app: FastifyInstance) => void) | undefined
  parts: DeskParts
}

/** One way in: its listener, how those who come by it are known, and what all doors lead to. */
export class Door {
  readonly #app: FastifyInstance
  readonly host: string
  /** Every route there is. */
  readonly routes: readonly DeskRoute[]
  /** The same, as they describe themselves. */
  readonly described: readonly Described[]

  /** Resolves when requests can be made. */
  static async open(options: DoorOptions): Promise<Door> {
    const door = new Door(options)
    await door.#app.listen({ host: options.host, port: options.port })
    return door
  }

  private constructor({
    host,
    https,
    limits = USUAL_LIMITS,
    identify,
    more,
    also,
    parts,
  }: DoorOptions) {
    this.host = host
    const { store, stepUp, clock, log } = parts
    this.#app = fastify({
      ...serverOptions(https, limits),
      genReqId: newRequestId,
      frameworkErrors: (error, request, reply) => sendUnroutable(error, request, reply, log),
      clientErrorHandler: (error, socket) => hangUpOn(error, socket, log),
    })
    const shut = new Penalties(clock)
    limitPerAddress(this.#app.server, limits.connectionsPerAddress, shut)
    refusePipelines(this.#app.server, shut)
    answering(this.#app, log)
    identify(this.#app)
    recording(this.#app, store.audit, clock)
    this.routes = permit(this.#app, store.audit, stepUp, clock)
    confine(this.#app, store.whereabouts)
    this.described = taking(this.#app)
    also?.(this.#app)
    // A byte more than is taken: then it is refused where photographs are, by its name.
    const form = { ...FORM_LIMITS, fileSize: MAX_PHOTO_BYTES + 1 }
    this.#app.register(multipart, { limits: form, throwFileSizeLimit: false })
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
