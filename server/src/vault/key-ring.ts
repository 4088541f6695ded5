import { createHash } from 'node:crypto'
import { IntegrityFault } from '@vedette/shared/errors'
import { newSealKey, parseSealKey, sealKeyText } from '@vedette/shared/seal'

/** Versions of the key-encryption key, oldest first; the last wraps what is new. */
export type KeyRing = readonly RingKey[]
export type RingKey = { version: number; key: Buffer }

const LINE = /^(\d{1,9}) ([0-9a-f]{64})$/i
const HEADING =
  '# The keys of a Vedette vault: version and key, the last is in use. Keep a copy elsewhere.'

/**
 * Reads a ring: 64 hexadecimal digits are version 1; else each line holds a version and its key, in
 * rising order. `where` is named in the fault. Throws IntegrityFault `vault.key-invalid`.
 */
export function parseRing(text: string, where: string): KeyRing {
  const single = parseSealKey(text)
  if (single !== undefined) return [{ version: 1, key: single }]
  const lines = text.split('\n').map((line) => line.trim())
  const ring = lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, version = '', digits = ''] = LINE.exec(line) ?? []
      const key = parseSealKey(digits)
      if (key === undefined) throw invalid(where)
      return { version: Number(version), key }
    })
  const rising = ring.every(({ version }, i) => version > (ring[i - 1]?.version ?? 0))
  if (ring.length === 0 || !rising) throw invalid(where)
  return ring
}

/** The reverse of `parseRing`; a ring that is version 1 alone is written as it always was. */
export function ringText(ring: KeyRing): string {
  const [first] = ring
  if (ring.length === 1 && first!.version === 1) return sealKeyText(first!.key)
  const lines = ring.map(({ version, key }) => `${version} ${key.toString('hex')}`)
  return `${[HEADING, ...lines].join('\n')}\n`
}

/** `ring` with a new random key behind the others. */
export function withNewKey(ring: KeyRing): KeyRing {
  return [...ring, { version: activeOf(ring).version + 1, key: newSealKey() }]
}

/** `ring` with its last key alone. */
export function withLastOnly(ring: KeyRing): KeyRing {
  return [activeOf(ring)]
}

/** The key that wraps what is new. */
export function activeOf(ring: KeyRing): RingKey {
  return ring.at(-1)!
}

/** By which people and the database know a key; it says nothing of the key. */
export function markOf(key: Buffer): string {
  return createHash('sha256')
    .update('vedette vault key mark')
    .update(key)
    .digest('hex')
    .slice(0, 16)
}

function invalid(where: string): IntegrityFault {
  return new IntegrityFault('vault.key-invalid', `${where} does not hold a vault key`, {
    hint: 'put back the copy that you keep apart from the database',
  })
}
