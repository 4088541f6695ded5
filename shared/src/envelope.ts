import { ProtocolFault } from './errors.ts'

/*
 * One unit on the wire.
 *
 *   Offset  Size  Field
 *   0       4     length of the body in bytes, unsigned, big-endian, 1 … limit
 *   4       n     body: one msgpack map (see message.ts)
 */

const HEADER_BYTES = 4

/** Longest body in bytes before the peer is welcome: room for a hello, none for a flood. */
export const STRANGER_LIMIT = 4 * 1024

/** Longest body in bytes once the peer is welcome. */
export const WELCOME_LIMIT = 256 * 1024

/** Puts the length before `body` (1 … 2³²−1 bytes). */
export function encodeEnvelope(body: Uint8Array): Buffer {
  const envelope = Buffer.allocUnsafe(HEADER_BYTES + body.length)
  envelope.writeUInt32BE(body.length, 0)
  envelope.set(body, HEADER_BYTES)
  return envelope
}

/**
 * Cuts a byte stream into bodies. The length is judged on the header, before any of the body is
 * kept; a body that arrives in one chunk is handed on without a copy.
 */
export class EnvelopeReader {
  /** Longest body accepted from here on, in bytes. */
  limit: number
  #header = Buffer.alloc(HEADER_BYTES)
  #headerBytes = 0
  #bodyBytes = 0
  #parts: Uint8Array[] = []
  #held = 0

  constructor(limit: number = STRANGER_LIMIT) {
    this.limit = limit
  }

  /** True between two envelopes: ending here loses nothing. */
  get idle(): boolean {
    return this.#headerBytes === 0
  }

  /** Bytes that have come of an envelope that is not whole. */
  get begun(): number {
    return this.#headerBytes + this.#held
  }

  /** Yields every body that `chunk` completes. Throws ProtocolFault `envelope.*`. */
  *push(chunk: Uint8Array): Generator<Uint8Array, void, undefined> {
    let at = 0
    while (at < chunk.length) {
      if (this.#headerBytes < HEADER_BYTES) {
        this.#header[this.#headerBytes++] = chunk[at++]!
        if (this.#headerBytes === HEADER_BYTES) this.#judge()
        continue
      }
      const missing = this.#bodyBytes - this.#held
      const part = chunk.subarray(at, at + missing)
      at += part.length
      if (part.length < missing) {
        this.#parts.push(part)
        this.#held += part.length
        continue
      }
      yield this.#complete(part)
    }
  }

  /** Says that the stream has ended. Throws ProtocolFault `envelope.truncated` inside an envelope. */
  finish(): void {
    if (!this.idle) throw new ProtocolFault('envelope.truncated', 'stream ended inside an envelope')
  }

  #judge(): void {
    this.#bodyBytes = this.#header.readUInt32BE(0)
    if (this.#bodyBytes === 0) throw new ProtocolFault('envelope.empty', 'envelope of length 0')
    if (this.#bodyBytes > this.limit) {
      throw new ProtocolFault(
        'envelope.too-large',
        `envelope of ${this.#bodyBytes} bytes, limit ${this.limit}`,
      )
    }
  }

  #complete(last: Uint8Array): Uint8Array {
    const body = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last])
    this.#headerBytes = 0
    this.#parts = []
    this.#held = 0
    return body
  }
}
