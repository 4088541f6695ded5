import type { Problem } from '@vedette/server/desk/problem'
import { isAllowed, ROLES, type Role } from '@vedette/server/operators/roles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Browser, signable } from '../../support/server-console.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { type Answer, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const people = new Map<Role, Browser>()
let desk: TestDesk

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  for (const role of ROLES) {
    await signable(desk, `the-${role}`, role)
    const browser = new Browser(desk.desk.consolePort)
    expect((await browser.signIn(`the-${role}`)).status).toBe(200)
    people.set(role, browser)
  }
})

afterAll(async () => {
  for (const browser of people.values()) await browser[Symbol.asyncDispose]()
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const codeOf = (answer: Answer) => (answer.status < 400 ? '' : jsonOf<Problem>(answer).code)

describe('every answer', () => {
  const SAFE = {
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': expect.stringMatching(/camera=\(self\).*microphone=\(\)/),
    'content-security-policy': expect.stringMatching(
      /^default-src 'none'.*base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    ),
    'x-request-id': expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f-]{17}$/),
  }
  const asked = [
    '/',
    '/alerts',
    '/assets/none',
    '/api/session',
    '/api/lists',
    '/api/none',
    '/api/openapi.json',
    '/api/entries/none/photos/1',
    '/%zz',
  ]

  it.each(asked)('of the console says what a browser may do with it: %s', async (path) => {
    const { headers } = await people.get('admin')!.ask(path)
    expect(headers).toMatchObject(SAFE)
    for (const telling of ['server', 'x-powered-by', 'access-control-allow-origin']) {
      expect(headers).not.toHaveProperty(telling)
    }
    if (path.startsWith('/api')) expect(headers['cache-control']).toBe('no-store')
  })

  it.each(asked.slice(3))('of the desk does too: %s', async (path) => {
    const { headers } = await desk.user(deployment.anna).send(`/outside${path}`)
    expect(headers).toMatchObject({ ...SAFE, 'cache-control': 'no-store' })
  })

  it('that goes on does too', async () => {
    const answer = await people.get('viewer')!.open('/api/alerts/events')
    expect(answer.headers).toMatchObject({ ...SAFE, 'cache-control': 'no-store' })
    answer.body.on('error', () => {}).destroy()
  })

  it('lets the page run nothing but its own files, and no other page frame it', async () => {
    const { headers } = await people.get('admin')!.ask('/')
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("style-src 'self';")
    expect(policy).toContain("connect-src 'self';")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(headers['cross-origin-embedder-policy']).toBe('require-corp')
  })

  it('that is an error has the number that the log has, whatever number came with the request', async () => {
    const headers = { 'x-request-id': 'mine' }
    const answer = await people.get('admin')!.ask('/api/entries/none', { headers })
    const id = String(answer.headers['x-request-id'])
    expect(jsonOf<Problem>(answer).instance).toBe(`urn:uuid:${id}`)
    const logged = desk.book.of('desk.refused').find(({ request }) => request === id)
    expect(logged).toMatchObject({ code: 'entry.not-found', operator: 'the-admin' })
  })
})

type Case = {
  method?: string
  path?: string
  site?: string
  mode?: string
  dest?: string
  origin?: 'own' | 'other' | 'null' | 'in clear' | 'another port'
  token?: 'own' | 'none' | 'wrong' | "another's"
  cookie?: 'own' | 'none' | 'wrong' | 'by another name'
}
const READ = { method: 'GET', path: '/api/lists' }
const DO = { method: 'POST', path: '/api/thresholds/forecast' }
const ENTER = { method: 'POST', path: '/api/session' }

/** What a browser sends, and what comes of it. */
const CASES: [Case, number, string][] = [
  [{ ...READ, site: 'same-origin' }, 200, ''],
  [{ ...READ }, 200, ''],
  [{ ...READ, site: 'none', mode: 'navigate', dest: 'document' }, 200, ''],
  [{ ...READ, site: 'same-origin', token: 'none' }, 200, ''],
  [{ ...READ, site: 'same-site' }, 403, 'session.foreign'],
  [{ ...READ, site: 'cross-site' }, 403, 'session.foreign'],
  [{ ...READ, site: 'cross-site', mode: 'navigate', dest: 'document' }, 403, 'session.foreign'],
  [{ ...READ, site: 'nonsense' }, 403, 'session.foreign'],
  [{ ...READ, site: 'same-origin', origin: 'other' }, 403, 'session.foreign'],
  [{ ...READ, site: 'same-origin', origin: 'null' }, 403, 'session.foreign'],
  [{ ...READ, site: 'same-origin', cookie: 'none' }, 401, 'session.missing'],
  [{ ...READ, site: 'same-origin', cookie: 'wrong' }, 401, 'session.missing'],
  [{ ...READ, site: 'same-origin', cookie: 'by another name' }, 401, 'session.missing'],
  [{ ...READ, method: 'HEAD', site: 'cross-site' }, 403, ''],
  [{ ...DO, site: 'same-origin', origin: 'own' }, 200, ''],
  [{ ...DO, origin: 'own' }, 200, ''],
  [{ ...DO, site: 'same-origin' }, 200, ''],
  [{ ...DO, site: 'same-origin', origin: 'own', token: 'none' }, 403, 'session.csrf'],
  [{ ...DO, site: 'same-origin', origin: 'own', token: 'wrong' }, 403, 'session.csrf'],
  [{ ...DO, site: 'same-origin', origin: 'own', token: "another's" }, 403, 'session.csrf'],
  [{ ...DO, token: 'none' }, 403, 'session.csrf'],
  [{ ...DO, site: 'same-origin', origin: 'other' }, 403, 'session.foreign'],
  [{ ...DO, site: 'same-origin', origin: 'null' }, 403, 'session.foreign'],
  [{ ...DO, site: 'same-origin', origin: 'in clear' }, 403, 'session.foreign'],
  [{ ...DO, site: 'same-origin', origin: 'another port' }, 403, 'session.foreign'],
  [{ ...DO, site: 'same-site', origin: 'own' }, 403, 'session.foreign'],
  [{ ...DO, site: 'cross-site', origin: 'own' }, 403, 'session.foreign'],
  [{ ...DO, site: 'none', origin: 'own' }, 403, 'session.foreign'],
  [{ ...DO, site: 'same-origin', origin: 'own', cookie: 'none' }, 401, 'session.missing'],
  [{ ...DO, site: 'same-origin', origin: 'own', cookie: 'wrong' }, 401, 'session.missing'],
  [{ ...DO, method: 'OPTIONS', origin: 'other', site: 'cross-site' }, 403, 'session.foreign'],
  [{ ...ENTER, site: 'cross-site', origin: 'other', cookie: 'none' }, 403, 'session.foreign'],
  [{ path: '/alerts', site: 'cross-site', mode: 'navigate', dest: 'document' }, 200, ''],
  [
    { path: '/alerts', site: 'cross-site', mode: 'navigate', dest: 'iframe' },
    403,
    'session.foreign',
  ],
  [{ path: '/', site: 'cross-site', mode: 'no-cors', dest: 'script' }, 403, 'session.foreign'],
]

describe('a request of a browser', () => {
  const origins = () => {
    const { port } = new URL(people.get('operator')!.origin)
    return {
      own: `https://127.0.0.1:${port}`,
      other: 'https://elsewhere.example',
      null: 'null',
      'in clear': `http://127.0.0.1:${port}`,
      'another port': `https://127.0.0.1:${Number(port) + 1}`,
    }
  }

  it.each(CASES)('%j is answered %i %s', async (one, status, code) => {
    const {
      method = 'GET',
      path = '',
      site,
      mode,
      dest,
      origin,
      token = 'own',
      cookie = 'own',
    } = one
    const olga = people.get('operator')!
    const other = people.get('admin')!
    const forged = `__Host-vedette=${'A'.repeat(43)}`
    const cookies = {
      own: olga.cookie,
      none: undefined,
      wrong: forged,
      'by another name': olga.cookie.replaceAll('__Host-', ''),
    }
    const tokens = {
      own: olga.csrf,
      none: undefined,
      wrong: 'A'.repeat(43),
      "another's": other.csrf,
    }
    const headers = {
      'sec-fetch-site': site,
      'sec-fetch-mode': mode,
      'sec-fetch-dest': dest,
      origin: origin && origins()[origin],
      cookie: cookies[cookie],
      'x-vedette-csrf': tokens[token],
      ...(method === 'POST' && { 'content-type': 'application/json' }),
    }
    const given = Object.entries(headers).filter(([, value]) => value !== undefined)
    const answer = await other.bare(path, {
      method,
      headers: Object.fromEntries(given) as Record<string, string>,
      ...(method === 'POST' && { raw: '{"scope":"list","target":"wanted","budget":1}' }),
    })
    expect([answer.status, method === 'HEAD' ? '' : codeOf(answer)]).toEqual([status, code])
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  })
})

describe('every route, in a browser', () => {
  const routes = () =>
    desk.desk.consoleRoutes
      .filter(({ url }) => url.startsWith('/api/'))
      .flatMap(({ methods, url, needs }) =>
        methods.map((method) => ({ method, needs, path: url.replace(/:\w+|\*/g, 'none') })),
      )
  const body = (method: string) => (/^(GET|HEAD|DELETE)$/.test(method) ? {} : { body: {} })

  it('is closed to whoever is not signed in, save the way in', async () => {
    await using nobody = new Browser(desk.desk.consolePort)
    const before = desk.digest()
    const open: string[] = []
    for (const { method, path, needs } of routes()) {
      if (needs === null) open.push(`${method} ${path}`)
      else {
        const answer = await nobody.ask(path, { method, ...body(method) })
        expect([method, path, answer.status]).toEqual([method, path, 401])
      }
    }
    for (const path of ['/api', '/api/', '/api/none', '/api/none/none', '/api/../api/lists']) {
      expect([path, (await nobody.ask(path)).status]).toEqual([path, path === '/api' ? 404 : 401])
    }
    // How people sign in here, a puzzle, and signing in: nothing else.
    expect(open.toSorted()).toEqual([
      'GET /api/door',
      'HEAD /api/door',
      'POST /api/session',
      'POST /api/session/puzzle',
    ])
    expect(desk.digest()).toBe(before)
  })

  it.each(ROLES)('is closed to a %s whose role does not allow it', async (role) => {
    const browser = people.get(role)!
    const before = desk.digest()
    const forbidden = routes().filter(({ needs }) => needs !== null && !isAllowed(role, needs))
    for (const { method, path } of forbidden) {
      const answer = await browser.ask(path, { method, ...body(method) })
      const code = method === 'HEAD' ? 'operator.not-allowed' : codeOf(answer)
      expect([method, path, answer.status, code]).toEqual([
        method,
        path,
        403,
        'operator.not-allowed',
      ])
    }
    expect(desk.digest()).toBe(before)
    expect(forbidden.length === 0).toBe(role === 'admin')
  })
})
