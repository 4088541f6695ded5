import { openKey, sealKey } from '@vedette/certs/sealed-key'
import { ConfigFault, Refusal } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { PASSPHRASE } from '../support/certs-deployment.ts'
import { rejectionOf } from '../support/thrown.ts'

const KEY = '-----BEGIN PRIVATE KEY-----\nnot a real one\n-----END PRIVATE KEY-----\n'
const text = await sealKey(KEY, PASSPHRASE, 'root key')

type Sealed = {
  version: number
  purpose: string
  kdf: { name: string; memory: number; passes: number; lanes: number; salt: string }
  cipher: { name: string; nonce: string; tag: string }
  key: string
}

const file = JSON.parse(text) as Sealed
const { kdf, cipher } = file

/** The file with other parts. */
function changed(parts: Partial<Sealed>): string {
  return JSON.stringify({ ...file, ...parts })
}

/** The same base64 with one bit of its first byte turned over. */
function flipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64')
  bytes[0]! ^= 1
  return bytes.toString('base64')
}

describe('a sealed key', () => {
  it('opens with its passphrase, however the keyboard spells it', async () => {
    expect(await openKey(text, PASSPHRASE, 'root key')).toBe(KEY)
    const accented = await sealKey(KEY, 'crème brûlée à deux'.normalize('NFC'), 'root key')
    expect(await openKey(accented, 'crème brûlée à deux'.normalize('NFD'), 'root key')).toBe(KEY)
  })

  it('records how the passphrase was stretched, and neither key nor passphrase', () => {
    expect(JSON.parse(text)).toMatchObject({
      version: 1,
      purpose: 'root key',
      kdf: { name: 'argon2id', memory: 65_536, passes: 3, lanes: 1 },
    })
    expect(text).not.toContain('PRIVATE')
    expect(text).not.toContain(PASSPHRASE)
  })

  it('is another file each time', async () => {
    expect(await sealKey(KEY, PASSPHRASE, 'root key')).not.toBe(text)
  })

  it('stays closed to a wrong passphrase', async () => {
    const error = await rejectionOf(openKey(text, `${PASSPHRASE}!`, 'root key'), Refusal)
    expect(error.code).toBe('passphrase.wrong')
    expect(error.hint).toBeDefined()
  })

  it.each<[string, Partial<Sealed>]>([
    ['key', { key: flipped(file.key) }],
    ['tag', { cipher: { ...cipher, tag: flipped(cipher.tag) } }],
    ['nonce', { cipher: { ...cipher, nonce: flipped(cipher.nonce) } }],
    ['salt', { kdf: { ...kdf, salt: flipped(kdf.salt) } }],
    ['passes', { kdf: { ...kdf, passes: 2 } }],
    ['memory', { kdf: { ...kdf, memory: 32_768 } }],
    ['lanes', { kdf: { ...kdf, lanes: 2 } }],
  ])('stays closed when its %s was changed', async (_part, parts) => {
    const error = await rejectionOf(openKey(changed(parts), PASSPHRASE, 'root key'), Refusal)
    expect(error.code).toBe('passphrase.wrong')
  })

  it('stays closed when it was sealed for another purpose, whatever the file says', async () => {
    const error = await rejectionOf(openKey(text, PASSPHRASE, 'vault key'), ConfigFault)
    expect(error.code).toBe('config.invalid')
    const relabelled = changed({ purpose: 'vault key' })
    const refusal = await rejectionOf(openKey(relabelled, PASSPHRASE, 'vault key'), Refusal)
    expect(refusal.code).toBe('passphrase.wrong')
  })

  it.each<[string, string]>([
    ['is not JSON', text.slice(0, -10)],
    ['asks for all the memory', changed({ kdf: { ...kdf, memory: 2 ** 31 } })],
    ['asks for another function', changed({ kdf: { ...kdf, name: 'argon2i' } })],
    ['has a short tag', changed({ cipher: { ...cipher, tag: 'AAAA' } })],
    ['is of a later version', changed({ version: 2 })],
  ])('is refused before any work when it %s', async (_what, other) => {
    const error = await rejectionOf(openKey(other, PASSPHRASE, 'root key'), ConfigFault)
    expect(error.code).toBe('config.invalid')
  })

  it('is not made with a passphrase that is short or missing', async () => {
    const short = await rejectionOf(sealKey(KEY, 'eleven char', 'root key'), Refusal)
    expect(short.code).toBe('request.invalid')
    const missing = await rejectionOf(sealKey(KEY, '', 'root key'), Refusal)
    expect(missing.code).toBe('passphrase.missing')
    await expect(sealKey(KEY, 'twelve chars', 'root key')).resolves.toContain('argon2id')
  })
})
