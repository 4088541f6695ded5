import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigFault, IntegrityFault } from '@vedette/shared/errors'
import { newSealKey, parseSealKey, seal, sealKeyText, unseal } from '@vedette/shared/seal'

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
    const key = parseSealKey(text)
    if (key !== undefined) return new Vault(key)
    throw new IntegrityFault('vault.key-missing', `${keyFile} does not hold a key`)
  }

  /** Writes a new random key to a file that must not be there. */
  static async create(keyFile: string): Promise<void> {
    await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 })
    const text = sealKeyText(newSealKey())
    await writeFile(keyFile, text, { mode: 0o600, flag: 'wx' }).catch((cause) => {
      throw new ConfigFault('config.exists', `there is a vault key already: ${keyFile}`, { cause })
    })
    await chmod(keyFile, 0o600)
  }

  /** A new key for entry `id`, and the same wrapped for the database. */
  newKey(id: string): { key: EntryKey; wrapped: Uint8Array } {
    const bytes = newSealKey()
    return { key: new EntryKey(bytes), wrapped: seal(this.#key, partsOf(wrapPlace(id)), bytes) }
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
    return seal(this.#key, partsOf(place), value)
  }

  /** Throws IntegrityFault `vault.changed`. */
  open(place: Place, sealed: Uint8Array): Buffer {
    return open(this.#key, place, sealed)
  }
}

function wrapPlace(id: string): Place {
  return { table: 'entries', row: id, column: 'wrappedKey' }
}

function open(key: Buffer, place: Place, sealed: Uint8Array): Buffer {
  try {
    return unseal(key, partsOf(place), sealed)
  } catch (cause) {
    const where = `${place.table}/${place.row}/${place.column}`
    throw new IntegrityFault('vault.changed', `${where} was changed, or sealed by another key`, {
      cause,
    })
  }
}

function partsOf({ table, row, column }: Place): [string, string, string] {
  return [table, row, column]
}
