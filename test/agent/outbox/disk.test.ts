import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outbox } from '@vedette/agent/outbox/outbox'
import type { OutboxLimits } from '@vedette/agent/outbox/row'
import { ConfigFault, IntegrityFault, Unavailable } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OutboxFolder, trackOf } from '../../support/agent-outbox.ts'
import { outgoing } from '../../support/agent-questions.ts'
import { rejectionOf } from '../../support/thrown.ts'

const nobody = new AbortController().signal

let folder: OutboxFolder

beforeEach(() => {
  folder = new OutboxFolder()
})

afterEach(() => folder[Symbol.asyncDispose]())

async function filled(count: number, limits: Partial<OutboxLimits> = {}): Promise<Outbox> {
  const outbox = await folder.open(limits)
  for (let n = 1; n <= count; n++) outbox.add(outgoing(n))
  return outbox
}

async function take(outbox: Outbox, count: number): Promise<(string | undefined)[]> {
  const tracks: (string | undefined)[] = []
  for await (const message of outbox.from(nobody)) {
    tracks.push(trackOf(message))
    if (tracks.length === count) break
  }
  return tracks
}

/** Somebody reads, as while there is a connection. */
async function connected(count = 0): Promise<Outbox> {
  const outbox = await folder.open()
  const first = outbox.from(nobody).next()
  for (let n = 1; n <= count; n++) outbox.add(outgoing(n))
  if (count > 0) await first
  return outbox
}

const toDisk = () => folder.clock.advance(50)
const picture = (n: number) => Buffer.alloc(9000, `<picture ${n}>`)

describe('the disk of an outbox', () => {
  it('is not touched for what is acknowledged in time', async () => {
    const outbox = await connected()
    const before = folder.files()
    for (let n = 1; n <= 20; n++) {
      const seq = outbox.add(outgoing(n))
      folder.clock.advance(45)
      outbox.settle(seq)
      folder.clock.advance(200)
    }
    expect(folder.files()).toEqual(before)
  })

  it('has what was not acknowledged within 50 ms, and all of it: a kill loses nothing older', async () => {
    const outbox = await connected(3)
    folder.clock.advance(49)
    expect(outbox.unsaved).toBe(3)
    outbox.add(outgoing(4))
    folder.clock.advance(1)
    expect(outbox.unsaved).toBe(0)
    folder.crash()
    expect(await take(await folder.open(), 4)).toEqual(['t1', 't2', 't3', 't4'])
  })

  it('loses at a kill what came in the first 50 ms of an outage, and that alone', async () => {
    const outbox = await connected(3)
    folder.clock.advance(49)
    folder.crash()
    expect((await folder.open()).size).toBe(0)
    expect(outbox.unsaved).toBe(3)
  })

  it('has at once what comes while nobody reads', async () => {
    const outbox = await filled(3)
    expect(outbox.unsaved).toBe(0)
    folder.crash()
    expect(await take(await folder.open(), 3)).toEqual(['t1', 't2', 't3'])
  })

  it('has at once what comes behind something that waits: a dead connection is no hope', async () => {
    const outbox = await connected(3)
    toDisk()
    outbox.add(outgoing(4))
    folder.crash()
    expect(await take(await folder.open(), 4)).toEqual(['t1', 't2', 't3', 't4'])
  })

  it('hopes again when all that waited is acknowledged', async () => {
    const outbox = await connected(1)
    toDisk()
    outbox.settle(1)
    outbox.add(outgoing(2))
    expect(outbox.unsaved).toBe(1)
  })

  it('has everything when the agent ends by itself', async () => {
    await filled(3)
    expect(await take(await folder.open(), 3)).toEqual(['t1', 't2', 't3'])
  })

  it('has nothing of what was acknowledged, a second later', async () => {
    const outbox = await filled(3)
    toDisk()
    for (const seq of [1, 2, 3]) outbox.settle(seq)
    folder.clock.advance(1000)
    folder.crash()
    expect((await folder.open()).size).toBe(0)
  })

  it('syncs every commit: WAL and synchronous FULL, at the first open and at the tenth', async () => {
    for (let run = 0; run < 10; run++) {
      await folder.open()
      expect(folder.pragmas()).toMatchObject({
        journal_mode: 'wal',
        synchronous: 2,
        secure_delete: 1,
        locking_mode: 'exclusive',
        auto_vacuum: 2,
        trusted_schema: 0,
        cell_size_check: 1,
      })
    }
  })

  it('is for one agent alone', async () => {
    await filled(1)
    const fault = await rejectionOf((async () => void folder.another())(), Unavailable)
    expect(fault).toMatchObject({ code: 'store.busy', hint: expect.stringContaining('another') })
  })

  it('shows nothing of what waits: neither picture nor place nor track', async () => {
    const outbox = await folder.open()
    const words = Array.from({ length: 50 }, (_, i) => `walk-nobody-may-know-${i}`)
    for (const [n, track] of words.entries()) {
      outbox.add(outgoing(n, { track, picture: picture(n) }))
    }
    toDisk()
    const found = [...folder.files().values()]
    for (const word of ['walk-nobody-may-know', 'gate-north', '<picture', 'dlib-resnet']) {
      expect(found.some((bytes) => bytes.includes(word))).toBe(false)
    }
    await folder.close()
    expect(await take(await folder.open(), 50)).toEqual(words)
  })

  it('can be read by its owner alone', async () => {
    await filled(1)
    toDisk()
    const mode = (name: string) => statSync(join(folder.path, name)).mode & 0o777
    expect([mode('.'), mode('outbox.db'), mode('outbox.key')]).toEqual([0o700, 0o600, 0o600])
  })

  it('is given back once nothing waits, and never grows much beyond the limit', async () => {
    const size = 2_000_000
    const outbox = await folder.open({ size })
    for (let n = 1; n <= 1000; n++) {
      outbox.add(outgoing(n, { picture: picture(n) }))
      if (n % 20 === 0) toDisk()
    }
    expect(outbox.dropped).toBeGreaterThan(500)
    const on = () => [...folder.files().values()].reduce((sum, { length }) => sum + length, 0)
    expect(on()).toBeLessThan(1.3 * size + 4_200_000)
    for await (const { seq } of outbox.from(nobody)) {
      outbox.settle(seq)
      if (outbox.size === 0) break
    }
    folder.clock.advance(1000)
    expect(on()).toBeLessThan(200_000)
  })
})

describe('what is not as it was written', () => {
  it.each([
    ['changed', 'UPDATE items SET body = zeroblob(length(body)) WHERE seq = 2'],
    ['cut off', 'UPDATE items SET body = substr(body, 1, 20) WHERE seq = 2'],
    [
      'moved from elsewhere',
      'UPDATE items SET body = (SELECT body FROM items WHERE seq = 3) WHERE seq = 2',
    ],
  ])(
    'is dropped, counted, and told of where it was %s; the others are delivered',
    async (_what, sql) => {
      await filled(4)
      await folder.close()
      folder.sql(sql)
      const outbox = await folder.open()
      expect(await take(outbox, 3)).toEqual(['t1', 't3', 't4'])
      expect(outbox.dropped).toBe(1)
      expect(await folder.metrics.metrics()).toContain('{reason="damaged"} 1')
      const again = outbox.from(nobody)
      await again.next()
      expect((await again.next()).value).toMatchObject({ track: 't3', lost: 1 })
    },
  )

  it('is given up where the file is no database, and the agent goes on', async () => {
    const { stream } = await filled(4)
    await folder.close()
    writeFileSync(join(folder.path, 'outbox.db'), Buffer.alloc(8192, 'noise'))
    const outbox = await folder.open()
    expect([outbox.size, outbox.stream === stream]).toEqual([0, false])
    expect(folder.lines('outbox.given-up')).toMatchObject([{ code: 'store.damaged' }])
    outbox.add(outgoing(1))
    expect(await take(outbox, 1)).toEqual(['t1'])
  })

  it('is given up where its key is gone, and sealed by a new one', async () => {
    await filled(4)
    await folder.close()
    folder.remove('outbox.key')
    const outbox = await folder.open()
    expect(outbox.size).toBe(0)
    expect(folder.files().get('outbox.key')!.toString()).toMatch(/^[0-9a-f]{64}\n$/)
  })

  it('is left alone where a newer Vedette wrote it', async () => {
    await filled(4)
    await folder.close()
    folder.sql('PRAGMA user_version = 2')
    const fault = await rejectionOf(folder.open(), IntegrityFault)
    expect(fault).toMatchObject({ code: 'store.newer-schema', hint: expect.any(String) })
    folder.sql('PRAGMA user_version = 1')
    expect((await folder.open()).size).toBe(4)
  })
})

describe('the key of an outbox', () => {
  const key = 'ab'.repeat(32)

  it('may be a file of its own, and then none is made', async () => {
    const file = join(folder.path, 'credential')
    writeFileSync(file, `${key}\n`)
    const outbox = await folder.open({}, file)
    outbox.add(outgoing(1))
    expect(folder.files().has('outbox.key')).toBe(false)
    expect(await take(await folder.open({}, file), 1)).toEqual(['t1'])
  })

  it.each([
    ['not there', undefined],
    ['no key', 'a secret'],
    ['too short', 'ab'.repeat(31)],
  ])('is asked for where the file is %s, and nothing is given up', async (_what, text) => {
    const file = join(folder.path, 'credential')
    writeFileSync(file, key)
    ;(await folder.open({}, file)).add(outgoing(1))
    await folder.close()
    if (text === undefined) folder.remove('credential')
    else writeFileSync(file, text)
    const fault = await rejectionOf(folder.open({}, file), ConfigFault)
    expect(fault).toMatchObject({
      code: 'config.missing',
      hint: expect.stringContaining('openssl'),
    })
    writeFileSync(file, key)
    expect((await folder.open({}, file)).size).toBe(1)
  })
})

describe('a full disk', () => {
  it('keeps what comes in memory, says so once, and writes it when there is room', async () => {
    const outbox = await filled(1)
    toDisk()
    folder.fill()
    for (let n = 2; n <= 30; n++) {
      outbox.add(outgoing(n, { picture: picture(n) }))
      folder.clock.advance(500)
    }
    expect(outbox.unsaved).toBeGreaterThan(20)
    expect(folder.lines('outbox.unsaved')).toMatchObject([{ code: 'store.full' }])
    expect(await take(outbox, 30)).toHaveLength(30)
    folder.free()
    folder.clock.advance(1000)
    expect(outbox.unsaved).toBe(0)
    folder.crash()
    expect(await take(await folder.open(), 30)).toHaveLength(30)
  })

  it('takes no more memory than the limit', async () => {
    const outbox = await folder.open({ size: 500_000 })
    folder.fill()
    for (let n = 1; n <= 200; n++) {
      outbox.add(outgoing(n, { picture: picture(n) }))
      folder.clock.advance(1000)
    }
    expect(outbox.size).toBeLessThan(60)
    expect(outbox.size + outbox.dropped).toBe(200)
    folder.free()
  })
})
