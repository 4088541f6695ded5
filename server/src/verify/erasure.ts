import { knownKeys } from '../audit/signer.ts'
import { ERASURE_KIND, type ErasureCertificate, isGenuine } from '../erasure/certificate.ts'
import { broken, holds, type Means, type Verification, type Verifier } from './verification.ts'

const KIND = 'erasure'

/** Says that nothing is left of an entry. */
export const erasureVerifier: Verifier = {
  kind: KIND,
  knows: (file) => file[0] === '{'.charCodeAt(0) && file.includes(`"${ERASURE_KIND}"`),
  verify: verifyErasure,
}

async function verifyErasure(file: Buffer, { keys }: Means): Promise<Verification> {
  const certificate = read(file)
  if (certificate === undefined) {
    const finding = broken('the file', 'it was touched: it is no certificate any more')
    return { kind: KIND, signer: null, findings: [finding] }
  }
  const { signer: id, entry, by, at, erasedAt, record } = certificate
  const known = keys?.get(id)
  const signer = { id, vouched: known !== undefined }
  if (keys !== undefined && known === undefined) {
    const words = `signed by key ${id}, which is not the deployment's`
    return { kind: KIND, signer, findings: [broken('signature', words)] }
  }
  const sameKey = known === undefined || known === certificate.publicKey
  if (!sameKey || !isWritten(certificate) || !isGenuine(certificate)) {
    const words = `it was touched, or was not signed by key ${id}`
    return { kind: KIND, signer, findings: [broken('signature', words)] }
  }
  const when = (epochMs: number) => new Date(epochMs).toISOString()
  const words = `entry ${entry} was erased by ${by}, asked at ${when(at)}, gone at ${when(erasedAt)}; the record stood at act ${record.seq}, hash ${record.hash}`
  return { kind: KIND, signer, findings: [holds('certificate', words)] }
}

function read(file: Buffer): ErasureCertificate | undefined {
  try {
    const said = JSON.parse(file.toString('utf8')) as ErasureCertificate
    const texts = [said.signer, said.publicKey, said.signature, said.entry, said.record.hash]
    const numbers = [said.at, said.erasedAt, said.record.seq]
    const whole =
      texts.every((text) => typeof text === 'string') && numbers.every(Number.isSafeInteger)
    return whole ? said : undefined
  } catch {
    return undefined
  }
}

/** Whether key and signature are written in the one way in which they are. */
function isWritten({ signer, publicKey, signature }: ErasureCertificate): boolean {
  try {
    const own = knownKeys(publicKey).get(signer)
    return own === publicKey && Buffer.from(signature, 'base64').toString('base64') === signature
  } catch {
    return false
  }
}
