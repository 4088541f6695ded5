import type { Observed } from '@vedette/server/desk/answered/figures'
import type { HistoryPage } from '@vedette/server/desk/answered/history'
import type { Problem } from '@vedette/server/desk/problem'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'
import { newEntry, newPhoto } from '../../support/server-store.ts'

const HOUR = 3_600_000
const BEGIN = Date.UTC(2026, 10, 1)
const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser
/** Of list wanted, and of camera gate-7/north. */
let bert: DeskUser
let known: string
let secret: string

/** Six of a known person, an hour apart, at two cameras; one, late, of somebody on a secret list. */
beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  await anna.post('/lists', { id: 'secret' })
  await desk.account('bert', 'admin', { lists: ['wanted'], cameras: ['gate-7/north'] })
  bert = desk.user((await deployment.issue('operator', 'bert')).credentials)
  known = await desk.entry('=cmd|"Known", Person')
  const { entries } = desk.stored.store
  secret = (await entries.add(newEntry('Hidden', { list: 'secret' }), [newPhoto(2)])).entry.id
  for (let i = 0; i < 6; i++) {
    const camera = i % 2 === 0 ? 'north' : 'south'
    await desk.alert(known, { probe: { camera, capturedAt: BEGIN + i * HOUR } })
  }
  await desk.alert(secret, {
    list: 'secret',
    probe: { camera: 'north', capturedAt: BEGIN + 10 * HOUR, receivedAt: BEGIN + 11 * HOUR },
  })
  const [last] = (await page(anna, `entry=${known}`)).alerts
  const judged = await anna.post(`/alerts/${last!.id}/resolve`, {
    outcome: 'false',
    note: 'taller',
  })
  expect(judged.status).toBe(200)
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const page = async (user: DeskUser, query = '') =>
  jsonOf<HistoryPage>(await user.get(`/history?${query}`))
const hours = ({ alerts }: HistoryPage) =>
  alerts.map(({ capturedAt }) => (capturedAt - BEGIN) / HOUR)

describe('the past', () => {
  it('is told page by page, the latest first, without a gap or a repeat', async () => {
    const first = await page(anna, `limit=4`)
    expect(hours(first)).toEqual([10, 5, 4, 3])
    const second = await page(anna, `limit=4&before=${first.next}`)
    expect(hours(second)).toEqual([2, 1, 0])
    expect(second.next).toBeNull()
  })

  it.each([
    ['a time', `since=${BEGIN + HOUR}&until=${BEGIN + 3 * HOUR}`, [2, 1]],
    ['a camera', 'cameras=gate-7/south', [5, 3, 1]],
    ['all cameras of an agent', 'cameras=gate-7/*', [10, 5, 4, 3, 2, 1, 0]],
    ['a list', 'lists=secret', [10]],
    ['what it turned out to be', 'fates=false', [5]],
    ['what nobody said yet', 'fates=unjudged,true&lists=wanted', [4, 3, 2, 1, 0]],
    ['a state', 'state=resolved', [5]],
    ['being late', 'late=1', [10]],
    ['being found later', 'retrospective=1', []],
  ])('is asked for by %s', async (_what, query, expected) => {
    expect(hours(await page(anna, query))).toEqual(expected)
  })

  it('is counted by the hour and by what came of it, together with the first page', async () => {
    const span = `since=${BEGIN}&until=${BEGIN + 24 * HOUR}`
    const { density, alerts } = await page(anna, `${span}&step=3600000&limit=2&entry=${known}`)
    expect(alerts.length).toBe(2)
    expect(density?.counts.map(({ at }) => (at - BEGIN) / HOUR)).toEqual([0, 1, 2, 3, 4, 5])
    expect(density?.counts.at(-1)).toMatchObject({ false: 1, unjudged: 0, true: 0 })
    const unbounded = await anna.get('/history?step=3600000')
    expect([unbounded.status, jsonOf<Problem>(unbounded).code]).toEqual([400, 'request.invalid'])
  })

  it('is not there, nor counted, where it is not for whoever asks', async () => {
    const span = `since=${BEGIN}&until=${BEGIN + 24 * HOUR}`
    const { density, alerts } = await page(bert, `${span}&step=900000`)
    expect(hours({ alerts } as HistoryPage)).toEqual([4, 2, 0])
    expect(density?.counts.length).toBe(3)
    expect(hours(await page(bert, `lists=secret,wanted&cameras=gate-7/*`))).toEqual([4, 2, 0])
    expect(hours(await page(bert, `entry=${secret}`))).toEqual([])
    const table = (await bert.get('/history.csv')).bytes.toString()
    expect(table).not.toContain('Hidden')
    expect(table.trim().split('\r\n').length).toBe(1 + 3)
  })

  it('is recorded with what was asked for', async () => {
    await page(anna, `entry=${known}&limit=1`)
    const [body] = desk.stored
      .elsewhere()
      .prepare(
        "SELECT body FROM acts JOIN actBodies USING (seq) WHERE kind = 'alerts.listed' ORDER BY seq DESC",
      )
      .pluck()
      .all() as string[]
    expect(JSON.parse(body!)).toMatchObject({ by: 'anna', details: { entry: known } })
  })

  it('is saved as a table that no spreadsheet takes for a program', async () => {
    const answer = await anna.get('/history.csv?lists=wanted')
    expect(answer.headers['content-disposition']).toContain('attachment')
    const [head, ...rows] = answer.bytes.toString().trim().split('\r\n')
    const column = head!.split(',').indexOf('captured')
    expect(rows.map((row) => row.split(',')[column])).toEqual(
      [5, 4, 3, 2, 1, 0].map((i) => new Date(BEGIN + i * HOUR).toISOString()),
    )
    expect(rows[0]).toContain(`,"'=cmd|""Known"", Person",0.9600,`)
    expect(rows[0]).toContain(',resolved,false,')
    expect(desk.acts('alerts.saved').at(-1)).toEqual(['alerts.saved', 'anna', null])
  })

  it.each(['before=x', 'limit=0', 'fates=maybe', 'step=60000', 'cameras=', 'unknown=1'])(
    'refuses %s',
    async (query) => {
      const answer = await anna.get(`/history?${query}`)
      expect([answer.status, jsonOf<Problem>(answer).code]).toEqual([400, 'request.invalid'])
    },
  )
})

it('tells how long what took, of what is for whoever asks', async () => {
  const to = Date.now() + HOUR
  const all = jsonOf<Observed>(await anna.get(`/figures?from=${to - 24 * HOUR}&to=${to}`))
  expect(all.delays).toMatchObject({ past: 1, unresolved: 6, alert: { count: 6 } })
  expect(all.delays.resolved?.count).toBe(1)
  expect(all.account?.total).toMatchObject({ alerts: 7, false: 1 })
  expect(desk.acts('figures.viewed', 'report.made')).toEqual([['figures.viewed', 'anna', null]])
  const own = jsonOf<Observed>(await bert.get(`/figures?from=${to - 24 * HOUR}&to=${to}`))
  expect(own.delays).toMatchObject({ past: 0, alert: { count: 3 }, resolved: null })
  expect(own.account?.total).toMatchObject({ alerts: 3, false: 0 })
  await desk.account('otto', 'operator')
  const otto = desk.user((await deployment.issue('operator', 'otto')).credentials)
  const some = jsonOf<Observed>(await otto.get(`/figures?from=${to - 24 * HOUR}&to=${to}`))
  expect([some.account, some.delays.past]).toEqual([null, 1])
  const later = await anna.get(`/figures?from=${to}&to=${to + HOUR}`)
  expect([later.status, jsonOf<Problem>(later).code]).toEqual([400, 'request.invalid'])
})

it('leaves out what somebody tampered with, and goes on behind it', async () => {
  const [, second] = (await page(anna)).alerts
  const db = desk.stored.elsewhere()
  db.prepare('UPDATE alerts SET score = 0.999 WHERE id = ?').run(second!.id)
  const first = await page(anna, 'limit=2')
  expect(hours(first)).toEqual([10])
  expect(hours(await page(anna, `limit=2&before=${first.next}`))).toEqual([4, 3])
})
