import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { issueCredentials } from '@vedette/certs/pki'
import { listsCommand } from '@vedette/server/cli/commands/lists'
import { hoursText, parseSpans } from '@vedette/server/cli/hours-text'
import { policyFrom } from '@vedette/server/cli/list-options'
import { span } from '@vedette/server/cli/span'
import { readServerConfig } from '@vedette/server/config'
import type { NamedRequest } from '@vedette/server/desk/answered/requests'
import { policyChange } from '@vedette/server/lists/policy'
import { Server } from '@vedette/server/server'
import type { Entry } from '@vedette/server/store/entries'
import { silentLog } from '@vedette/shared/log'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSPHRASE, TemporaryFolder } from '../../support/certs-deployment.ts'
import { run } from '../../support/server-cli.ts'
import { jpegOf, oneFace } from '../../support/server-photos.ts'

const folder = await TemporaryFolder.make()
const home = join(folder.path, 'home')
const env = { VEDETTE_PASSPHRASE: PASSPHRASE, VEDETTE_HOME: home }
const photo = join(folder.path, 'erin.jpg')
const vedette = (who: string, ...args: string[]) => run(['--operator', who, ...args], { env })
let server: Server

beforeAll(async () => {
  await run(['init', '--gate-port', '0', '--operator', 'anna'], { env })
  await issueCredentials({ home, identity: { role: 'operator', name: 'bert' } })
  const config = await readServerConfig(home)
  const store = { ...config.store, reserve: 0 }
  const desk = { ...config.desk, port: 0 }
  server = await Server.start({ ...config, desk, store }, { log: silentLog })
  const yaml = await readFile(join(home, 'server.yaml'), 'utf8')
  await writeFile(join(home, 'server.yaml'), yaml.replace('7444', String(server.deskPort)))
  await vedette('anna', 'users', 'add', 'bert', '--role', 'approver', '--no-certificate')
  await writeFile(photo, await jpegOf(await oneFace(2)))
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

describe('vedette lists', () => {
  it('adds, shows, sets and removes', async () => {
    const added = await vedette(
      ...(['anna', 'lists', 'add', 'missing', '--name', 'Missing children'] as const),
      ...['--priority', '1', '--hours', 'mon-fri 07:00-19:00, sat+sun 22:00-06:00'],
      ...['--zone', 'Europe/Berlin', '--cameras', 'gate-7/*', '--usual-life', '30d'],
      ...['--demand', 'legalBasis,caseNumber', '--keep-for', '24h'],
    )
    expect([added.status, added.err]).toEqual([0, ''])
    expect(added.out).toContain('mon-fri 07:00-19:00, sat+sun 22:00-06:00 (Europe/Berlin)')
    expect(added.out).toContain('30 d, at most 365 d at a time')
    const { out } = await vedette('anna', 'lists', 'list')
    expect(out).toMatch(/^LIST +NAME +PRIORITY[\s\S]*missing +Missing children +1[\s\S]*wanted/)
    const set = await vedette('anna', 'lists', 'set', 'missing', '--hours', 'always', '--json')
    expect(JSON.parse(set.out)).toMatchObject({ list: { hours: null, priority: 1, version: 2 } })
    expect((await vedette('anna', 'lists', 'remove', 'missing')).status).toBe(0)
    const gone = await vedette('anna', 'lists', 'show', 'missing')
    expect([gone.status, gone.err]).toEqual([3, expect.stringContaining('[list.not-found]')])
  })
})

describe('two persons at the command line', () => {
  const pending = async () =>
    JSON.parse((await vedette('bert', 'entries', 'pending', '--json')).out) as NamedRequest[]

  it('are needed for somebody new, and told of', async () => {
    await vedette('anna', 'lists', 'set', 'wanted', '--approvals', '2')
    const more = ['--name', 'Erin Größe', '--alias', 'Rin']
    const enrolled = await vedette('anna', 'enroll', photo, ...more)
    expect([enrolled.status, enrolled.out]).toEqual([0, expect.stringContaining('pending')])
    const status = await vedette('anna', 'status')
    expect(status.out).toContain('requests that wait for a second person: 1')
    const { out } = await vedette('bert', 'entries', 'pending')
    expect(out).toMatch(/^REQUEST +WHAT[\s\S]*new entry +Erin Größe[\s\S]*anna/)
  })

  it('are two: who asked does not consent, and who refuses says why', async () => {
    const [request] = await pending()
    const own = await vedette('anna', 'entries', 'approve', request!.id)
    expect([own.status, own.err]).toEqual([4, expect.stringContaining('[request.own]')])
    const why = await vedette('bert', 'entries', 'refuse', request!.id)
    expect(why.err).toContain('[request.no-reason]')
    const done = await vedette('bert', 'entries', 'approve', request!.id)
    expect([done.status, done.out]).toEqual([0, 'approved  new entry: Erin Größe\n'])
    const again = await vedette('bert', 'entries', 'approve', request!.id)
    expect([again.status, again.err]).toEqual([6, expect.stringContaining('[request.decided]')])
  })

  it('are needed to need one only', async () => {
    const weaker = await vedette('anna', 'lists', 'set', 'wanted', '--approvals', '1')
    expect(weaker.out).toContain('waits for a second person')
    const shown = await vedette('bert', 'lists', 'show', 'wanted')
    expect(shown.out).toContain('two must consent')
  })

  it('find who is meant, say something else, and see who expires soon', async () => {
    const found = await vedette('bert', 'entries', 'search', 'rin', 'grosse')
    expect(found.out).toMatch(/Erin Größe +wanted +live/)
    const later = await vedette('anna', 'entries', 'list', '--expires-within', '91d', '--json')
    const [entry] = JSON.parse(later.out) as Entry[]
    const edited = await vedette('anna', 'entries', 'edit', entry!.id, '--case', 'AZ 7')
    expect(edited.out).toMatch(/^case +AZ 7$/m)
    expect((await vedette('anna', 'entries', 'list', '--expires-within', '7d')).out).toBe('none\n')
  })
})

describe('what is said of a list', () => {
  const parsed = (...args: string[]) => {
    const set = listsCommand().commands.find((command) => command.name() === 'set')!
    set
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseOptions(args)
    return policyFrom(set.opts())
  }

  it('is taken as it is written', () => {
    expect(parsed('--viewers', 'anna, bert', '--cameras', 'all', '--hours', 'always')).toEqual({
      ...{ viewers: ['anna', 'bert'], cameras: null, hours: null },
    })
    expect(parsed('--demand', 'none', '--keep-for', '2d', '--no-keep-pictures')).toEqual({
      ...{ demands: [], keepFor: 48, keepPictures: false },
    })
    expect(parsed('--escalate-after', 'usual', '--usual-life', '36h')).toEqual({
      ...{ escalateAfter: null, usualLife: 129_600_000 },
    })
    expect(parsed()).toEqual({})
  })

  it.each([
    ['--hours', 'noon-night'],
    ['--hours', 'mon 8-18'],
    ['--zone', 'Europe/Berlin'],
    ['--priority', '0'],
    ['--keep-for', '90m'],
    ['--demand', 'shoe-size'],
  ])('is not taken as %s %s', (...args) => {
    expect(() => parsed(...args)).toThrow()
  })

  it.each<[string, unknown]>([
    ['hours', { zone: 'Mars/Olympus', spans: [{ days: [1], from: '08:00', to: '09:00' }] }],
    ['hours', { zone: 'UTC', spans: [{ days: [8], from: '08:00', to: '09:00' }] }],
    ['hours', { zone: 'UTC', spans: [{ days: [1], from: '24:00', to: '09:00' }] }],
    ['hours', { zone: 'UTC', spans: [] }],
    ['colour', 'red'],
    ['priority', 6],
    ['cameras', ['everywhere']],
    ['cameras', []],
    ['approvals', 3],
    ['kind', 'attendance'],
    ['version', 1],
    ['longestLife', Number.MAX_SAFE_INTEGER],
  ])('is not taken by the desk: %s %j', (name, value) => {
    expect(policyChange.safeParse({ [name]: value }).success).toBe(false)
  })
})

describe('words of the command line', () => {
  it.each([
    ['mon-fri 08:00-18:00', 'mon-fri 08:00-18:00 (UTC)'],
    ['fri-mon 22:00-06:00', 'mon+fri-sun 22:00-06:00 (UTC)'],
    ['09:00-10:00', 'mon-sun 09:00-10:00 (UTC)'],
    ['sat 00:00-24:00,tue+wed 01:00-02:00', 'sat 00:00-24:00, tue+wed 01:00-02:00 (UTC)'],
  ])('hours: %s', (text, shown) => {
    expect(hoursText({ zone: 'UTC', spans: parseSpans(text) })).toBe(shown)
  })

  it.each([
    [90 * 86_400_000, '90 d'],
    [86_400_000, '1 d'],
    [36 * 3_600_000, '36 h'],
    [300_000, '5 min'],
    [90_000, '90 s'],
    [0, '0 s'],
  ])('a span of %i ms: %s', (ms, text) => {
    expect(span(ms)).toBe(text)
  })
})

describe('vedette api', () => {
  it('shows what may be asked, as a table or as the document', async () => {
    const table = await vedette('anna', 'api')
    expect(table.out).toMatch(/^GET +\/api\/lists\/\{id\} +lists\.view +One list$/m)
    expect(table.out).toMatch(/^DELETE +\/api\/entries\/\{id\} +entries\.erase, password /m)
    const document = JSON.parse((await vedette('anna', '--json', 'api')).out)
    expect(document.openapi).toBe('3.1.0')
    expect(document.paths['/api/lists'].get['x-needs']).toBe('lists.view')
  })

  it('is answered with a number by which an error is found in the log', async () => {
    const { err } = await vedette('anna', 'entries', 'show', 'nobody')
    expect(err).toMatch(/\[entry\.not-found\]\n.*\n {2}request [0-9a-f-]{36}\n$/)
  })
})
