import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certsLayout, exists, writeAtomic, writeFolder } from '@vedette/certs/files'
import { IntegrityFault } from '@vedette/shared/errors'

/** What is signed: a signature of one kind is worth nothing as one of another. */
export type Purpose = 'head' | 'export' | 'evidence' | 'erasure'

const PUBLIC_PEM = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g
const ID_DIGITS = 32

/** Where the key of the record lies below `home`: `public.pem` holds former keys, too, oldest first. */
export function signerFiles(home: string) {
  const folder = join(certsLayout(home).folder, 'audit')
  return { folder, key: join(folder, 'key.pem'), known: join(folder, 'public.pem') }
}

/** Signs what must stand as it was, with the Ed25519 key of the deployment. */
export class Signer {
  readonly #key: KeyObject
  /** The public key, PEM. */
  readonly publicKey: string
  /** First half of the SHA-256 of the public key, hexadecimal. */
  readonly id: string
  /** Public keys that may have signed, by id: this one's and former ones'. */
  readonly known: ReadonlyMap<string, string>

  /**
   * Reads the key of the deployment in `home`, or makes one where there was none or where `renew`
   * says that the former is lost. Throws IntegrityFault `audit.key-missing`, `audit.key-broken`.
   */
  static async open(home: string, { renew = false } = {}): Promise<Signer> {
    const files = signerFiles(home)
    if (!(await exists(files.key))) {
      const known = await readFile(files.known, 'utf8').catch(() => '')
      if (known !== '' && !renew) throw lost(files.key)
      await make(home, known)
    }
    const [secret, known] = await Promise.all([
      readFile(files.key, 'utf8'),
      readFile(files.known, 'utf8').catch(() => ''),
    ])
    return new Signer(parse(secret, files.key), knownKeys(known))
  }

  private constructor(key: KeyObject, known: Map<string, string>) {
    const open = createPublicKey(key)
    this.#key = key
    this.publicKey = String(open.export({ type: 'spki', format: 'pem' }))
    this.id = idOf(open)
    this.known = known.set(this.id, this.publicKey)
  }

  sign(purpose: Purpose, bytes: Uint8Array): Buffer {
    return sign(null, signed(purpose, bytes), this.#key)
  }
}

/** Whether the holder of `publicKey`, PEM, signed `bytes` for that purpose. */
export function isSigned(
  publicKey: string,
  purpose: Purpose,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verify(null, signed(purpose, bytes), createPublicKey(publicKey), signature)
}

/** The public keys in a file of PEM, by id. Throws what Node throws for what is none. */
export function knownKeys(pem: string): Map<string, string> {
  const all = pem.match(PUBLIC_PEM) ?? []
  return new Map(all.map((one) => [idOf(createPublicKey(one)), `${one}\n`]))
}

function idOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, ID_DIGITS)
}

function signed(purpose: Purpose, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`vedette-${purpose}-1\n`), bytes])
}

async function make(home: string, known: string): Promise<void> {
  const { folder, ...files } = signerFiles(home)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const text = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
  await writeFolder(folder, [{ path: files.key, text, secret: true }])
  const open = String(publicKey.export({ type: 'spki', format: 'pem' }))
  await writeAtomic(files.known, known + open)
}

function parse(pem: string, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw broken(file, cause)
  }
  throw broken(file)
}

function lost(file: string): IntegrityFault {
  return new IntegrityFault('audit.key-missing', `the key that signs the record is gone: ${file}`, {
    hint: 'put it back from a backup; else: vedette-server --accept-rollback "why it is lost"',
  })
}

function broken(file: string, cause?: unknown): IntegrityFault {
  return new IntegrityFault('audit.key-broken', `${file} does not hold an Ed25519 key`, {
    cause,
    hint: 'put it back from a backup, or take it away and accept that: --accept-rollback "why"',
  })
}
