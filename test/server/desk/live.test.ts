import { once } from 'node:events'
import { connect } from 'node:tls'
import type { Problem } from '@vedette/server/desk/problem'
import { LIVE_TYPE } from '@vedette/server/live/wire'
import { dialOptions } from '@vedette/shared/tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Browser, signable } from '../../support/server-console.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'
import { livePartsOf, viewOf } from '../../support/server-live.ts'
import { until } from '../../support/until.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const why = { 'x-vedette-reason': encodeURIComponent('somebody fell') }
let desk: TestDesk
let anna: DeskUser

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  await desk.cameras.announced('gate-7', ['north', 'south'])
  await desk.cameras.announced('gate-8', ['north'])
})

beforeEach(() => {
  desk.lens.viewing = 'on'
  desk.lens.reason = 'optional'
  desk.lens.asked.length = 0
})

/** Nobody looks any more, and that is on record. */
afterEach(() =>
  until(() => {
    const [begun, ended] = ['live.begun', 'live.ended'].map(
      (kind) => acts().filter((act) => act.kind === kind).length,
    )
    return desk.live.viewers === 0 && begun === ended
  }),
)

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const codeOf = async (answer: Promise<{ status: number; bytes: Buffer }>) => {
  const { status, bytes } = await answer
  return [status, (JSON.parse(bytes.toString()) as Problem).code]
}

/** Looks through cameras as a browser would that has its certificate. */
async function look(user: DeskUser, query: string, headers = {}) {
  const leaving = new AbortController()
  const answer = await user.ask(`/live?${query}`, { headers, signal: leaving.signal })
  const parts = livePartsOf(answer.body)
  return {
    type: answer.headers['content-type'],
    leave: () => leaving.abort(),
    /** The next part that is a picture or a state. */
    async next() {
      for (;;) {
        const { value, done } = await parts.next()
        if (done) return undefined
        if (value.head.kind !== 'still') return value
      }
    },
    /** Resolves when the desk has ended it. */
    async over() {
      while (!(await parts.next().catch(() => ({ done: true }))).done) {}
    },
  }
}

describe('looking through cameras', () => {
  it('is one stream of all of them, pictures beside what is said of them, byte for byte', async () => {
    const seen = await look(anna, 'cameras=gate-7/north,gate-8/north&fps=10&side=320')
    expect(seen.type).toBe(LIVE_TYPE)
    expect(await seen.next()).toMatchObject({ head: { kind: 'state', state: 'waiting' } })
    expect(await seen.next()).toMatchObject({ head: { camera: 'gate-8/north' } })
    expect(desk.lens.asked).toMatchObject([
      { agent: 'gate-7', camera: 'north', fps: 10, side: 320 },
      { agent: 'gate-8', camera: 'north', fps: 10, side: 320 },
    ])
    const picture = Buffer.from('the very bytes that the agent sent')
    desk.live.view('gate-8', viewOf(0, { picture }))
    const shown = await seen.next()
    expect(shown?.head).toMatchObject({ kind: 'picture', camera: 'gate-8/north', width: 640 })
    expect(shown?.picture.equals(picture)).toBe(true)
    desk.live.unviewed('gate-7', { type: 'unviewed', camera: 'north', code: 'camera.stalled' })
    expect((await seen.next())?.head).toMatchObject({ state: 'refused', code: 'camera.stalled' })
    seen.leave()
  })

  it('is on record for each camera: who, why, from when until when, how many pictures', async () => {
    const before = acts().length
    const seen = await look(anna, 'cameras=gate-7/north', why)
    await seen.next()
    for (let n = 0; n < 3; n++) {
      desk.live.view('gate-7', viewOf(n))
      await seen.next()
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    seen.leave()
    await until(() => acts().length === before + 2)
    const [begun, ended] = acts().slice(before)
    const about = { agent: 'gate-7', camera: 'gate-7/north' }
    expect(begun).toMatchObject({ kind: 'live.begun', by: 'anna', why: 'somebody fell', about })
    expect(ended).toMatchObject({ kind: 'live.ended', by: 'anna', about, details: { pictures: 3 } })
    expect(desk.lens.asked.at(-1)).toMatchObject({ lease: 0 })
  })

  it('asks for a reason where the house wants one, and shows and records nothing without', async () => {
    desk.lens.reason = 'required'
    const before = acts().length
    expect(await codeOf(anna.get('/live?cameras=gate-7/north'))).toEqual([400, 'live.no-reason'])
    expect([acts().length, desk.lens.asked]).toEqual([before, []])
    const seen = await look(anna, 'cameras=gate-7/north', why)
    expect(await seen.next()).toBeDefined()
    seen.leave()
  })

  it.each([
    ['another’s camera', 'gate-8/north'],
    ['no camera', 'gate-7/attic'],
    ['what is not even a name', '../../etc/passwd'],
    ['one of theirs and one of another', 'gate-7/north,gate-8/north'],
  ])('finds none that is not there for whoever asks: %s', async (_what, cameras) => {
    const bert = await somebody('operator', { cameras: ['gate-7/*'] })
    const before = acts().length
    expect(await codeOf(bert.get(`/live?cameras=${cameras}`))).toEqual([404, 'camera.not-found'])
    expect([acts().length, desk.lens.asked, desk.live.viewers]).toEqual([before, [], 0])
  })

  it.each(['viewer', 'auditor'] as const)('is not for a %s', async (role) => {
    const user = await somebody(role)
    const answer = user.get('/live?cameras=gate-7/north')
    expect(await codeOf(answer)).toEqual([403, 'operator.not-allowed'])
    expect(desk.lens.asked).toEqual([])
  })

  it.each([
    'cameras=',
    'cameras=gate-7/north&fps=0',
    'cameras=gate-7/north&fps=11',
    'cameras=gate-7/north&side=961',
    `cameras=${Array.from({ length: 10 }, (_, i) => `gate-7/c${i}`).join(',')}`,
  ])('is refused as it cannot be asked for: %s', async (query) => {
    expect(await codeOf(anna.get(`/live?${query}`))).toEqual([400, 'request.invalid'])
  })

  it('is possible in three windows, not in four, and in three again when one was closed', async () => {
    const { credentials } = await account('operator')
    const window = () => look(desk.user(credentials), 'cameras=gate-7/north')
    const windows = await Promise.all([1, 2, 3].map(window))
    const fourth = desk.user(credentials).get('/live?cameras=gate-7/north')
    expect(await codeOf(fourth)).toEqual([429, 'live.too-many'])
    windows[0]!.leave()
    await until(() => desk.live.viewers === 2)
    const another = await window()
    for (const window of [...windows, another]) window.leave()
  })

  it('ends when the account is disabled, and the agent is told that nobody looks', async () => {
    const { name, credentials } = await account('operator')
    const seen = await look(desk.user(credentials), 'cameras=gate-7/north')
    await seen.next()
    const hand = { by: 'anna', from: '127.0.0.1', why: null }
    await desk.staff.operators.disable(name, hand)
    await seen.over()
    await until(() => desk.lens.asked.at(-1)?.lease === 0)
    await until(() => acts().at(-1)?.kind === 'live.ended')
  })

  it('ends with the session of a browser', async () => {
    await signable(desk, 'emil', 'operator')
    await using browser = new Browser(desk.desk.consolePort)
    await browser.signIn('emil')
    const answer = await browser.open('/api/live?cameras=gate-7/north')
    const parts = livePartsOf(answer.body)
    expect((await parts.next()).value).toMatchObject({ head: { kind: 'state' } })
    expect((await browser.ask('/api/session', { method: 'DELETE' })).status).toBeLessThan(300)
    await expect(async () => {
      for await (const _ of parts) {
      }
    }).rejects.toThrow()
  })

  it('of whoever takes nothing keeps nobody waiting, and piles nothing up', async () => {
    const { port } = desk.desk
    const socket = connect({
      ...dialOptions(deployment.anna, { role: 'server' }),
      ...{ host: '127.0.0.1', port },
    })
    await once(socket, 'secureConnect')
    socket.pause()
    socket.write('GET /api/live?cameras=gate-7/north&fps=10 HTTP/1.1\r\nHost: desk\r\n\r\n')
    await until(() => desk.live.viewers === 1)
    const seen = await look(anna, 'cameras=gate-7/north&fps=10')
    await seen.next()
    for (let n = 0; n < 400; n++) {
      desk.lens.ahead += 100
      desk.live.view('gate-7', viewOf(n, { picture: Buffer.alloc(60_000, n % 251) }))
      await new Promise(setImmediate)
    }
    const last = Buffer.alloc(60_000, 399 % 251)
    while (!(await seen.next())?.picture.equals(last)) {}
    const before = acts().length
    socket.destroy()
    await until(() => acts().length > before)
    const { pictures, missed } = acts().at(-1)!.details as { pictures: number; missed: number }
    // What the system's buffers hold went out; of the rest only ever one waited.
    expect(pictures).toBeLessThan(250)
    expect(pictures + missed).toBeGreaterThanOrEqual(399)
    seen.leave()
  })
})

describe('saving a live picture', () => {
  const sha256 = 'ab'.repeat(32)
  const saving = (
    user: DeskUser,
    capturedAt: number,
    { camera = 'gate-7/north', headers = why } = {},
  ) => user.post('/live/saved', { camera, capturedAt, sha256 }, headers)

  it('is on record with why and what it can be known by, and gives its name', async () => {
    const { name, credentials } = await account('operator')
    const user = desk.user(credentials)
    const seen = await look(desk.user(credentials), 'cameras=gate-7/north')
    await seen.next()
    const at = Date.now() + desk.lens.ahead
    const answer = await saving(user, at - 50)
    const file = `gate-7-north_${new Date(at - 50).toISOString().replaceAll(/[-:]/g, '')}.jpg`
    expect(jsonOf(answer)).toEqual({ name: file })
    expect(acts().at(-1)).toMatchObject({
      ...{ kind: 'live.saved', by: name, why: 'somebody fell' },
      about: { agent: 'gate-7', camera: 'gate-7/north' },
      details: { name: file, capturedAt: at - 50, sha256 },
    })
    seen.leave()
    await until(() => desk.live.viewers === 0)
    // A reason takes a while to be typed; but not for ever.
    expect((await saving(user, at)).status).toBe(200)
    desk.lens.ahead += 121_000
    expect(await codeOf(saving(user, at))).toEqual([409, 'live.not-seen'])
  })

  it('is refused, and not on record, where there is no reason or it cannot have been seen', async () => {
    const { credentials } = await account('operator', { cameras: ['gate-7/*'] })
    const user = desk.user(credentials)
    const now = () => Date.now() + desk.lens.ahead
    const seen = await look(desk.user(credentials), 'cameras=gate-7/north')
    await seen.next()
    const before = acts().length
    const refused: [Promise<{ status: number; bytes: Buffer }>, number, string][] = [
      [saving(user, now(), { headers: {} as typeof why }), 400, 'live.no-reason'],
      [saving(user, now() - 60_000), 409, 'live.not-seen'],
      [saving(user, now() + 60_000), 409, 'live.not-seen'],
      [saving(user, now(), { camera: 'gate-7/south' }), 409, 'live.not-seen'],
      [saving(user, now(), { camera: 'gate-8/north' }), 404, 'camera.not-found'],
      [saving(user, now(), { camera: 'gate-7/attic' }), 404, 'camera.not-found'],
      [saving(user, -1), 400, 'request.invalid'],
      // Somebody else looks, but not they.
      [saving(anna, now()), 409, 'live.not-seen'],
      [saving(await somebody('viewer'), now()), 403, 'operator.not-allowed'],
      [saving(await somebody('auditor'), now()), 403, 'operator.not-allowed'],
    ]
    for (const [answer, status, code] of refused)
      expect(await codeOf(answer)).toEqual([status, code])
    expect(acts().slice(before)).toEqual([])
    seen.leave()
  })
})

describe('the terms of looking', () => {
  it('are told before', async () => {
    desk.lens.reason = 'required'
    expect(jsonOf(await anna.get('/live/terms'))).toEqual({ reason: 'required', fps: 10, tiles: 9 })
  })
})

let count = 0

async function account(role: Parameters<TestDesk['account']>[1], scope = {}) {
  const name = `person-${count++}`
  await desk.account(name, role, scope)
  return { name, ...(await deployment.issue('operator', name)) }
}

async function somebody(...who: Parameters<typeof account>): Promise<DeskUser> {
  return desk.user((await account(...who)).credentials)
}

type Recorded = { kind: string; by: string; why: string | null; about: object; details: object }

function acts(): Recorded[] {
  const rows = desk.stored
    .elsewhere()
    .prepare('SELECT kind, body FROM acts JOIN actBodies USING (seq) ORDER BY seq')
    .all() as { kind: string; body: string }[]
  return rows
    .filter(({ kind }) => kind.startsWith('live.'))
    .map(({ kind, body }) => ({ kind, ...(JSON.parse(body) as Omit<Recorded, 'kind'>) }))
}
