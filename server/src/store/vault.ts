import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigFault, IntegrityFault } from '@vedette/shared/errors'

/*
 * A sealed value, AES-256-GCM:
 *
 *   Offset  Size  Field
 *   0       1     format, 1
 *   1       12    nonce, random
 *   13      n     ciphertext
 *   13+n    16    tag over ciphertext and place
 *
 * The place (table, row, column) is authenticated and not stored: a value moved to another row is
 * as good as changed.
 */

const FORMAT = 1
const KEY_BYTES = 32
const KEY_TEXT = /^[0-9a-f]{64}$/i
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Where a sealed value belongs. */
export type Place = { table: string; row: string; column: string }

/** Makes and opens the keys of entries, each wrapped by the one key that is not in the database. */
export class Vault {
  readonly #key: Buffer

  private constructor(key: Buffer) {
    this.#key = key
  }

  /** Reads the key file (64 hexadecimal digits). Throws IntegrityFault `vault.key-missing`. */
  static async open(keyFile: string): Promise<Vault> {
    const text = await readFile(keyFile, 'utf8').catch((cause) => {
      throw new IntegrityFault('vault.key-missing', `cannot read the vault key ${keyFile}`, {
        cause,
        hint: 'restore it from where you keep it apart from the database; vedette init makes the first',
      })
    })
    if (KEY_TEXT.test(text.trim())) return new Vault(Buffer.from(text.trim(), 'hex'))
    throw new IntegrityFault('vault.key-missing', `${keyFile} does not hold a key`)
  }

  /** Writes a new random key to a file that must not be there. */
  static async create(keyFile: string): Promise<void> {
    await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 })
    const text = `${randomBytes(KEY_BYTES).toString('hex')}\n`
    await writeFile(keyFile, text, { mode: 0o600, flag: 'wx' }).catch((cause) => {
      throw new ConfigFault('config.exists', `there is a vault key already: ${keyFile}`, { cause })
    })
    await chmod(keyFile, 0o600)
  }

  /** A new key for entry `id`, and the same wrapped for the database. */
  newKey(id: string): { key: EntryKey; wrapped: Uint8Array } {
    const bytes = randomBytes(KEY_BYTES)
    return { key: new EntryKey(bytes), wrapped: seal(this.#key, wrapPlace(id), bytes) }
  }

  /** Throws IntegrityFault `vault.changed`. */
  unwrap(id: string, wrapped: Uint8Array): EntryKey {
    return new EntryKey(open(this.#key, wrapPlace(id), wrapped))
  }
}

/** The key of one entry: destroying its wrapped form destroys all it sealed. */
export class EntryKey {
  readonly #key: Buffer

  constructor(key: Buffer) {
    this.#key = key
  }

  seal(place: Place, value: Uint8Array): Uint8Array {
    return seal(this.#key, place, value)
  }

  /** Throws IntegrityFault `vault.changed`. */
  open(place: Place, sealed: Uint8Array): Buffer {
    return open(this.#key, place, sealed)
  }
}

function wrapPlace(id: string): Place {
  return { table: 'entries', row: id, column: 'wrappedKey' }
}

function seal(key: Buffer, place: Place, value: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bytesOf(place))
  const head = Uint8Array.of(FORMAT)
  return Buffer.concat([head, nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()])
}

function open(key: Buffer, place: Place, sealed: Uint8Array): Buffer {
  const body = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  try {
    if (body[0] !== FORMAT) throw new RangeError('unknown format')
    const nonce = body.subarray(1, 1 + NONCE_BYTES)
    const end = body.length - TAG_BYTES
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
    decipher.setAAD(bytesOf(place)).setAuthTag(body.subarray(end))
    return Buffer.concat([decipher.update(body.subarray(1 + NONCE_BYTES, end)), decipher.final()])
  } catch (cause) {
    const where = `${place.table}/${place.row}/${place.column}`
    throw new IntegrityFault('vault.changed', `${where} was changed, or sealed by another key`, {
      cause,
    })
  }
}

function bytesOf({ table, row, column }: Place): Buffer {
  return Buffer.from(JSON.stringify([table, row, column]))
}
