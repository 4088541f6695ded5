import { createHash, timingSafeEqual } from 'node:crypto'
import { Refusal } from './errors.ts'

/*
 * What a join code carries, after `vj1.` and in base64url:
 *
 *   Offset  Size  Field
 *   0       16    secret: whoever has it may become the agent that it was made for, once
 *   16      32    pin: SHA-256 of the root (DER) that the server's certificate stands below
 *   48      2     port, unsigned, big-endian
 *   50      n     host name or address, ASCII, 1 … 253
 *   50+n    4     the first bytes of SHA-256 of all before: a slip of the hand is seen at once
 */

const PREFIX = 'vj1.'
export const SECRET_BYTES = 16
const PIN_BYTES = 32
const HOST_AT = SECRET_BYTES + PIN_BYTES + 2
const CHECK_BYTES = 4
const HOST = /^[A-Za-z0-9.:-]{1,253}$/

/** `pin` is lower-case hexadecimal. */
export type JoinCode = { secret: Uint8Array; pin: string; host: string; port: number }

/** The code as a person carries it: some 90 characters. Throws Refusal `join.malformed`. */
export function formatJoinCode({ secret, pin, host, port }: JoinCode): string {
  if (secret.length !== SECRET_BYTES || !HOST.test(host) || !(port > 0 && port < 65_536)) {
    throw malformed(`cannot be made for ${host}:${port}`)
  }
  const ports = Buffer.alloc(2)
  ports.writeUInt16BE(port)
  const body = Buffer.concat([secret, Buffer.from(pin, 'hex'), ports, Buffer.from(host, 'ascii')])
  return PREFIX + Buffer.concat([body, checkOf(body)]).toString('base64url')
}

/** Reads a code; white space in it does no harm. Throws Refusal `join.malformed`. */
export function parseJoinCode(text: string): JoinCode {
  const code = text.replaceAll(/\s/g, '')
  if (!code.startsWith(PREFIX)) throw malformed(`does not begin with ${PREFIX}`)
  const bytes = Buffer.from(code.slice(PREFIX.length), 'base64url')
  if (bytes.length <= HOST_AT + CHECK_BYTES) throw malformed('is too short')
  const body = bytes.subarray(0, -CHECK_BYTES)
  if (!timingSafeEqual(checkOf(body), bytes.subarray(-CHECK_BYTES))) throw malformed('has a slip')
  const host = body.toString('ascii', HOST_AT)
  const port = body.readUInt16BE(HOST_AT - 2)
  if (!HOST.test(host) || port === 0) throw malformed('names no server')
  const pin = body.toString('hex', SECRET_BYTES, SECRET_BYTES + PIN_BYTES)
  return { secret: body.subarray(0, SECRET_BYTES), pin, host, port }
}

/** The pin of a root (DER). */
export function pinOf(root: Uint8Array): string {
  return createHash('sha256').update(root).digest('hex')
}

function checkOf(body: Uint8Array): Buffer {
  return createHash('sha256').update(body).digest().subarray(0, CHECK_BYTES)
}

function malformed(why: string): Refusal {
  return new Refusal('join.malformed', `not a join code: it ${why}`, {
    hint: 'copy all of it, or make another with: vedette agents invite NAME',
  })
}
