import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Finding } from './findings.ts'
import { type Head, headLineOf, headOf } from './head.ts'
import { isSigned, knownKeys, type Signer } from './signer.ts'
import { type Recorded, type Verdict, verifyRecord } from './verify.ts'

/*
 * An exported record, one line of JSON each:
 *
 *   {"vedette":"audit-export","format":1,"at":…,"publicKeys":"PEM …"}
 *   {"seq":1,"at":…,"kind":…,"bodyHash":"hex","hash":"hex","body":"…"|null}      every act
 *   {"head":{"seq":…,"at":…,"hash":"hex","signer":…,"signature":"hex"}}          every head
 *   {"end":{"acts":…,"heads":…,"sha256":"hex of all lines before"},"signer":…,"signature":"hex"}
 */

export const AUDIT_EXPORT = 'audit-export'

const first = z.object({
  vedette: z.literal(AUDIT_EXPORT),
  format: z.literal(1),
  at: z.number(),
  publicKeys: z.string(),
})
const hex = z.string().regex(/^([0-9a-f]{2})+$/)
const actLine = z.object({
  seq: z.number().int(),
  at: z.number().int(),
  kind: z.string(),
  bodyHash: hex,
  hash: hex,
  body: z.string().nullable(),
})
const end = z.object({
  end: z.object({ acts: z.number(), heads: z.number(), sha256: hex }),
  signer: z.string(),
  signature: hex,
})

/** The lines of an export, with the end of each. */
export async function* exportLines(
  { slices, heads, signer }: ExportSource,
  at: number,
): AsyncGenerator<string> {
  const digest = createHash('sha256')
  const line = (value: object) => {
    const text = `${JSON.stringify(value)}\n`
    digest.update(text)
    return text
  }
  const publicKeys = [...signer.known.values()].join('')
  yield line({ vedette: AUDIT_EXPORT, format: 1, at, publicKeys })
  let acts = 0
  for await (const slice of slices) {
    acts += slice.length
    yield slice.map((row) => line(actLineOf(row))).join('')
  }
  for (const head of heads) yield line({ head: headLineOf(head) })
  const sha256 = digest.digest('hex')
  const closing = { acts, heads: heads.length, sha256 }
  const signature = signer.sign('export', Buffer.from(JSON.stringify(closing))).toString('hex')
  yield `${JSON.stringify({ end: closing, signer: signer.id, signature })}\n`
}

export type ExportSource = {
  slices: AsyncIterable<readonly Recorded[]>
  heads: readonly Head[]
  signer: Signer
}

/** What an exported record was found to be. */
export type ExportVerdict = Verdict & {
  /** Who signed it; null where the signature is not good. */
  signer: string | null
  /** Whether that was held against a key that was given, or only against the file's own. */
  pinned: boolean
}

/**
 * Verifies an export, `undefined` where `text` is none. `key` is a file of public keys, PEM; without
 * it only those that the file itself names can be asked.
 */
export async function verifyExport(text: string, key?: string): Promise<ExportVerdict | undefined> {
  const lines = text.split('\n')
  const opening = first.safeParse(parsed(lines[0]))
  if (!opening.success) return undefined
  const known = knownIn(key ?? opening.data.publicKeys)
  const whole = lines.at(-1) === '' ? lines.slice(0, -1) : lines
  const closing = end.safeParse(parsed(whole.at(-1)))
  const inner = whole.slice(1, closing.success ? -1 : undefined).map(parsed)
  const heads = inner.flatMap((line) => headIn(line) ?? [])
  const rows = inner.flatMap((line) => rowIn(line) ?? [])
  const verdict = await verifyRecord({
    slices: slicesOf(rows),
    heads: { database: heads },
    known,
  })
  const before = whole.slice(0, -1).map((line) => `${line}\n`)
  const signer = closing.success ? signerOf(closing.data, before, known) : null
  const counts = closing.success ? closing.data.end : undefined
  const complete = rows.length === counts?.acts && heads.length === counts.heads
  const edited: Finding[] = signer === null || !complete ? [{ what: 'export-edited' }] : []
  const findings = [...edited, ...verdict.findings]
  return { ...verdict, good: findings.length === 0, findings, signer, pinned: key !== undefined }
}

function signerOf(
  { end: closing, signer, signature }: z.output<typeof end>,
  before: readonly string[],
  known: ReadonlyMap<string, string>,
): string | null {
  const digest = createHash('sha256')
  for (const line of before) digest.update(line)
  const key = known.get(signer)
  if (key === undefined || digest.digest('hex') !== closing.sha256) return null
  const bytes = Buffer.from(JSON.stringify(closing))
  return isSigned(key, 'export', bytes, Buffer.from(signature, 'hex')) ? signer : null
}

function actLineOf({ seq, at, kind, bodyHash, hash, body }: Recorded) {
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return { seq, at, kind, bodyHash: text(bodyHash), hash: text(hash), body }
}

function rowIn(line: unknown): Recorded | undefined {
  const parsed = actLine.safeParse(line)
  if (!parsed.success) return undefined
  const { bodyHash, hash, ...row } = parsed.data
  return { ...row, bodyHash: Buffer.from(bodyHash, 'hex'), hash: Buffer.from(hash, 'hex') }
}

function headIn(line: unknown): Head | undefined {
  return line instanceof Object && 'head' in line ? headOf(line.head) : undefined
}

async function* slicesOf(rows: readonly Recorded[]): AsyncGenerator<readonly Recorded[]> {
  yield rows
}

function knownIn(pem: string): Map<string, string> {
  try {
    return knownKeys(pem)
  } catch {
    return new Map()
  }
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '')
  } catch {
    return undefined
  }
}
