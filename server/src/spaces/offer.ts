import { open, stat } from 'node:fs/promises'
import { type EmbedderRow, graphFile, type InstalledRow, isBuiltIn } from '@vedette/models/manifest'
import { unplaced } from '@vedette/models/registry'

/** Bytes of a model that are sent at a time: well below what an envelope, or a binary in it, may have. */
const PIECE_BYTES = 48 * 1024

/** The active model as agents are offered it: what it is, and its file in pieces. */
export class Offer {
  /** The row of its manifest, JSON, as an agent installs it. */
  readonly row: Uint8Array
  readonly space: string
  readonly sha256: string
  readonly #file: string
  readonly #bytes: number

  static async of(row: EmbedderRow): Promise<Offer> {
    const file = graphFile(row)
    const { size } = await stat(file)
    return new Offer(installable(row, size), file)
  }

  private constructor(row: InstalledRow, file: string) {
    this.row = Buffer.from(JSON.stringify(row))
    this.space = row.id
    this.sha256 = row.sha256
    this.#file = file
    this.#bytes = row.bytes
  }

  /** What the file has from `offset` on, a piece at most; undefined where there is nothing. */
  async piece(offset: number): Promise<Uint8Array | undefined> {
    if (offset >= this.#bytes) return undefined
    await using file = await open(this.#file).catch(() => undefined)
    if (file === undefined) return undefined
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, this.#bytes - offset))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead)
  }
}

function installable(row: EmbedderRow, bytes: number): InstalledRow {
  if (!isBuiltIn(row)) return unplaced(row)
  const { folder: _folder, source: _source, ...rest } = row
  return { ...rest, bytes }
}

/** What the gate needs of it. */
export type Offered = Pick<Offer, 'space' | 'row' | 'sha256' | 'piece'>
