import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { withNewKey } from '@vedette/server/vault/key-ring'
import { KeyRotation } from '@vedette/server/vault/key-rotation'
import { KeySource, parseKeyPlace } from '@vedette/server/vault/key-source'
import { systemClock } from '@vedette/shared/clock'
import { ConfigFault, IntegrityFault, Refusal } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { LogBook } from '../../support/server-log.ts'
import { newEntry, newPhoto, SPACE, TemporaryStore } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

const hand = { by: 'anna', from: '127.0.0.1', why: null }
const book = new LogBook()

let stored: TemporaryStore
let source: KeySource

beforeEach(async () => {
  stored = await TemporaryStore.make()
  source = new KeySource({ kind: 'file', path: stored.keyFile })
  for (let i = 0; i < 90; i++) await stored.store.entries.add(newEntry(`p${i}`), [newPhoto(i)])
})
afterEach(() => stored[Symbol.asyncDispose]())

const rotation = () =>
  new KeyRotation({ store: stored.store, source, clock: systemClock, log: book.log })

async function settled(keys: KeyRotation): Promise<void> {
  await expect.poll(() => keys.status.running).toBe(false)
}

async function readable(): Promise<number> {
  const { entries, seals } = stored.store
  for (const _progress of seals.checkAll());
  expect(seals.damages).toEqual([])
  expect(await entries.all()).toHaveLength(90)
  return (await entries.templates(SPACE)).length
}

describe('replacing the key of the vault', () => {
  it('wraps all keys anew, and needs the former key no more', async () => {
    await using keys = rotation()
    const former = await readFile(stored.keyFile)
    await source.write(withNewKey(await source.read()))
    expect(await keys.rotate()).toMatchObject({ version: 2, running: true })
    await settled(keys)
    expect(keys.status).toMatchObject({ done: true, damaged: 0, versions: [1, 2] })
    expect(await keys.retire(hand)).toMatchObject({ versions: [2] })
    await source.write((await source.read()).slice(-1))
    await stored.close()
    await stored.open()
    expect(await readable()).toBe(90)
    await stored.close()
    await writeFile(stored.keyFile, former)
    const error = await rejectionOf(stored.open(), IntegrityFault)
    expect([error.code, error.hint]).toEqual([
      'vault.key-lost',
      expect.stringContaining('newest copy'),
    ])
  })

  it('goes on after it was cut short, wherever that was', async () => {
    await source.write(withNewKey(await source.read()))
    for (let slices = 0; slices < 4; slices++) {
      await stored.close()
      await stored.open()
      const run = stored.store.rewrapping.run()
      for (let i = 0; i < slices; i++) await run.next()
      await run.return(undefined)
      expect(await readable()).toBe(90)
    }
    await using keys = rotation()
    keys.start()
    await settled(keys)
    expect((await keys.retire(hand)).versions).toEqual([2])
    expect(await readable()).toBe(90)
  })

  it('takes in those who are enrolled meanwhile', async () => {
    await using keys = rotation()
    await source.write(withNewKey(await source.read()))
    await keys.rotate()
    const { entry } = await stored.store.entries.add(newEntry('late'), [newPhoto(500)])
    await settled(keys)
    await keys.retire(hand)
    expect((await stored.store.entries.get(entry.id)).name).toBe('late')
  })

  it('is refused where there is no newer key', async () => {
    await using keys = rotation()
    expect((await rejectionOf(keys.rotate(), Refusal)).code).toBe('vault.no-newer')
  })

  it('is refused with the keys of another database, and goes on with its own', async () => {
    await using keys = rotation()
    await writeFile(stored.keyFile, `1 ${'ab'.repeat(32)}\n2 ${'cd'.repeat(32)}\n`)
    expect((await rejectionOf(keys.rotate(), IntegrityFault)).code).toBe('vault.wrong-key')
    expect(await readable()).toBe(90)
  })

  it('keeps the former key while a row that was tampered with needs it', async () => {
    await using keys = rotation()
    stored.elsewhere().exec('UPDATE entries SET strictness = 7 WHERE rowid = 1')
    await source.write(withNewKey(await source.read()))
    await keys.rotate()
    await settled(keys)
    expect(keys.status).toMatchObject({ done: false, damaged: 1 })
    expect((await rejectionOf(keys.retire(hand), Refusal)).code).toBe('vault.not-done')
  })
})

describe('a place of keys', () => {
  it.each([
    ['vault.key', { kind: 'file', path: '/home/vault.key' }],
    ['file:credential:x', { kind: 'file', path: '/home/credential:x' }],
    ['credential:vault.key', { kind: 'credential', name: 'vault.key' }],
    ['passphrase:v.sealed', { kind: 'passphrase', path: '/home/v.sealed' }],
  ])('%s', (text, place) => {
    expect(parseKeyPlace(text, (path) => join('/home', path))).toEqual(place)
  })

  it('that a passphrase closes opens with it alone, and shows no key', async () => {
    await using folder = await TemporaryFolder.make()
    const path = join(folder.path, 'vault.sealed')
    const by = (passphrase: string) =>
      new KeySource(
        { kind: 'passphrase', path },
        { credentials: undefined, passphrase: async () => passphrase },
      )
    const ring = withNewKey(await source.read())
    await by('a long passphrase').create(ring)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await by('a long passphrase').read()).toEqual(ring)
    expect((await rejectionOf(by('another passphrase').read(), Refusal)).code).toBe(
      'passphrase.wrong',
    )
    expect(
      (await rejectionOf(new KeySource({ kind: 'passphrase', path }).read(), Refusal)).code,
    ).toBe('passphrase.missing')
    const text = await readFile(path, 'utf8')
    for (const { key } of ring) expect(text).not.toContain(key.toString('hex'))
    expect((await rejectionOf(by('a long passphrase').create(ring), ConfigFault)).code).toBe(
      'config.exists',
    )
  })

  it('that systemd hands over is read, and not written', async () => {
    await using folder = await TemporaryFolder.make()
    await writeFile(join(folder.path, 'vault.key'), await readFile(stored.keyFile))
    const means = { credentials: folder.path, passphrase: async () => '' }
    const handed = new KeySource({ kind: 'credential', name: 'vault.key' }, means)
    const ring = await handed.read()
    expect(ring).toEqual(await source.read())
    expect((await rejectionOf(handed.write(ring), ConfigFault)).code).toBe('config.fixed')
    const outside = new KeySource({ kind: 'credential', name: 'vault.key' })
    expect((await rejectionOf(outside.read(), IntegrityFault)).code).toBe('vault.key-missing')
  })

  it.each([
    ['versions that fall', `2 ${'ab'.repeat(32)}\n1 ${'cd'.repeat(32)}`],
    ['a version twice', `1 ${'ab'.repeat(32)}\n1 ${'cd'.repeat(32)}`],
    ['a key too short', `1 ${'ab'.repeat(31)}`],
    ['no key', '# nothing'],
  ])('with %s is refused', async (_what, text) => {
    await writeFile(stored.keyFile, text)
    expect((await rejectionOf(source.read(), IntegrityFault)).code).toBe('vault.key-invalid')
  })

  it('that was written anew holds nothing of what it held, nor does any file beside it', async () => {
    const { key } = (await source.read())[0]!
    await source.write(withNewKey(await source.read()).slice(-1))
    expect(await readFile(stored.keyFile, 'utf8')).not.toContain(key.toString('hex'))
    await expect(stat(`${stored.keyFile}.next`)).rejects.toThrow()
  })
})
