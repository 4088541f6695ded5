import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HeadLine } from '@vedette/server/audit/head'
import type { Verdict } from '@vedette/server/audit/verify'
import type { ActRecord } from '@vedette/server/store/audit-search'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { House } from '../../support/house.ts'
import { run } from '../../support/server-cli.ts'

let house: House

beforeAll(async () => {
  house = await House.found()
  await house.startServer()
  const ports = `gate: { port: ${house.config.gate.port} }\ndesk: { port: ${house.config.desk.port} }\n`
  await writeFile(join(house.home, 'server.yaml'), ports)
})

afterAll(() => house[Symbol.asyncDispose]())

const vedette = (...args: string[]) => run(['--home', house.home, '--operator', 'anna', ...args])
const json = <T>({ out }: { out: string }) => JSON.parse(out) as T

describe('vedette audit', () => {
  it('shows what was done, by whom, from where and why', async () => {
    await vedette('entries', 'list', '--reason', 'shift handover, gate 3')
    const found = await vedette('audit', 'search', '--kind', 'entries', '--json')
    expect(json<ActRecord[]>(found)).toEqual([
      {
        seq: expect.any(Number),
        at: expect.any(Number),
        kind: 'entries.listed',
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        by: 'anna',
        from: '127.0.0.1',
        why: 'shift handover, gate 3',
        about: {},
        details: {},
      },
    ])
    const { out } = await vedette('audit', 'tail', '-n', '50')
    const line = out.split('\n').find((text) => text.includes('entries listed'))
    expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d +\d+ +anna +127.0.0.1 .*“shift handover/)
    expect(out).toContain('server started')
  })

  it('finds by any part of it, and nothing that is not so', async () => {
    const desk = await house.desk()
    const search = async (query: string) =>
      (await desk.json<ActRecord[]>('GET', `/audit?${query}`)).map(({ kind }) => kind)
    expect(await search('by=server&kind=server')).toEqual(['server.started'])
    expect(await search('text=HANDOVER')).toEqual(['entries.listed', 'operator.signed-in'])
    expect(await search('kind=entries.listed,server&by=anna')).toEqual(['entries.listed'])
    expect(await search('by=nobody')).toEqual([])
    expect(await search('entry=nobody')).toEqual([])
    expect(await search('until=1577836800000')).toEqual([])
    expect(await search(`since=${Date.now() - 60_000}&limit=1`)).toHaveLength(1)
    await expect(search('about=x')).rejects.toMatchObject({ code: 'request.invalid' })
  })

  it('follows what is done as it is done', async () => {
    const desk = await house.desk()
    const stop = new AbortController()
    const events = desk.events('/audit/events', stop.signal)
    const first = events.next()
    const kinds: string[] = []
    await desk.json('GET', '/entries')
    for (let next = await first; !next.done && !kinds.includes('entries.listed'); ) {
      kinds.push((JSON.parse(next.value.data) as ActRecord).kind)
      if (!kinds.includes('entries.listed')) next = await events.next()
    }
    stop.abort()
    expect(kinds).toContain('audit.followed')
  })

  it('verifies the record of a server that runs', async () => {
    const { status, out, err } = await vedette('audit', 'verify')
    expect([status, err, out]).toEqual([
      0,
      '',
      expect.stringMatching(/^good {7}\d+ acts \(1 to \d+\)/),
    ])
  })

  it('shows the heads that were signed', async () => {
    const heads = json<HeadLine[]>(await vedette('audit', 'heads', '--json'))
    expect(heads[0]).toMatchObject({ signer: expect.stringMatching(/^[0-9a-f]{32}$/) })
    const file = await readFile(join(house.home, 'data', 'audit.heads'), 'utf8')
    expect(heads.map((head) => JSON.stringify(head)).join('\n')).toBe(file.trimEnd())
  })
})

describe('an exported record', () => {
  const file = () => join(house.home, 'record.jsonl')
  const elsewhere = () => run(['--home', '/nowhere', 'audit', 'verify', '--json', '--file', file()])

  beforeAll(async () => {
    expect((await vedette('audit', 'export', file())).status).toBe(0)
  })

  it('is verified where there is no server, no vault and no deployment', async () => {
    const { status, out, err } = await elsewhere()
    expect([status, json<Verdict>({ out })]).toMatchObject([
      0,
      { good: true, unsigned: 0, pinned: false, findings: [] },
    ])
    expect(err).toContain('the file itself names')
    const { out: pinned } = await vedette('audit', 'verify', '--json', '--file', file())
    expect(json({ out: pinned })).toMatchObject({ good: true, pinned: true })
  })

  it('is not written over another file, nor is another file taken for one', async () => {
    const again = await vedette('audit', 'export', file())
    expect([again.status, again.err]).toEqual([7, expect.stringContaining('not there yet')])
    const other = await vedette('audit', 'verify', '--file', join(house.home, 'server.yaml'))
    expect([other.status, other.err]).toEqual([7, expect.stringContaining('no export')])
  })

  it('is found out wherever it is changed', async () => {
    const { verifyExport } = await import('@vedette/server/audit/export-file')
    const whole = await readFile(file(), 'utf8')
    const random = seeded(11)
    for (let i = 0; i < 300; i++) {
      const at = Math.floor(random() * whole.length)
      const letter = whole[at] === 'q' ? 'z' : 'q'
      const changed = whole.slice(0, at) + letter + whole.slice(at + 1)
      expect([at, (await verifyExport(changed))?.good ?? false]).toEqual([at, false])
      const cut = whole.slice(0, at)
      expect([at, (await verifyExport(cut))?.good ?? false]).toEqual([at, false])
    }
    const lines = whole.split('\n')
    lines.splice(2, 1)
    expect((await verifyExport(lines.join('\n')))?.findings).toContainEqual({
      what: 'export-edited',
    })
  })

  it('is not good by another key than the one that is trusted', async () => {
    const other = await House.found()
    await using _other = other
    await other.startServer()
    const key = join(other.home, 'certs', 'audit', 'public.pem')
    const { status, out } = await vedette(
      'audit',
      'verify',
      '--json',
      '--file',
      file(),
      '--key',
      key,
    )
    expect(status).toBe(7)
    const { findings } = json<Verdict>({ out })
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['head-foreign', 'export-edited']),
    )
  })
})

describe('a database that was changed', () => {
  it('is found out before the server starts on it, and by whoever looks at it', async () => {
    await house.stopServer()
    const database = join(house.home, 'data', 'wanted.db')
    const copy = join(house.home, 'copy.db')
    await copyFile(database, copy)
    const heads = join(house.home, 'data', 'audit.heads')
    const look = () => vedette('audit', 'verify', '--database', copy, '--heads', heads)
    expect((await look()).status).toBe(0)
    const db = new BetterSqlite3(copy)
    db.exec('DROP TRIGGER bodiesStand')
    db.exec(`UPDATE actBodies SET body = replace(body, '"by":"', '"by":"x') WHERE seq = 2`)
    db.exec(`DROP TRIGGER actsAreKept; DROP TRIGGER bodiesAreKept; PRAGMA foreign_keys = OFF;
      DELETE FROM actSubjects WHERE seq > 5; DELETE FROM actBodies WHERE seq > 5;
      DELETE FROM acts WHERE seq > 5;`)
    db.close()
    const { status, out } = await look()
    expect(status).toBe(7)
    expect(out).toMatch(/^NOT GOOD/)
    expect(out).toContain('act 2 was edited (who, why or what about)')
    expect(out).toMatch(/truncated after act 5: the head of \S+ is of act \d+/)

    const aside = `${database}.aside`
    await copyFile(database, aside)
    await copyFile(copy, database)
    await writeFile(`${database}-wal`, '')
    const server = (...args: string[]) =>
      run(['--home', house.home, ...args], { program: 'vedette-server' })
    const refused = await server()
    expect([refused.status, refused.err]).toEqual([
      78,
      expect.stringMatching(/the database ends at act 5.*\n.*--accept-rollback/),
    ])
    await copyFile(aside, database)
    await house.startServer()
    expect((await vedette('audit', 'verify')).status).toBe(0)
  })
})
