import { appendFile, copyFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuditLog } from '@vedette/server/audit/audit-log'
import { judgeHead } from '@vedette/server/audit/head'
import { HeadsFile } from '@vedette/server/audit/heads-file'
import { signerFiles } from '@vedette/server/audit/signer'
import { codeOf } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { newAct } from '../../support/server-audit.ts'
import { LogBook } from '../../support/server-log.ts'
import { TemporaryStore } from '../../support/server-store.ts'

const HOUR = 3_600_000
let stored: TemporaryStore
let clock: ManualClock
let book: LogBook
let audit: AuditLog | undefined

const file = () => join(stored.folder, 'audit.heads')
const heads = async () => (await new HeadsFile(file()).read()).heads
const home = () => join(stored.folder, '..')

async function open(accept?: string): Promise<AuditLog> {
  const { audit: store } = stored.store
  const options = { store, home: home(), data: stored.folder, heads: { every: HOUR, acts: 10 } }
  audit = await AuditLog.open({ ...options, accept, clock, log: book.log })
  await audit.started({ entries: 0 })
  return audit
}

async function close(): Promise<void> {
  await audit?.[Symbol.asyncDispose]()
  audit = undefined
  await stored.close()
}

/** Opened again; the code of the fault where it is refused. */
async function again(accept?: string): Promise<string> {
  await stored.open()
  return open(accept).then(() => 'good', codeOf)
}

const note = (n: number) => stored.store.audit.note(newAct(n))
const kinds = () =>
  stored.elsewhere().prepare('SELECT kind FROM acts ORDER BY seq').pluck().all() as string[]

beforeEach(async () => {
  stored = await TemporaryStore.make()
  clock = new ManualClock(1_763_650_000_000)
  book = new LogBook()
})
afterEach(async () => {
  await audit?.[Symbol.asyncDispose]()
  audit = undefined
  await stored[Symbol.asyncDispose]()
})

/** Until it has looked whether a head is due, and waits to look again. */
async function looked(): Promise<void> {
  while (!clock.pending.includes(5000)) await new Promise(setImmediate)
}

/** Until what was set off by the clock has reached the disk. */
async function count(wanted: number): Promise<void> {
  while ((await heads()).length < wanted) await new Promise(setImmediate)
}

describe('a head is signed', () => {
  it('when the server starts and when it stops, in the database, beside it and in the log', async () => {
    const { signer } = await open()
    await note(1)
    clock.advance(1000)
    const inDatabase = async () => (await stored.store.audit.heads()).map(({ seq }) => seq)
    expect(await inDatabase()).toEqual([1])
    await close()
    expect((await heads()).map(({ seq }) => seq)).toEqual([1, 3])
    expect(book.of('audit.head').map(({ seq }) => seq)).toEqual([1, 3])
    expect(kinds()).toEqual(['server.started', 'alert.acknowledged', 'server.stopped'])
    for (const head of await heads()) expect(judgeHead(signer.known, head)).toBe('good')
  })

  it('every hour, whether anything happened or not', async () => {
    await open()
    for (const [time, wanted] of [
      [HOUR - 1, 1],
      [5001, 2],
      [HOUR, 3],
    ] as const) {
      clock.advance(time)
      await looked()
      await count(wanted)
    }
    const all = await heads()
    expect(all.map(({ seq }) => seq)).toEqual([1, 1, 1])
    expect(all[1]!.at - all[0]!.at).toBeGreaterThanOrEqual(HOUR)
    expect(all[1]!.at - all[0]!.at).toBeLessThanOrEqual(HOUR + 5000)
  })

  it('sooner where much happens', async () => {
    await open()
    for (let i = 0; i < 12; i++) await note(i)
    clock.advance(5000)
    await count(2)
    expect((await heads()).map(({ seq }) => seq)).toEqual([1, 13])
  })

  it('and the whole record is verified once a day, and aloud where it is not what it was', async () => {
    await open()
    for (let i = 0; i < 5; i++) await note(i)
    await audit!.sign()
    clock.advance(5000)
    expect(await book.line('audit.verified')).toMatchObject({ acts: 6, last: 6 })
    expect(audit!.intact).toBe(true)
    const other = stored.elsewhere()
    other.exec("DROP TRIGGER bodiesStand; UPDATE actBodies SET body = '{}' WHERE seq = 3")
    clock.advance(HOUR)
    await looked()
    expect(book.of('audit.broken')).toEqual([])
    clock.advance(24 * HOUR)
    expect(await book.line('audit.broken')).toMatchObject({
      level: 'error',
      told: ['act 3 was edited (who, why or what about)'],
    })
    expect(audit!.intact).toBe(false)
  })

  it('with a key that is for its owner alone, and the public one beside', async () => {
    const { signer } = await open()
    const { key, known } = signerFiles(home())
    expect((await stat(key)).mode & 0o777).toBe(0o600)
    expect(await readFile(known, 'utf8')).toBe(signer.publicKey)
    await close()
    expect(await again()).toBe('good')
    expect(audit?.signer.id).toBe(signer.id)
  })
})

describe('the server does not start, and says so by a code,', () => {
  beforeEach(async () => {
    await open()
    for (let i = 0; i < 5; i++) await note(i)
    await close()
    await copyFile(stored.file, `${stored.file}.older`)
    await stored.open()
    await open()
    for (let i = 0; i < 5; i++) await note(i)
    await close()
  })

  const tamper = async (sql: string) => {
    await stored.open()
    const triggers = `SELECT name FROM sqlite_master WHERE type = 'trigger'`
    const other = stored.elsewhere()
    for (const name of other.prepare(triggers).pluck().all()) other.exec(`DROP TRIGGER ${name}`)
    other.pragma('foreign_keys = OFF')
    other.exec(sql)
    await stored.close()
  }

  it('unless all is as it was', async () => {
    expect(await again()).toBe('good')
  })

  it('when an older database was put in its place', async () => {
    await copyFile(`${stored.file}.older`, stored.file)
    expect(await again()).toBe('audit.rolled-back')
  })

  it('when the end of the record is cut off, with the heads in the database', async () => {
    await tamper('DELETE FROM acts WHERE seq > 9; DELETE FROM auditHeads WHERE seq > 9')
    expect(await again()).toBe('audit.rolled-back')
  })

  it('when the last act was written anew', async () => {
    await tamper("UPDATE acts SET hash = x'00' WHERE seq = (SELECT max(seq) FROM acts)")
    expect(await again()).toBe('audit.changed')
  })

  it('when acts were put behind the end that do not follow', async () => {
    await tamper("INSERT INTO acts VALUES (99, 0, 'alert.raised', x'00', x'00')")
    expect(await again()).toBe('audit.changed')
  })

  it('when a head was forged', async () => {
    const lines = (await readFile(file(), 'utf8')).trimEnd().split('\n')
    const last = JSON.parse(lines.pop()!)
    await writeFile(file(), [...lines, JSON.stringify({ ...last, seq: 8 })].join('\n'))
    expect(await again()).toBe('audit.changed')
  })

  it('when the file of heads was taken away', async () => {
    await rm(file())
    expect(await again()).toBe('audit.heads-missing')
  })

  it('when the key was taken away', async () => {
    await rm(signerFiles(home()).key)
    expect(await again()).toBe('audit.key-missing')
    await writeFile(signerFiles(home()).key, 'no key')
    await stored.close()
    expect(await again()).toBe('audit.key-broken')
  })

  it('until somebody accepts it, which is recorded and holds from then on', async () => {
    await copyFile(`${stored.file}.older`, stored.file)
    expect(await again('restored the backup of Monday')).toBe('good')
    const bodies = stored.elsewhere().prepare(`
      SELECT body FROM acts JOIN actBodies USING (seq) WHERE kind = 'audit.accepted'`)
    expect(
      bodies
        .pluck()
        .all()
        .map((body) => JSON.parse(String(body))),
    ).toMatchObject([
      {
        by: 'server',
        why: 'restored the backup of Monday',
        details: { found: 'audit.rolled-back', acts: 7 },
      },
    ])
    await close()
    expect(await again()).toBe('good')
    expect((await readdir(stored.folder)).filter((name) => name.includes('until'))).toHaveLength(1)
  })

  it('and with a new key where the former is lost, which is known still', async () => {
    const { key } = signerFiles(home())
    await rm(key)
    expect(await again('the disk with the key died')).toBe('good')
    expect([...audit!.signer.known.keys()]).toHaveLength(2)
    for (const head of await stored.store.audit.heads()) {
      expect(judgeHead(audit!.signer.known, head)).toBe('good')
    }
  })

  it('but goes on where it was killed while it wrote the file of heads', async () => {
    const lines = (await readFile(file(), 'utf8')).trimEnd().split('\n')
    const before = await heads()
    await writeFile(file(), `${lines.slice(0, -1).join('\n')}\n${lines.at(-1)!.slice(0, 40)}`)
    expect(await again()).toBe('good')
    expect((await heads()).slice(0, before.length)).toEqual(before)
    await appendFile(file(), '{"seq":')
    await close()
    expect(await again()).toBe('good')
  })
})
