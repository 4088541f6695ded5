import type { ServerOptions } from 'node:https'
import type { Server, Socket } from 'node:net'

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

/** Closes what one address opens beyond `most` before a byte of it is read. */
export function limitPerAddress(server: Server, most: number): void {
  const open = new Map<string, number>()
  server.prependListener('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const count = (open.get(address) ?? 0) + 1
    if (count > most) {
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
