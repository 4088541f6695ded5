import type { Server as HttpServer, RequestListener, ServerResponse } from 'node:http'
import type { ServerOptions } from 'node:https'
import type { Server, Socket } from 'node:net'
import type { Clock } from '@vedette/shared/clock'

/** What a door bears of whoever is slow, big or many. Milliseconds, bytes. */
export type DoorLimits = {
  /** From the connection to the end of the TLS handshake. */
  handshake: number
  /** From its first byte, or the connection's opening, to the end of a request's header. */
  header: number
  /** To the end of its body. */
  request: number
  /** How often that is looked at. */
  check: number
  /** A connection on which nothing is asked for. */
  idle: number
  headerBytes: number
  /** Of what is no form with photographs. */
  bodyBytes: number
  requestsPerConnection: number
  /** Connections from one address: a room of consoles behind one, each with its streams. */
  connectionsPerAddress: number
}

export const USUAL_LIMITS: DoorLimits = {
  handshake: 5000,
  header: 10_000,
  request: 30_000,
  check: 1000,
  idle: 72_000,
  headerBytes: 8 * 1024,
  bodyBytes: 64 * 1024,
  requestsPerConnection: 1000,
  connectionsPerAddress: 400,
}

/** How long an address is shut out, milliseconds, and how many are at most. */
const PENALTY_MS = 10_000
const MOST_PENALTIES = 10_000

/** The form of a door: where one part is beyond them, none of it is taken. */
export const FORM_LIMITS = {
  files: 10,
  fields: 24,
  parts: 32,
  fieldSize: 64 * 1024,
  fieldNameSize: 64,
  headerPairs: 16,
}

/** As Fastify and Node call them. */
export function serverOptions(https: ServerOptions, limits: DoorLimits) {
  return {
    https: {
      ...https,
      handshakeTimeout: limits.handshake,
      headersTimeout: limits.header,
      connectionsCheckingInterval: limits.check,
      maxHeaderSize: limits.headerBytes,
      ALPNProtocols: ['http/1.1'],
      // Looked for where it is answered as everything else is.
      requireHostHeader: false,
    },
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.idle,
    maxRequestsPerSocket: limits.requestsPerConnection,
    forceCloseConnections: true,
  }
}

/** Addresses that have asked as no browser does: nobody there is let in for a while. */
export class Penalties {
  readonly #clock: Pick<Clock, 'now'>
  readonly #until = new Map<string, number>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  add(address: string): void {
    if (this.#until.size >= MOST_PENALTIES) this.#until.clear()
    this.#until.set(address, this.#clock.now() + PENALTY_MS)
  }

  has(address: string): boolean {
    const until = this.#until.get(address)
    if (until === undefined || until > this.#clock.now()) return until !== undefined
    this.#until.delete(address)
    return false
  }
}

/** Closes what one address opens beyond `most`, or while it is shut out, before a byte of it is read. */
export function limitPerAddress(
  server: Server,
  most: number,
  shut: Pick<Penalties, 'has'> = { has: () => false },
): void {
  const open = new Map<string, number>()
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (open.get(address) ?? 0) + 1
    if (count > most || shut.has(address)) {
      socket.destroy()
      return
    }
    open.set(address, count)
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1
      if (left === 0) open.delete(address)
      else open.set(address, left)
    })
  })
}

/**
 * Closes connections on which more is asked for before it is answered. No browser does; Node would read
 * it all at once, and hold every answer for whoever does not read.
 */
export function refusePipelines(server: HttpServer, shut: Pick<Penalties, 'add'>): void {
  const last = new WeakMap<Socket, ServerResponse>()
  const handlers = server.listeners('request') as RequestListener[]
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    const { socket } = request
    if (socket.destroyed) return
    const before = last.get(socket)
    if (before !== undefined && !before.writableEnded) {
      shut.add(socket.remoteAddress ?? '')
      socket.destroy()
      return
    }
    last.set(socket, response)
    for (const handle of handlers) handle(request, response)
  })
}
