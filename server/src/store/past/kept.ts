import { decodeEmbedding, type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import type { Selectable } from 'kysely'
import type { EntryKey } from '../vault.ts'
import type { PastSchema } from './schema.ts'

/** Bytes of a sealed sighting besides what it looks like, about. */
const BODY_BYTES = 400

/** A walk that was taken for nobody. Times are epoch milliseconds by the server's clock. */
export type Kept = {
  id: string
  /** The slot that it is kept in: a camera's minute. */
  slot: string
  agent: string
  camera: string
  track: string
  space: string
  /** When the walk was first and last seen, and when its best chip was. */
  from: number
  until: number
  at: number
  receivedAt: number
  /** Of the best chip. */
  shot: number
  quality: number
  box: [number, number, number, number]
  /** Longer side of the largest face, pixels of its frame. */
  side: number
  /** See Evidence. */
  coherence: number
  chips: number
  pictured: boolean
  /** What it takes on the disk. */
  bytes: number
}

/** What is new, with what it looks like: the walk's fused probe, and the best chip where one is kept. */
export type NewKept = {
  kept: Omit<Kept, 'bytes' | 'pictured'>
  probe: Embedding
  picture: Uint8Array | null
}

/** What a sighting takes on the disk, nearly. */
export function bytesOf({ probe, picture }: NewKept): number {
  return BODY_BYTES + probe.byteLength + (picture?.length ?? 0)
}

type Body = Omit<Kept, 'id' | 'slot' | 'pictured' | 'bytes'>
type Sealed = Omit<Selectable<PastSchema['sightings']>, 'picture'> & { pictureBytes: number | null }

/*
 * What is sealed of a sighting:
 *
 *   Offset  Size  Field
 *   0       4     n, little-endian
 *   4       n     all of it but what it looks like, JSON
 *   4+n     4·d   the walk's fused probe, little-endian float32
 */

/** As it is stored. */
export function sealed(key: EntryKey, { kept, probe, picture }: NewKept) {
  const { id, slot, ...body } = kept
  const text = Buffer.from(JSON.stringify(body satisfies Body))
  const size = Buffer.alloc(4)
  size.writeUInt32LE(text.length)
  const plain = Buffer.concat([size, text, encodeEmbedding(probe)])
  return {
    id,
    slotId: slot,
    body: key.seal(bodyPlace(id), plain),
    picture: picture === null ? null : key.seal(picturePlace(id), picture),
  }
}

/** Throws IntegrityFault `vault.changed`. */
export function opened(
  key: EntryKey,
  { id, slotId, body, pictureBytes }: Sealed,
): { kept: Kept; probe: Embedding } {
  const plain = key.open(bodyPlace(id), body)
  const end = 4 + plain.readUInt32LE()
  const about = JSON.parse(plain.subarray(4, end).toString()) as Body
  const bytes = plain.subarray(end)
  return {
    kept: {
      ...{ id, slot: slotId, ...about },
      pictured: pictureBytes !== null,
      bytes: body.length + (pictureBytes ?? 0),
    },
    probe: decodeEmbedding(bytes, bytes.length / Float32Array.BYTES_PER_ELEMENT),
  }
}

const bodyPlace = (id: string) => ({ table: 'sightings', row: id, column: 'body' })
export const picturePlace = (id: string) => ({ table: 'sightings', row: id, column: 'picture' })
