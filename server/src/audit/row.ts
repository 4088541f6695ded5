import { createHash, randomBytes } from 'node:crypto'
import type { Act } from './act.ts'

/*
 * One act in the record. What is hashed, SHA-256, numbers big-endian:
 *
 *   Offset  Size  Field
 *   0       16    "vedette-audit-1\n"
 *   16      32    hash of the act before, or of the beginning
 *   48      8     number of the act, 1 is the first
 *   56      8     when, epoch milliseconds
 *   64      32    SHA-256 of the body, UTF-8
 *   96      n     kind, UTF-8
 *
 * The body is JSON with a random salt: when retention has deleted it, its hash betrays nothing of
 * it and the chain still holds.
 */

const DOMAIN = Buffer.from('vedette-audit-1\n')
const HASH_BYTES = 32
const FIXED_BYTES = 96
const SALT_BYTES = 16

/** What the first act follows. */
export const BEGINNING = Buffer.alloc(HASH_BYTES)

/** What stays of an act when retention has deleted its body. */
export type Row = { seq: number; at: number; kind: string; bodyHash: Uint8Array; hash: Uint8Array }

/** An act as it is recorded, save what it is chained to. */
export type Body = Pick<Act, 'about'> & {
  by: string
  from: string
  why: string | null
  details: NonNullable<Act['details']>
  salt: string
}

/** The body of `act`, as it is stored and hashed. */
export function bodyOf({ hand, about, details = {} }: Act): string {
  const { by, from, why } = hand
  const salt = randomBytes(SALT_BYTES).toString('hex')
  return JSON.stringify({ by, from, why, about, details, salt } satisfies Body)
}

export function hashOfBody(body: string): Buffer {
  return createHash('sha256').update(body).digest()
}

/** The hash of an act that follows one whose hash is `previous`. */
export function hashOf(previous: Uint8Array, { seq, at, kind, bodyHash }: Omit<Row, 'hash'>) {
  const bytes = Buffer.alloc(FIXED_BYTES + Buffer.byteLength(kind))
  DOMAIN.copy(bytes)
  bytes.set(previous, 16)
  bytes.writeBigUInt64BE(BigInt(seq), 48)
  bytes.writeBigInt64BE(BigInt(at), 56)
  bytes.set(bodyHash, 64)
  bytes.write(kind, FIXED_BYTES)
  return createHash('sha256').update(bytes).digest()
}

/** The act numbered `seq` behind `previous`. */
export function rowOf(act: Act, seq: number, previous: Uint8Array): { row: Row; body: string } {
  const body = bodyOf(act)
  const { at, kind } = act
  const unchained = { seq, at, kind, bodyHash: hashOfBody(body) }
  return { row: { ...unchained, hash: hashOf(previous, unchained) }, body }
}

/** What an act can be found by: who did it, and what it is about. */
export function subjectsOf({ by, about }: Pick<Body, 'by' | 'about'>): [string, string][] {
  const named = Object.entries(about).filter((pair): pair is [string, string] => {
    return pair[1] !== undefined
  })
  return [['by', by], ...named]
}
