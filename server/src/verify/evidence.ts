import { createHash } from 'node:crypto'
import { codeOf } from '@vedette/shared/errors'
import { headOf, judgeHead } from '../audit/head.ts'
import { knownKeys } from '../audit/signer.ts'
import { MANIFEST, type Manifest, manifest, SIGNATURE } from '../evidence/manifest.ts'
import { type Parts, unzip } from '../evidence/zip.ts'
import { checkScores } from './scores.ts'
import { judgeSignature } from './signature.ts'
import {
  broken,
  type Finding,
  holds,
  type Means,
  unchecked,
  type Verification,
  type Verifier,
} from './verification.ts'

const KIND = 'evidence'
/** How every ZIP file begins, and the name of the first part of one of these. */
const [BEGINNING, FIRST_BYTES] = [Buffer.from('PK\x03\x04'), 64]

/** Evidence of one alert: see Manifest. */
export const evidenceVerifier: Verifier = {
  kind: KIND,
  knows: (file) =>
    file.subarray(0, 4).equals(BEGINNING) || file.subarray(0, FIRST_BYTES).includes(MANIFEST),
  verify: verifyEvidence,
}

async function verifyEvidence(file: Buffer, means: Means): Promise<Verification> {
  const opened = unzip(file)
  if (opened === undefined) {
    return unread(broken('the file', 'it is cut off or damaged: its parts cannot be told apart'))
  }
  const { parts, whole } = opened
  const form = whole
    ? holds('the file', 'it is whole, and there is nothing in it but its parts')
    : broken('the file', 'it was changed outside of its parts, or put together anew')
  const said = readManifest(parts)
  if (typeof said === 'string') return unread(form, broken(MANIFEST, said))
  const { bytes, signature, content } = said
  const judged = judgeSignature(
    'evidence',
    { signer: content.signer, about: MANIFEST, bytes, signature },
    means,
  )
  const touched = checkParts(parts, content)
  const findings = [form, judged.finding, ...touched, checkRecord(content, means)]
  // What was touched is not worth computing with.
  const sound = findings.every(({ state }) => state !== 'broken')
  const scores = sound
    ? await checkScores(content, parts, means)
    : [unchecked('scores', 'not computed again: the file was touched')]
  return { kind: KIND, signer: judged.signer, findings: [...findings, ...scores] }
}

function unread(...findings: Finding[]): Verification {
  return { kind: KIND, signer: null, findings }
}

/** The manifest with its signature, or why it cannot be read. */
function readManifest(
  parts: Parts,
): { bytes: Uint8Array; signature: Uint8Array; content: Manifest } | string {
  const [bytes, signature] = [parts.get(MANIFEST), parts.get(SIGNATURE)]
  if (bytes === undefined) return 'it is missing'
  if (signature === undefined) return `its signature, ${SIGNATURE}, is missing`
  const hex = Buffer.from(signature).toString('latin1')
  if (!/^[0-9a-f]{128}\n$/.test(hex)) return `its signature, ${SIGNATURE}, was touched`
  try {
    const content = manifest.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
    return { bytes, signature: Buffer.from(hex.trim(), 'hex'), content }
  } catch {
    return 'it was touched: it does not say what a manifest says'
  }
}

function checkParts(parts: Parts, { parts: listed }: Manifest): Finding[] {
  const own = new Set([MANIFEST, SIGNATURE])
  const wrong = Object.entries(listed).flatMap(([name, { sha256, bytes }]) => {
    const part = parts.get(name)
    if (part === undefined) return broken(name, 'it is missing')
    const good = part.length === bytes && hash(part) === sha256
    return good ? [] : broken(name, 'it was touched: it is not what was signed')
  })
  const added = [...parts.keys()]
    .filter((name) => !own.has(name) && listed[name] === undefined)
    .map((name) => broken(name, 'it was added: nothing that was signed speaks of it'))
  if (wrong.length + added.length > 0) return [...wrong, ...added]
  const ordered = [...own, ...Object.keys(listed)]
  if (![...parts.keys()].every((name, i) => name === ordered[i])) {
    return [broken('parts', 'they are in another order than they were')]
  }
  return [holds('parts', `all ${Object.keys(listed).length} are what was signed`)]
}

/** The head of the record that covers the export. */
function checkRecord({ record, signer }: Manifest, { keys }: Means): Finding {
  const head = headOf(record)
  const known = keys ?? ownKeys(signer)
  if (head === undefined || judgeHead(known, head) !== 'good') {
    return broken(
      'record',
      `the head of the record at act ${record.seq} is not signed as it should be`,
    )
  }
  const at = new Date(head.at).toISOString()
  const words = `by ${at} it had ${head.seq} acts, this export among them; hash ${record.hash}`
  return holds('record', words)
}

function ownKeys({ publicKey }: Manifest['signer']): ReadonlyMap<string, string> {
  try {
    return knownKeys(publicKey)
  } catch (error) {
    if (codeOf(error).startsWith('ERR_')) return new Map()
    throw error
  }
}

function hash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
