import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ChannelAdded } from '@vedette/server/desk/routes/channels'
import type { NoticeRow } from '@vedette/server/store/notice-rows'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Receiver } from '../../support/server-channels.ts'
import { run } from '../../support/server-cli.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { openSight, TestDesk } from '../../support/server-desk.ts'
import { until } from '../../support/until.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let receiver: Receiver
let credentials: string

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  receiver = await Receiver.open()
  credentials = (await deployment.issue('operator', 'cleo')).folder
  await desk.account('cleo', 'admin')
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([receiver, deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const vedette = (...args: string[]) =>
  run(['--desk', `127.0.0.1:${desk.desk.port}`, '--credentials', credentials, ...args])

it('adds a channel, tests it, and has what could not be told tried again', async () => {
  const added = await vedette(
    ...['--json', 'channels', 'add', 'webhook', 'Duty system', '--url', `${receiver.url}/hook`],
    ...['--priority', '4', '--quiet', 'mon-sun 22:00-06:00', '--zone', 'UTC', '--urgent', '5'],
  )
  expect([added.status, added.err]).toEqual([0, ''])
  const { id, secret, rules } = JSON.parse(added.out) as ChannelAdded
  expect([rules.priority, rules.quiet?.urgent, secret?.slice(0, 6)]).toEqual([4, 5, 'whsec_'])
  const shown = await vedette('channels', 'show', id)
  expect(shown.out).toContain('mon-sun 22:00-06:00 (UTC), but for priority 5')
  expect(shown.out).not.toContain('whsec_')
  expect((await vedette('channels', 'test', id)).out).toBe('arrived: HTTP status 204\n')
  receiver.next(400)
  await desk.alert(await desk.entry())
  await until(async () => (await desk.channels.get(id)).tally.dead === 1)
  const dead = await vedette('--json', 'channels', 'dead', '--channel', id)
  const [notice] = JSON.parse(dead.out) as NoticeRow[]
  expect(notice).toMatchObject({ state: 'dead', code: 'http.400', kind: 'new' })
  expect((await vedette('channels', 'retry', id, notice!.id)).out).toBe('1 tried again\n')
  await until(async () => (await desk.channels.get(id)).tally.dead === 0)
  const told = await vedette('channels', 'deliveries', '--channel', id)
  expect(told.out).toMatch(/^NOTICE[\s\S]*new[\s\S]*sent[\s\S]*HTTP status 204/)
  expect((await vedette('channels', 'list')).out).toMatch(/webhook +Duty system +on +0 +0/)
  const off = await vedette('--json', 'channels', 'set', id, '--off', '--names', '--quiet', 'never')
  expect(JSON.parse(off.out)).toMatchObject({ on: false, rules: { names: true, quiet: null } })
  expect((await vedette('channels', 'remove', id)).out).toBe(`removed channel ${id}\n`)
})

it('takes a password from a file alone, and never shows it', async () => {
  const file = join(deployment.home, 'mail-password')
  await writeFile(file, 'geheim\n')
  const mail = await vedette(
    ...[
      '--json',
      'channels',
      'add',
      'mail',
      'Night',
      '--host',
      'mail.example',
      '--to',
      'a@b.example',
    ],
    ...['--from', 'c@d.example', '--username', 'vedette', '--channel-password-file', file],
  )
  expect(mail.status).toBe(0)
  expect(mail.out).toContain('"hasPassword":true')
  expect(mail.out).not.toContain('geheim')
  const [channel] = await desk.stored.store.channels.all()
  expect(channel!.settings).toMatchObject({ password: 'geheim' })
  const bad = await vedette('channels', 'add', 'webhook', 'Bad', '--url', 'http://a.example/')
  expect([bad.status, bad.out]).not.toEqual([0, ''])
  expect(bad.err).toContain('without only to localhost')
})
