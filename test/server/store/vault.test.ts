import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type EntryKey, type Place, Vault } from '@vedette/server/store/vault'
import { ConfigFault, IntegrityFault } from '@vedette/shared/errors'
import { afterAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { rejectionOf, thrownBy } from '../../support/thrown.ts'

const folder = await TemporaryFolder.make()
const keyFile = join(folder.path, 'keys', 'vault.key')
await Vault.create(keyFile)
const vault = await Vault.open(keyFile)

afterAll(() => folder[Symbol.asyncDispose]())

const place: Place = { table: 'photos', row: 'p-1', column: 'image' }
const secret = Buffer.from('a face')

const refused = (open: () => unknown) => thrownBy(open, IntegrityFault).code

describe('a sealed value', () => {
  it('opens where it was sealed', () => {
    const { key, wrapped } = vault.newKey('e-1')
    const again = vault.unwrap('e-1', wrapped)
    for (const value of [secret, Buffer.alloc(0), Buffer.alloc(100_000, 7)]) {
      expect(Buffer.compare(again.open(place, key.seal(place, value)), value)).toBe(0)
    }
  })

  it('is different each time, and shows nothing of what it holds', () => {
    const { key } = vault.newKey('e-1')
    const sealed = Array.from({ length: 100 }, () => Buffer.from(key.seal(place, secret)))
    expect(new Set(sealed.map((bytes) => bytes.toString('hex'))).size).toBe(100)
    expect(new Set(sealed.map((bytes) => bytes.toString('hex', 1, 13))).size).toBe(100)
    for (const bytes of sealed) {
      expect(bytes).toHaveLength(1 + 12 + secret.length + 16)
      expect(bytes.includes(secret)).toBe(false)
    }
  })

  it.each<[string, Partial<Place>]>([
    ['row', { row: 'p-2' }],
    ['table', { table: 'alerts' }],
    ['column', { column: 'chip' }],
  ])('is refused when it was moved to another %s', (_what, moved) => {
    const { key } = vault.newKey('e-1')
    const sealed = key.seal(place, secret)
    expect(refused(() => key.open({ ...place, ...moved }, sealed))).toBe('vault.changed')
  })

  it('cannot be moved by names that run together', () => {
    const { key } = vault.newKey('e-1')
    const sealed = key.seal({ table: 'a', row: 'b","c', column: 'd' }, secret)
    expect(refused(() => key.open({ table: 'a', row: 'b', column: 'c","d' }, sealed))).toBe(
      'vault.changed',
    )
  })

  it('is refused with each single bit flipped', () => {
    const { key } = vault.newKey('e-1')
    const sealed = key.seal(place, secret)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect([bit, refused(() => key.open(place, changed))]).toEqual([bit, 'vault.changed'])
    }
  })

  it('is refused at every shorter length, and longer by a byte', () => {
    const { key } = vault.newKey('e-1')
    const sealed = Buffer.from(key.seal(place, secret))
    const lengths = Array.from(sealed.keys(), (length) => sealed.subarray(0, length))
    for (const bytes of [...lengths, Buffer.concat([sealed, Buffer.of(0)])]) {
      expect(refused(() => key.open(place, bytes))).toBe('vault.changed')
    }
  })

  it('is refused to the key of another entry', () => {
    const sealed = vault.newKey('e-1').key.seal(place, secret)
    expect(refused(() => vault.newKey('e-1').key.open(place, sealed))).toBe('vault.changed')
  })

  it('is opened from the middle of a larger buffer', () => {
    const { key } = vault.newKey('e-1')
    const sealed = key.seal(place, secret)
    const around = Buffer.concat([Buffer.alloc(5), sealed, Buffer.alloc(9)])
    const opened = key.open(place, around.subarray(5, 5 + sealed.length))
    expect(opened.equals(secret)).toBe(true)
  })
})

describe('the key of an entry', () => {
  const attempts: [string, (wrapped: Uint8Array) => Promise<EntryKey> | EntryKey][] = [
    ['for another entry', (wrapped) => vault.unwrap('e-2', wrapped)],
    [
      'by a copy with a bit flipped',
      (wrapped) => vault.unwrap('e-1', wrapped.with(20, wrapped[20]! ^ 1)),
    ],
  ]

  it.each(attempts)('is not unwrapped %s', (_what, unwrap) => {
    const { wrapped } = vault.newKey('e-1')
    expect(refused(() => unwrap(wrapped))).toBe('vault.changed')
  })

  it('is not unwrapped by another vault', async () => {
    const other = join(folder.path, 'other.key')
    await Vault.create(other)
    const stranger = await Vault.open(other)
    const { wrapped } = vault.newKey('e-1')
    expect(refused(() => stranger.unwrap('e-1', wrapped))).toBe('vault.changed')
  })
})

describe('the key file', () => {
  it('is for its owner alone, and never overwritten', async () => {
    expect((await stat(keyFile)).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder.path, 'keys'))).mode & 0o777).toBe(0o700)
    expect((await rejectionOf(Vault.create(keyFile), ConfigFault)).code).toBe('config.exists')
    const { wrapped } = vault.newKey('e-1')
    expect(() => vault.unwrap('e-1', wrapped)).not.toThrow()
  })

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['short', 'ab'.repeat(31)],
    ['long', 'ab'.repeat(33)],
    ['no hexadecimal number', 'xy'.repeat(32)],
    ['a number with something behind it', `${'ab'.repeat(32)} and more`],
    ['half a digit too long', `${'ab'.repeat(32)}c`],
  ])('that is %s is refused, with where to look', async (_what, text) => {
    const file = join(folder.path, 'wrong.key')
    await rm(file, { force: true })
    if (text !== undefined) await writeFile(file, text)
    const error = await rejectionOf(Vault.open(file), IntegrityFault)
    expect(error.code).toBe(text === undefined ? 'vault.key-missing' : 'vault.key-invalid')
    expect(error.message).toContain(file)
  })

  it('may end with a line feed or not', async () => {
    const file = join(folder.path, 'plain.key')
    await writeFile(file, 'AB'.repeat(32))
    const { wrapped } = (await Vault.open(file)).newKey('e-1')
    await writeFile(file, `${'ab'.repeat(32)}\r\n`)
    const again = await Vault.open(file)
    expect(() => again.unwrap('e-1', wrapped)).not.toThrow()
  })
})
