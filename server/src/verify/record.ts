import { AUDIT_EXPORT, verifyExport } from '../audit/export-file.ts'
import { findingWords } from '../audit/findings.ts'
import { broken, holds, type Means, type Verification, type Verifier } from './verification.ts'

const KIND = 'record'
const FIRST_BYTES = 64
const BEGINNING = '{"vedette":"'

/** An export of the record of what was done. */
export const recordVerifier: Verifier = {
  kind: KIND,
  knows: (file) => {
    const first = file.toString('latin1', 0, FIRST_BYTES)
    return first.startsWith(`${BEGINNING}audit`) || first.includes(AUDIT_EXPORT)
  },
  verify: verifyRecordFile,
}

async function verifyRecordFile(file: Buffer, { keys }: Means): Promise<Verification> {
  const pem = keys && [...keys.values()].join('')
  const verdict = await verifyExport(file.toString('utf8'), pem)
  if (verdict === undefined) {
    const words = 'its first line was touched: it does not say what the file is'
    return { kind: KIND, signer: null, findings: [broken('the file', words)] }
  }
  const { acts, first, last, heads, signed, signer, pinned, prefix } = verdict
  const at = signed === null ? '' : `; signed up to act ${signed.seq}`
  const before = prefix === 0 ? '' : `; acts up to ${prefix} were deleted by retention`
  const found = verdict.findings.map((finding) => broken('record', findingWords(finding)))
  const all = `${acts} acts, ${first} to ${last}, ${heads} heads${at}${before}`
  return {
    kind: KIND,
    signer: signer === null ? null : { id: signer, vouched: pinned },
    findings: found.length > 0 ? found : [holds('record', all)],
  }
}
