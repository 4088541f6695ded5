import { z } from 'zod'
import { isSigned, type Signer } from './signer.ts'

/**
 * By that time the record went as far as act `seq`, whose hash was that: signed, so that nobody can
 * take away or write anew what came before without it being seen.
 */
export type Head = {
  seq: number
  /** Epoch milliseconds. */
  at: number
  hash: Uint8Array
  /** Id of the key. */
  signer: string
  signature: Uint8Array
}

/** A head as one line of JSON: in the file beside the database, in the log and in exports. */
export type HeadLine = { seq: number; at: number; hash: string; signer: string; signature: string }

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`))
const headLine = z.object({
  seq: z.number().int().min(0),
  at: z.number().int(),
  hash: hex(32),
  signer: hex(16),
  signature: hex(64),
})

export function signHead(signer: Signer, head: Pick<Head, 'seq' | 'at' | 'hash'>): Head {
  return { ...head, signer: signer.id, signature: signer.sign('head', bytesOf(head)) }
}

/** `good`, `forged`, or `foreign` where the key is none of `known`. */
export function judgeHead(
  known: ReadonlyMap<string, string>,
  head: Head,
): 'good' | 'forged' | 'foreign' {
  const key = known.get(head.signer)
  if (key === undefined) return 'foreign'
  return isSigned(key, 'head', bytesOf(head), head.signature) ? 'good' : 'forged'
}

export function headLineOf({ seq, at, hash, signer, signature }: Head): HeadLine {
  return { seq, at, hash: hexOf(hash), signer, signature: hexOf(signature) }
}

/** Undefined for what is no head. */
export function headOf(line: unknown): Head | undefined {
  const parsed = headLine.safeParse(line)
  if (!parsed.success) return undefined
  const { hash, signature, ...rest } = parsed.data
  return { ...rest, hash: Buffer.from(hash, 'hex'), signature: Buffer.from(signature, 'hex') }
}

function bytesOf({ seq, at, hash }: Pick<Head, 'seq' | 'at' | 'hash'>): Buffer {
  return Buffer.from(`${seq}\n${at}\n${hexOf(hash)}\n`)
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
