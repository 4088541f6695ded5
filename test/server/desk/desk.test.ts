import { issueCredentials } from '@vedette/certs/pki'
import type { Problem } from '@vedette/server/desk/problem'
import type { NamedAlert } from '@vedette/server/desk/routes/alerts'
import type { Entry } from '@vedette/server/store/entries'
import { readCredentials } from '@vedette/shared/credentials'
import { ConfigFault, IntegrityFault, Unavailable } from '@vedette/shared/errors'
import sharp from 'sharp'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { badCertificates } from '../../support/certs-bad.ts'
import { sampleFile } from '../../support/models-samples.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'
import { jpegOf, landscape, oneFace } from '../../support/server-photos.ts'
import { sightingOf } from '../../support/server-sightings.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const good = { file: 'front.jpg', bytes: await jpegOf(await oneFace(2)) }
let desk: TestDesk
let anna: DeskUser

beforeEach(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
})

afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  await desk[Symbol.asyncDispose]()
})

afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

const problem = (status: number, code: string) => ({
  status,
  type: 'application/problem+json; charset=utf-8',
  body: {
    type: `urn:vedette:problem:${code}`,
    title: expect.any(String),
    status,
    code,
    detail: expect.any(String),
  },
})

async function asked(answer: ReturnType<DeskUser['get']>) {
  const { status, type, bytes } = await answer
  return { status, type, body: JSON.parse(bytes.toString()) as Problem }
}

describe('the desk lets in', () => {
  it('an operator of this deployment, on every route', async () => {
    for (const path of ['/entries', '/alerts', '/agents']) {
      const { status, bytes } = await anna.get(path)
      expect([path, status, bytes.toString()]).toEqual([path, 200, '[]'])
    }
  })

  it('no agent, and tells the log who it was not', async () => {
    const agent = desk.user(await deployment.agent('gate-7'))
    for (const path of ['/entries', '/alerts', '/alerts/events', '/agents', '/nothing']) {
      expect(await asked(agent.get(path))).toMatchObject(problem(403, 'request.forbidden'))
    }
    const { body } = await asked(agent.delete('/entries/1'))
    expect(body.hint).toContain('--operator')
    expect(desk.book.of('desk.refused').every(({ operator }) => operator === '')).toBe(true)
  })

  it('nobody without a certificate, or with one that is not of here', async () => {
    const bad = await badCertificates(deployment.home)
    for (const { name, by, credentials } of bad) {
      const user = desk.user(credentials)
      if (by === 'tls')
        await expect([name, await user.get('/entries').catch(() => 'closed')]).toEqual([
          name,
          'closed',
        ])
      else if (name !== 'of an operator')
        expect([name, (await user.get('/entries')).status]).toEqual([name, 403])
    }
  })

  it('no operator whose certificate was taken back, from the next request on', async () => {
    const { credentials, serial } = await deployment.issue('operator', 'bert')
    await desk.account('bert', 'admin')
    const bert = desk.user(credentials)
    expect((await bert.get('/entries')).status).toBe(200)
    await deployment.ledger.revoke(serial, 'has left')
    expect(await asked(bert.get('/entries'))).toMatchObject(problem(403, 'request.forbidden'))
  })

  it('no operator whose certificate has expired since the connection was opened', async () => {
    const identity = { role: 'operator', name: 'carl' } as const
    await desk.account('carl', 'viewer')
    const { folder, notAfter } = await issueCredentials({
      home: deployment.home,
      identity,
      life: 60_000,
    })
    const carl = desk.user(await readCredentials(folder))
    expect((await carl.get('/entries')).status).toBe(200)
    vi.useFakeTimers({ toFake: ['Date'], now: notAfter + 1000 })
    expect(await asked(carl.get('/entries'))).toMatchObject(problem(403, 'request.forbidden'))
  })

  it('an operator to what she watches until her certificate ends, and five seconds longer at most', async () => {
    const identity = { role: 'operator', name: 'dora' } as const
    await desk.account('dora', 'viewer')
    const { home } = deployment
    const { folder, notAfter } = await issueCredentials({ home, identity, life: 60_000 })
    const dora = desk.user(await readCredentials(folder))
    const events = await dora.open('/alerts/events?since=0')
    vi.useFakeTimers({ toFake: ['Date'], now: notAfter + 1 })
    const begun = performance.now()
    expect(await events.next()).toMatchObject({ done: true })
    expect(performance.now() - begun).toBeLessThan(5000)
  })

  it('nobody while the ledger is gone: it cannot tell who is who', async () => {
    vi.spyOn(deployment.ledger, 'find').mockRejectedValue(new ConfigFault('config.missing', 'gone'))
    expect((await anna.get('/entries')).status).toBe(500)
  })
})

describe('entries', () => {
  it('are enrolled by a form, listed, shown and removed', async () => {
    const answer = await anna.enrol({ name: ' Erin ', note: 'tall', list: 'wanted' }, [good, good])
    expect(answer.status).toBe(201)
    const { entry } = jsonOf<{ entry: Entry }>(answer)
    expect(entry).toMatchObject({
      name: 'Erin',
      note: 'tall',
      list: 'wanted',
      photos: 2,
      createdBy: 'anna',
    })
    expect(jsonOf(await anna.get('/entries'))).toEqual([entry])
    expect(jsonOf(await anna.get(`/entries/${entry.id}`))).toEqual(entry)
    const photo = await anna.get(`/entries/${entry.id}/photos/2`)
    expect([photo.status, photo.type]).toEqual([200, 'image/jpeg'])
    expect((await sharp(photo.bytes).metadata()).format).toBe('jpeg')

    const removed = await anna.delete(`/entries/${entry.id}`)
    expect(removed.status).toBe(200)
    expect(JSON.stringify(jsonOf(removed))).toContain(entry.id)
    expect(jsonOf(await anna.get('/entries'))).toEqual([])
    expect(sight.gallery.entries).toBe(0)
  })

  it('may choose the face', async () => {
    const group = { file: 'group.jpg', bytes: await sampleFile(3) }
    expect((await anna.enrol({ name: 'Erin', face: '2' }, [group])).status).toBe(201)
  })

  it.each<[string, Record<string, string>, number, string]>([
    ['no name', {}, 400, 'request.invalid'],
    ['a blank name', { name: ' ' }, 400, 'entry.invalid'],
    ['a name too long', { name: 'x'.repeat(201) }, 400, 'entry.invalid'],
    ['a note too long', { name: 'Erin', note: 'x'.repeat(2001) }, 400, 'request.invalid'],
    ['a face that is no number', { name: 'Erin', face: 'left' }, 400, 'request.invalid'],
    ['face 0', { name: 'Erin', face: '0' }, 400, 'request.invalid'],
    ['a face that is not there', { name: 'Erin', face: '2' }, 422, 'photo.no-face'],
    ['an unknown list', { name: 'Erin', list: 'lost' }, 404, 'list.not-found'],
  ])('are refused with %s', async (_what, fields, status, code) => {
    expect(await asked(anna.enrol(fields, [good]))).toMatchObject(problem(status, code))
    expect(desk.stored.rows('entries')).toBe(0)
  })

  it.each([
    ['no photograph', async () => [], 422, 'photo.none'],
    [
      'a landscape',
      async () => [{ file: 'hill.jpg', bytes: await landscape() }],
      422,
      'photo.no-face',
    ],
    [
      'several faces',
      async () => [{ file: 'group.jpg', bytes: await sampleFile(3) }],
      422,
      'photo.several-faces',
    ],
    [
      'a text',
      async () => [{ file: 'x.jpg', bytes: Buffer.from('text') }],
      422,
      'photo.wrong-type',
    ],
    [
      'more than 8 MB',
      async () => [{ file: 'x.jpg', bytes: Buffer.alloc(8 * 2 ** 20 + 1) }],
      413,
      'photo.too-large',
    ],
    [
      'eleven files',
      async () => new Array(11).fill({ file: 'x.jpg', bytes: Buffer.alloc(9) }),
      413,
      'request.invalid',
    ],
  ])('are refused with %s', async (_what, photos, status, code) => {
    expect(await asked(anna.enrol({ name: 'Erin' }, await photos()))).toMatchObject(
      problem(status, code),
    )
    expect(desk.stored.rows('entries')).toBe(0)
  })

  it('are refused when the form is none', async () => {
    expect((await asked(anna.post('/entries', { name: 'Erin' }))).status).toBe(406)
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const cut = anna.send('/entries', {
      method: 'POST',
      body: '--x\r\nContent-Disposition: form-data',
      headers,
    })
    expect((await cut).status).toBe(400)
    const words = {
      method: 'POST',
      body: 'name=Erin',
      headers: { 'content-type': 'text/plain' },
    } as const
    expect((await asked(anna.send('/entries', words))).status).toBe(406)
  })

  it('that are not there are not found, nor photographs of them', async () => {
    const id = await desk.entry()
    const paths = [
      '/entries/none',
      '/entries/none/photos/1',
      `/entries/${id}/photos/2`,
      `/entries/${id}/photos/x`,
      `/entries/${id}/photos/0`,
    ]
    for (const path of paths) {
      expect([path, await asked(anna.get(path))]).toMatchObject([
        path,
        problem(404, 'entry.not-found'),
      ])
    }
    expect(await asked(anna.delete('/entries/none'))).toMatchObject(problem(404, 'entry.not-found'))
  })
})

describe('alerts', () => {
  it('are listed, shown with who it is, and acknowledged by who is there', async () => {
    const id = await desk.entry('Łukasz Ω')
    await desk.alert(id)
    await desk.alert(id)
    const [second, first] = jsonOf<NamedAlert[]>(await anna.get('/alerts'))
    expect([first?.name, second?.name]).toEqual(['Łukasz Ω', 'Łukasz Ω'])
    expect(jsonOf(await anna.get(`/alerts/${first!.id}`))).toEqual(first)
    const chip = await anna.get(`/alerts/${first!.id}/chip`)
    expect([chip.type, chip.bytes.toString()]).toEqual(['image/jpeg', 'chip'])

    const answer = await anna.post(`/alerts/${first!.id}/acknowledge`, { note: 'a twin' })
    expect(jsonOf(answer)).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'anna',
      name: 'Łukasz Ω',
    })
    const again = anna.post(`/alerts/${first!.id}/acknowledge`, {})
    expect(await asked(again)).toMatchObject(problem(409, 'alert.wrong-state'))

    const ids = async (query: string) =>
      jsonOf<NamedAlert[]>(await anna.get(`/alerts?${query}`)).map((alert) => alert.id)
    expect(await ids('state=open')).toEqual([second!.id])
    expect(await ids('state=acknowledged')).toEqual([first!.id])
    expect(await ids('limit=1')).toEqual([second!.id])
    expect(await ids(`before=${second!.id}`)).toEqual([first!.id])
  })

  it('may be acknowledged without a word', async () => {
    await desk.alert(await desk.entry())
    const [{ id }] = jsonOf<[NamedAlert]>(await anna.get('/alerts'))
    const answer = await anna.send(`/alerts/${id}/acknowledge`, { method: 'POST' })
    expect(jsonOf(answer)).toMatchObject({ state: 'acknowledged' })
  })

  it('stay without a name and a picture when the entry is removed', async () => {
    const id = await desk.entry()
    await desk.alert(id)
    await anna.delete(`/entries/${id}`)
    const [alert] = jsonOf<NamedAlert[]>(await anna.get('/alerts'))
    expect([alert?.entryId, alert?.name]).toEqual([id, undefined])
    expect((await anna.get(`/alerts/${alert!.id}/chip`)).status).toBe(404)
  })

  it.each(['state=closed', 'limit=0', 'limit=501', 'limit=x', 'limit=1.5'])(
    'are not listed by %s',
    async (query) => {
      expect(await asked(anna.get(`/alerts?${query}`))).toMatchObject(
        problem(400, 'request.invalid'),
      )
    },
  )

  it('that are not there are not found', async () => {
    for (const path of ['/alerts/none', '/alerts/none/chip']) {
      expect(await asked(anna.get(path))).toMatchObject(problem(404, 'alert.not-found'))
    }
    expect(await asked(anna.post('/alerts/none/acknowledge', {}))).toMatchObject(
      problem(404, 'alert.not-found'),
    )
  })

  it.each<[string, unknown, number]>([
    ['a note that is no text', { note: 7 }, 400],
    ['a note too long', { note: 'x'.repeat(2001) }, 400],
    ['no object', 7, 400],
    ['more than 64 KiB', { note: 'x'.repeat(65_536) }, 413],
  ])('are not acknowledged with %s', async (_what, body, status) => {
    await desk.alert(await desk.entry())
    const [{ id }] = jsonOf<[NamedAlert]>(await anna.get('/alerts'))
    expect(await asked(anna.post(`/alerts/${id}/acknowledge`, body))).toMatchObject(
      problem(status, 'request.invalid'),
    )
    expect(jsonOf(await anna.get(`/alerts/${id}`))).toMatchObject({ state: 'open' })
  })
})

describe('agents', () => {
  it('are listed with whether they are here, and how much of what they saw never came', async () => {
    const { agents } = desk.stored.store
    const about = { serial: '1f', software: 'vedette/0.1.0', cameras: ['north', 'süd'] }
    await agents.welcomed({ name: 'gate-7', ...about }, 1000)
    await agents.welcomed({ name: 'gate-8', ...about }, 2000)
    await agents.welcomed({ name: 'gate-7', ...about, serial: '2e' }, 3000)
    await agents.trusted('gate-8', 'f00d')
    desk.connected.push('gate-8')
    const known = { ...about, trust: null }
    expect(jsonOf(await anna.get('/agents'))).toEqual([
      {
        name: 'gate-7',
        ...known,
        serial: '2e',
        firstSeen: 1000,
        lastSeen: 3000,
        connected: false,
        lost: 3,
        space: null,
        fares: null,
      },
      {
        name: 'gate-8',
        ...known,
        firstSeen: 2000,
        lastSeen: 2000,
        trust: 'f00d',
        connected: true,
        lost: 0,
        space: 'dlib-resnet29-1',
        fares: null,
      },
    ])
  })
})

describe('a request that fails', () => {
  it.each(['/nothing', '/outside/', '/outside/../etc/passwd', '/entries/1/2/3'])(
    'finds no route at %s',
    async (path) => {
      expect(await asked(anna.get(path))).toMatchObject(problem(404, 'route.not-found'))
    },
  )

  it('finds no route for another method', async () => {
    expect(await asked(anna.delete('/alerts'))).toMatchObject(problem(404, 'route.not-found'))
  })

  it.each<[string, Error, number, string]>([
    [
      'the disk is full',
      new Unavailable('store.full', 'full', { hint: 'free some' }),
      507,
      'store.full',
    ],
    ['the database is locked', new Unavailable('store.busy', 'locked'), 503, 'store.busy'],
    ['the vault was changed', new IntegrityFault('vault.changed', 'changed'), 500, 'vault.changed'],
  ])('says why, and how to go on, when %s', async (_what, error, status, code) => {
    vi.spyOn(desk.stored.store.agents, 'all').mockRejectedValue(error)
    const { body, ...rest } = await asked(anna.get('/agents'))
    expect({ body, ...rest }).toMatchObject(problem(status, code))
    expect(body.hint).toBe('hint' in error ? error.hint : undefined)
    expect(desk.book.of('desk.failed')).toMatchObject([{ level: 'error', code, operator: 'anna' }])
  })

  it('for a fault of ours tells the log and not the outside', async () => {
    vi.spyOn(desk.stored.store.agents, 'all').mockRejectedValue(new TypeError('a secret detail'))
    const answer = await asked(anna.get('/agents'))
    expect(answer).toMatchObject(problem(500, 'internal'))
    expect(JSON.stringify(answer)).not.toContain('secret')
    const [line] = desk.book.of('desk.failed')
    expect(JSON.stringify(line)).toContain('a secret detail')
  })

  it('is logged by its pattern, not by what was asked for', async () => {
    await anna.get('/entries/0199-somebody')
    expect(desk.book.of('desk.refused')).toMatchObject([
      { route: '/api/entries/:id', operator: 'anna' },
    ])
  })
})

describe('a stream of events', () => {
  it('is not opened for a number that is none', async () => {
    for (const since of ['-1', 'x', '1.5', '99999999999999999999']) {
      expect(await asked(anna.get(`/alerts/events?since=${since}`))).toMatchObject(
        problem(400, 'request.invalid'),
      )
    }
  })

  it('is told to everybody who listens', async () => {
    const id = await desk.entry()
    const others = [desk.user(deployment.anna), desk.user(deployment.anna)]
    const streams = others.map((user) => user.events('/alerts/events?since=0'))
    const firsts = streams.map((stream) => stream.next())
    await desk.alerts.consider(sightingOf(id))
    for (const first of firsts)
      expect(await first).toMatchObject({ value: { id: 1, event: 'raised' } })
    for (const stream of streams) await stream.return(undefined)
  })
})
