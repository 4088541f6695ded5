import type { Act } from '@vedette/server/audit/act'
import { Unavailable } from '@vedette/shared/errors'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser
let id: string

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  id = await desk.entry('Jane Doe')
})

afterEach(async () => {
  vi.restoreAllMocks()
  await desk[Symbol.asyncDispose]()
})

afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

/** What is in the record, of one kind. */
function recorded(kind: Act['kind']) {
  const read = desk.stored.elsewhere()
  const bodies = read.prepare('SELECT body FROM acts JOIN actBodies USING (seq) WHERE kind = ?')
  return bodies
    .pluck()
    .all(kind)
    .map((body) => JSON.parse(String(body)))
}

const because = (reason: string) => ({ headers: { 'x-vedette-reason': reason } })

describe('what a route names is recorded', () => {
  it('with who, from where, why and about what', async () => {
    await anna.send(`/entries/${id}`, because('case%204711%2C%20%C3%A4'))
    expect(recorded('entry.viewed')).toEqual([
      {
        by: 'anna',
        from: '127.0.0.1',
        why: 'case 4711, ä',
        about: { entry: id },
        details: {},
        salt: expect.any(String),
      },
    ])
  })

  it('before the answer goes out', async () => {
    const note = vi.spyOn(desk.stored.store.audit, 'note')
    let resolve = () => {}
    const promise = new Promise<void>((done) => {
      resolve = done
    })
    note.mockImplementation(({ kind }) => (kind === 'entry.viewed' ? promise : Promise.resolve()))
    let answered = false
    const asked = anna.get(`/entries/${id}`).then(() => {
      answered = true
    })
    while (note.mock.calls.every(([{ kind }]) => kind !== 'entry.viewed')) {
      await new Promise(setImmediate)
    }
    expect(answered).toBe(false)
    resolve()
    await asked
  })

  it('with what the handler adds, for every picture', async () => {
    await anna.get(`/entries/${id}/photos/1`)
    expect(recorded('entry.photo-viewed')).toMatchObject([
      { about: { entry: id }, details: { photo: 1 } },
    ])
  })

  it('for whoever follows the alerts live, when the stream begins', async () => {
    const events = await anna.open('/alerts/events')
    expect(recorded('alerts.followed')).toMatchObject([{ by: 'anna', about: {} }])
    await events.return(undefined)
  })

  it('not where the call failed, nor where the route names nothing', async () => {
    expect((await anna.get('/entries/nobody')).status).toBe(404)
    expect((await anna.get('/agents')).status).toBe(200)
    expect(recorded('entry.viewed')).toEqual([])
  })

  it('or it is not shown', async () => {
    vi.spyOn(desk.stored.store.audit, 'note').mockImplementation(async () => {
      throw new Unavailable('store.full', 'no room')
    })
    for (const path of [`/entries/${id}`, `/entries/${id}/photos/1`, '/entries']) {
      const answer = await anna.get(path)
      expect([path, answer.status]).toEqual([path, 507])
      expect(jsonOf(answer)).toMatchObject({ code: 'store.full' })
      expect(answer.bytes.toString()).not.toMatch(/Jane|picture/)
    }
  })
})

it('while nothing can be recorded, people see that it is so, and signing in is recorded after', async () => {
  await using bert = desk.user(deployment.anna)
  const note = vi.spyOn(desk.stored.store.audit, 'note')
  note.mockRejectedValue(new Unavailable('store.failed', 'the disk fails'))
  expect((await bert.get('/cameras')).status).toBe(200)
  expect((await bert.get(`/entries/${id}`)).status).toBe(503)
  note.mockRestore()
  const before = recorded('operator.signed-in').length
  expect((await bert.get('/cameras')).status).toBe(200)
  expect(recorded('operator.signed-in')).toHaveLength(before + 1)
})

describe('a reason', () => {
  it.each([
    ['several lines', 'one%0Atwo'],
    ['no UTF-8', '%ff%fe'],
    ['half a letter', '%C'],
    ['a novel', 'x'.repeat(501)],
  ])('is not %s, and then nothing is shown or recorded', async (_, reason) => {
    const answer = await anna.send(`/entries/${id}`, because(reason))
    expect([answer.status, jsonOf(answer)]).toEqual([
      400,
      expect.objectContaining({ code: 'request.invalid', hint: expect.stringContaining('500') }),
    ])
    expect(recorded('entry.viewed')).toEqual([])
  })
})
