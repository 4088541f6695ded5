import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/*
 * A sealed value, AES-256-GCM:
 *
 *   Offset  Size  Field
 *   0       1     format, 1
 *   1       12    nonce, random
 *   13      n     ciphertext
 *   13+n    16    tag over ciphertext and place
 *
 * The place is authenticated and not stored: a value moved to another place is as good as changed.
 */

const FORMAT = 1
const KEY_BYTES = 32
const KEY_TEXT = /^[0-9a-f]{64}$/i
const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Bytes that sealing adds to a value. */
export const SEAL_BYTES = 1 + NONCE_BYTES + TAG_BYTES

/** A new random key, 32 bytes. */
export function newSealKey(): Buffer {
  return randomBytes(KEY_BYTES)
}

/** A key as its file holds it: 64 hexadecimal digits and the end of the line. */
export function sealKeyText(key: Buffer): string {
  return `${key.toString('hex')}\n`
}

/** The reverse of `sealKeyText`, undefined for any other text. */
export function parseSealKey(text: string): Buffer | undefined {
  const digits = text.trim()
  return KEY_TEXT.test(digits) ? Buffer.from(digits, 'hex') : undefined
}

/** Seals `value` for `place`: what it is called there, part by part. */
export function seal(
  key: Buffer,
  place: readonly (string | number)[],
  value: Uint8Array,
): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bytesOf(place))
  const head = Uint8Array.of(FORMAT)
  return Buffer.concat([head, nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()])
}

/** Throws what Node throws where the value was changed, moved, or sealed by another key. */
export function unseal(
  key: Buffer,
  place: readonly (string | number)[],
  sealed: Uint8Array,
): Buffer {
  const body = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  if (body[0] !== FORMAT) throw new RangeError('unknown format')
  const nonce = body.subarray(1, 1 + NONCE_BYTES)
  const end = body.length - TAG_BYTES
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(bytesOf(place)).setAuthTag(body.subarray(end))
  return Buffer.concat([decipher.update(body.subarray(1 + NONCE_BYTES, end)), decipher.final()])
}

function bytesOf(place: readonly (string | number)[]): Buffer {
  return Buffer.from(JSON.stringify(place))
}
