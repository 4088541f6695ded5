import type { Duplex } from 'node:stream'
import { z } from 'zod'
import { encodeBody, type Parse, parseBody } from './body.ts'
import { EnvelopeReader, encodeEnvelope, STRANGER_LIMIT, WELCOME_LIMIT } from './envelope.ts'
import { Unavailable } from './errors.ts'

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes')
const label = z.string().min(1).max(128)

/** newcomer → server, first and only: the secret of a join code, and a request for a certificate. */
const join = z.strictObject({
  type: z.literal('join'),
  secret: bytes,
  /** PKCS#10, PEM. */
  request: z.string().min(1).max(1024),
  software: label,
})

/** server → newcomer: you are agent so-and-so. Chain and roots are PEM. */
const joined = z.strictObject({
  type: z.literal('joined'),
  agent: label,
  chain: bytes,
  roots: bytes,
  /** Of the gate, on the host that was dialled. */
  port: z.number().int().min(1).max(65_535),
})

/** server → newcomer: no; the code says why. */
const unjoined = z.strictObject({ type: z.literal('unjoined'), code: label })

const answer = z.discriminatedUnion('type', [joined, unjoined])

export type Join = z.infer<typeof join>
export type Joined = z.infer<typeof joined>
export type JoinAnswer = z.infer<typeof answer>

export const parseJoin: Parse<Join> = (body) => parseBody(join, body)
export const parseJoinAnswer: Parse<JoinAnswer> = (body) => parseBody(answer, body)

/** What goes over the wire for `message`. */
export function joinEnvelope(message: Join | JoinAnswer): Buffer {
  return encodeEnvelope(encodeBody(message))
}

/**
 * The first message on `stream`, which stays open; more is not read. Throws ProtocolFault, and
 * Unavailable `uplink.closed` when none came.
 */
export async function firstMessage<M>(stream: Duplex, parse: Parse<M>, limit: number): Promise<M> {
  const reader = new EnvelopeReader(limit)
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    for (const body of reader.push(chunk as Buffer)) return parse(body)
  }
  throw new Unavailable('uplink.closed', 'closed without a word')
}

/** Longest message of a newcomer and of the server, bytes. */
export const JOIN_LIMITS = { newcomer: STRANGER_LIMIT, server: WELCOME_LIMIT } as const
