import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { IntegrityFault } from '@vedette/shared/errors'
import { newSealKey, seal, unseal } from '@vedette/shared/seal'
import { activeOf, type KeyRing, markOf, type RingKey } from '../vault/key-ring.ts'
import { KeySource } from '../vault/key-source.ts'

/** Where a sealed value belongs. */
export type Place = { table: string; row: string; column: string }

/*
 * A wrapped key:
 *
 *   Offset  Size  Field
 *   0       1     format, 2
 *   1       4     version of the key that wraps, big endian
 *   5       n     the key, sealed; its place names the version
 *
 * Those of format 1 are the sealed key alone, by version 1.
 */

const FORMAT = 2
const HEAD_BYTES = 5

/** Makes and opens the keys of entries, each wrapped by a key that is not in the database. */
export class Vault {
  #ring: KeyRing

  constructor(ring: KeyRing) {
    this.#ring = ring
  }

  /** Throws IntegrityFault `vault.key-missing`, `vault.key-invalid`; Refusal `passphrase.*`. */
  static async open(source: KeySource | string): Promise<Vault> {
    return new Vault(await sourceOf(source).read())
  }

  /** Writes a new random key where there must be none. Throws ConfigFault `config.exists`. */
  static async create(source: KeySource | string): Promise<void> {
    const to = sourceOf(source)
    const { place } = to
    if (place.kind !== 'credential') {
      await mkdir(dirname(place.path), { recursive: true, mode: 0o700 })
    }
    await to.create([{ version: 1, key: newSealKey() }])
  }

  /** Version of the key that wraps what is new. */
  get version(): number {
    return activeOf(this.#ring).version
  }

  /** All versions that it can open, by which a database knows whether they are its own. */
  get marks(): { version: number; mark: string }[] {
    return this.#ring.map(({ version, key }) => ({ version, mark: markOf(key) }))
  }

  /** From here on it has the keys of `ring`. */
  use(ring: KeyRing): void {
    this.#ring = ring
  }

  /** The keys themselves, for a thread of this process. */
  get ring(): KeyRing {
    return this.#ring
  }

  /** A new key for `id`, and the same wrapped for the database. */
  newKey(id: string): { key: EntryKey; wrapped: Uint8Array } {
    const bytes = newSealKey()
    return { key: new EntryKey(bytes), wrapped: this.wrap(id, bytes) }
  }

  wrap(id: string, bytes: Buffer): Uint8Array {
    const { version, key } = activeOf(this.#ring)
    const head = Buffer.alloc(HEAD_BYTES)
    head.writeUInt8(FORMAT)
    head.writeUInt32BE(version, 1)
    return Buffer.concat([head, seal(key, [...wrapPlace(id), version], bytes)])
  }

  /** Throws IntegrityFault `vault.changed`, `vault.key-lost`. */
  unwrap(id: string, wrapped: Uint8Array): EntryKey {
    return new EntryKey(this.unwrapBytes(id, wrapped))
  }

  /** The same key wrapped by the newest key; undefined where it is. Throws as `unwrap`. */
  rewrap(id: string, wrapped: Uint8Array): Uint8Array | undefined {
    if (wrappedBy(wrapped).format === FORMAT && wrappedBy(wrapped).version === this.version) {
      return undefined
    }
    const bytes = this.unwrapBytes(id, wrapped)
    try {
      return this.wrap(id, bytes)
    } finally {
      bytes.fill(0)
    }
  }

  unwrapBytes(id: string, wrapped: Uint8Array): Buffer {
    const { format, version } = wrappedBy(wrapped)
    const found = this.#ring.find((one) => one.version === version)
    if (found === undefined) throw keyLost(id, version, this.#ring)
    const place = wrapPlace(id)
    if (format !== FORMAT) return opened(found.key, place, wrapped)
    return opened(found.key, [...place, version], wrapped.subarray(HEAD_BYTES))
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
    return opened(this.#key, partsOf(place), sealed)
  }
}

/** What a wrapped key says of itself. */
export function wrappedBy(wrapped: Uint8Array): { format: number; version: number } {
  if (wrapped[0] !== FORMAT || wrapped.length < HEAD_BYTES) return { format: 1, version: 1 }
  const head = Buffer.from(wrapped.buffer, wrapped.byteOffset, HEAD_BYTES)
  return { format: FORMAT, version: head.readUInt32BE(1) }
}

function sourceOf(source: KeySource | string): KeySource {
  return typeof source === 'string' ? new KeySource({ kind: 'file', path: source }) : source
}

function wrapPlace(id: string): [string, string, string] {
  return ['entries', id, 'wrappedKey']
}

type Parts = readonly [string, string, string, ...number[]]

function opened(key: Buffer, place: Parts, sealed: Uint8Array): Buffer {
  try {
    return unseal(key, place, sealed)
  } catch (cause) {
    const where = place.slice(0, 3).join('/')
    throw new IntegrityFault('vault.changed', `${where} was changed, or sealed by another key`, {
      cause,
      hint: 'see what else is: vedette db check; then restore a backup, or erase the entry',
    })
  }
}

function keyLost(id: string, version: number, ring: readonly RingKey[]): IntegrityFault {
  const here = ring.map((one) => one.version).join(', ')
  return new IntegrityFault(
    'vault.key-lost',
    `what ${id} holds is wrapped by version ${version} of the vault key, and here is ${here}`,
    { hint: `put version ${version} back into the key file: it is in the copy made before` },
  )
}

function partsOf({ table, row, column }: Place): [string, string, string] {
  return [table, row, column]
}
