import { createHmac, timingSafeEqual } from 'node:crypto'
import { seal, unseal } from '@vedette/shared/seal'
import type { SealedTable } from './protected.ts'

const SUM_BYTES = 32

/** What stands beside a row: how often it was written, and the digest of what it then held. */
export type RowSeal = { version: number; mac: Uint8Array }

/**
 * The keyed digests of rows and of whole tables (HMAC-SHA-256, RFC 2104). A table's sum is the
 * exclusive or of one keyed term for each of its seals: it changes with every row that is added,
 * changed or deleted, and costs the same however many there are. It is stored encrypted, so that no
 * term is ever seen.
 */
export class SealMac {
  readonly #rows: Buffer
  readonly #terms: Buffer
  readonly #sums: Buffer

  constructor(key: Buffer) {
    const derive = (use: string) => createHmac('sha256', key).update(`vedette ${use}`).digest()
    this.#rows = derive('rows')
    this.#terms = derive('terms')
    this.#sums = derive('sums')
  }

  /** `values` are those of the columns of `table`, in their order. */
  row(table: SealedTable, version: number, values: readonly unknown[]): Buffer {
    const blobs = values.filter((value) => value instanceof Uint8Array)
    const plain = values.map((value) => plainOf(value))
    const text = JSON.stringify([table.name, version, table.columns, plain])
    const mac = createHmac('sha256', this.#rows).update(text)
    for (const blob of blobs) mac.update(blob)
    return mac.digest()
  }

  /** Adds a seal to a sum, or takes it away: both are the same. */
  toggle(sum: Buffer, table: string, row: string, { version, mac }: RowSeal): void {
    const text = JSON.stringify([table, row, version])
    const term = createHmac('sha256', this.#terms).update(text).update(mac).digest()
    for (let i = 0; i < SUM_BYTES; i++) sum[i]! ^= term[i]!
  }

  closeSum(table: string, sum: Buffer): Uint8Array {
    return seal(this.#sums, ['sealSums', table, 'sum'], sum)
  }

  /** Undefined where it was changed. */
  openSum(table: string, sealed: Uint8Array): Buffer | undefined {
    try {
      return unseal(this.#sums, ['sealSums', table, 'sum'], sealed)
    } catch {
      return undefined
    }
  }
}

/** The sum of no seals. */
export function emptySum(): Buffer {
  return Buffer.alloc(SUM_BYTES)
}

function plainOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: value.length }
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) }
  return value
}

export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
