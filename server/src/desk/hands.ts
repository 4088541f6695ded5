import type { FastifyRequest } from 'fastify'
import type { Hand } from '../hand.ts'

/** Who makes a request. */
export function handOf({ operator, socket }: FastifyRequest): Hand {
  return { by: operator, from: socket.remoteAddress ?? 'gone', why: null }
}
