import type { Decided } from '@vedette/server/desk/answered/decisions'
import type { BoardAlert, Card, Queue } from '@vedette/server/desk/answered/queue'
import type { Problem } from '@vedette/server/desk/problem'
import type { NamedAlert } from '@vedette/server/desk/routes/alerts'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Browser, PASSWORD, signable } from '../../support/server-console.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const hand = { by: 'anna', from: 'here', why: null }
let desk: TestDesk
let anna: DeskUser
let jane: string

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  jane = await desk.entry('Jane')
})

afterEach(() => desk[Symbol.asyncDispose]())
afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

const queue = async (who = anna) => jsonOf<Queue>(await who.get('/alerts/queue'))
const idsOf = ({ alerts }: Queue) => alerts.map(({ id }) => id)

/** Raises one at `camera`; gives its id. */
async function raise(entry: string, more: Parameters<TestDesk['alert']>[1] = {}): Promise<string> {
  await desk.alert(entry, more)
  return jsonOf<NamedAlert[]>(await anna.get('/alerts?limit=1'))[0]!.id
}

async function somebodyElse(name: string, more: Parameters<TestDesk['account']>[2] = {}) {
  await desk.account(name, 'operator', more)
  return desk.user((await deployment.issue('operator', name)).credentials)
}

/** Somebody on a list of their own. */
async function wantedUrgently(name: string, policy: object): Promise<string> {
  await desk.lists.add('urgent', { name: 'Urgent', priority: 1, ...policy }, hand)
  const id = await desk.entry(name)
  await anna.send(`/entries/${id}/move`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ list: 'urgent' }),
  })
  return id
}

describe('the queue', () => {
  it('has what waits, the most urgent list first and of each the oldest, with all to decide by', async () => {
    const first = await raise(jane, { probe: { camera: 'north' } })
    const second = await raise(jane, { probe: { camera: 'south', capturedAt: 1_763_650_060_000 } })
    const urgent = await wantedUrgently('Ulla', {})
    const third = await raise(urgent, { list: 'urgent' })
    await raise(jane)
    await anna.post(`/alerts/${await raise(jane)}/resolve`, { outcome: 'true', note: 'x' })
    const found = await queue()
    expect(idsOf(found).slice(0, 3)).toEqual([third, first, second])
    expect(found.alerts).toHaveLength(4)
    const card = found.alerts.find(({ id }) => id === second)!
    expect(card).toMatchObject({
      name: 'Jane',
      persons: [{ entry: jane, name: 'Jane', photos: 1, photo: 1, reason: expect.any(String) }],
    })
    expect(card.earlier.count).toBeGreaterThan(0)
    expect(card.earlier.last).toMatchObject({ agent: 'gate-7' })
    expect(found.lists.find(({ id }) => id === 'urgent')).toMatchObject({ silent: false })
    expect(jsonOf<Card>(await anna.get(`/alerts/${second}/card`))).toEqual(card)
  })

  it('says which of two it may be where nobody can tell, and shows both', async () => {
    const twin = await desk.entry('Jean')
    await raise(jane, { rival: twin })
    const [card] = (await queue()).alerts
    expect(card?.name).toBeUndefined()
    expect(card?.persons.map(({ name }) => name)).toEqual(['Jane', 'Jean'])
  })

  it('has nothing of what was withdrawn before anybody saw to it', async () => {
    const probe = { track: 'walk', camera: 'north' }
    await raise(jane, { probe })
    await desk.alert(jane, { standing: 'fallen', probe })
    expect((await queue()).alerts).toEqual([])
  })

  it('has nothing of lists and cameras that are not there for who asks', async () => {
    const urgent = await wantedUrgently('Ulla', {})
    const hidden = await raise(urgent, { list: 'urgent' })
    const north = await raise(jane, { probe: { camera: 'north' } })
    await raise(jane, { probe: { camera: 'south' } })
    const bert = await somebodyElse('bert', { lists: ['wanted'], cameras: ['gate-7/north'] })
    const found = await queue(bert)
    expect(idsOf(found)).toEqual([north])
    expect(found.alerts[0]?.earlier).toEqual({ count: 0, last: null })
    expect(found.lists.map(({ id }) => id)).toEqual(['wanted'])
    expect((await bert.get(`/alerts/${hidden}/card`)).status).toBe(404)
    expect(jsonOf<BoardAlert[]>(await bert.get('/alerts/board'))).toHaveLength(1)
  })
})

it('a list is silent in its quiet hours, as the queue says', async () => {
  const days = [1, 2, 3, 4, 5, 6, 7] as const
  const quiet = { zone: 'UTC', spans: [{ days: [...days], from: '00:00', to: '24:00' }] }
  await wantedUrgently('Ulla', { quiet, sound: 'once' })
  const { lists } = await queue()
  expect(lists.map(({ id, silent, sound }) => [id, silent, sound])).toEqual([
    ['urgent', true, 'once'],
    ['wanted', false, 'repeat'],
  ])
  expect(jsonOf<Queue['lists']>(await anna.get('/alerts/lists'))).toEqual(lists)
})

it('the board of the room shows no name and no face where the list says so', async () => {
  const urgent = await wantedUrgently('Ulla', { boardNames: false })
  await raise(urgent, { list: 'urgent' })
  await raise(jane)
  const answer = await anna.get('/alerts/board')
  expect(jsonOf<BoardAlert[]>(answer)).toMatchObject([
    { name: null, picture: false, listName: 'Urgent' },
    { name: 'Jane', picture: true },
  ])
  expect(answer.bytes.toString()).not.toContain('Ulla')
  expect(answer.bytes.toString()).not.toContain(urgent)
})

it('a screen on the wall is told nothing else of such a list, whatever it asks for', async () => {
  const urgent = await wantedUrgently('Ulla', { boardNames: false })
  const id = await raise(urgent, { list: 'urgent' })
  await raise(jane)
  await signable(desk, 'wanda', 'operator')
  await using wall = new Browser(desk.desk.consolePort)
  expect((await wall.signIn('wanda', PASSWORD, { wall: true })).status).toBe(200)
  const board = jsonOf<BoardAlert[]>(await wall.ask('/api/alerts/board'))
  expect(board.map(({ name, listName }) => [name, listName])).toEqual([
    [null, 'Urgent'],
    ['Jane', 'wanted'],
  ])
  const paths = ['queue', '', `${id}`, `${id}/chip`, `${id}/card`, `${id}/life`]
  for (const path of [...paths.map((one) => `alerts/${one}`), `entries/${urgent}`, 'entries']) {
    const answer = await wall.ask(`/api/${path.replace(/\/$/, '')}`)
    expect([path, answer.bytes.includes('Ulla')]).toEqual([path, false])
    if (path.includes(id) || path.includes(urgent))
      expect([path, answer.status]).toEqual([path, 404])
  }
  const stream = await wall.open('/api/alerts/events?since=0')
  const told: string[] = []
  for await (const chunk of stream.body) {
    told.push(String(chunk))
    if (told.join('').includes('Jane')) break
  }
  expect(told.join('')).toContain('event: board')
  expect(told.join('')).not.toContain('Ulla')
})

describe('one decision of many', () => {
  const decide = async (body: object, who = anna) =>
    jsonOf<Decided[]>(await who.post('/alerts/decide', body))

  it('is made of each by itself, and tells of each what came of it', async () => {
    const [one, two] = [await raise(jane), await raise(jane)]
    await anna.post(`/alerts/${two}/resolve`, { outcome: 'true', note: 'x' })
    const made = await decide({ do: 'take', ids: [one, two, 'none', one] })
    expect(made).toMatchObject([
      { id: one, alert: { state: 'acknowledged', acknowledgedBy: 'anna' } },
      { id: two, problem: { code: 'alert.wrong-state', status: 409 } },
      { id: 'none', problem: { code: 'alert.not-found', status: 404 } },
    ])
    const all = { do: 'resolve', outcome: 'false', note: 'a class of pupils', ids: [one] }
    expect(await decide(all)).toMatchObject([{ alert: { state: 'resolved', outcome: 'false' } }])
    expect(await decide({ do: 'undo', ids: [one] })).toMatchObject([
      { alert: { state: 'acknowledged' } },
    ])
  })

  it('does nothing to what is not there for who asks', async () => {
    const south = await raise(jane, { probe: { camera: 'south' } })
    const bert = await somebodyElse('bruno', { cameras: ['gate-7/north'] })
    const before = desk.digest()
    expect(await decide({ do: 'take', ids: [south] }, bert)).toMatchObject([
      { id: south, problem: { code: 'alert.not-found' } },
    ])
    expect(desk.digest()).toBe(before)
  })

  it.each([
    ['of nothing', { do: 'take', ids: [] }],
    ['of more than 200', { do: 'take', ids: Array.from({ length: 201 }, (_, i) => `${i}`) }],
    ['that is none', { do: 'delete', ids: ['x'] }],
    ['without a note', { do: 'resolve', outcome: 'true', note: '', ids: ['x'] }],
    ['for less than a minute', { do: 'park', for: 59_999, ids: ['x'] }],
    ['for more than a shift', { do: 'park', for: 8 * 3_600_000 + 1, ids: ['x'] }],
  ])('%s is refused', async (_what, body) => {
    const answer = await anna.post('/alerts/decide', body)
    expect([answer.status, jsonOf<Problem>(answer).code]).toEqual([400, 'request.invalid'])
  })

  it('is for those who may decide', async () => {
    const id = await raise(jane)
    await desk.account('vera', 'viewer')
    const vera = desk.user((await deployment.issue('operator', 'vera')).credentials)
    for (const path of ['/alerts/decide', `/alerts/${id}/take`, `/alerts/${id}/park`]) {
      const answer = await vera.post(path, { do: 'take', ids: [id], for: 60_000 })
      expect([path, answer.status]).toEqual([path, 403])
    }
  })
})
