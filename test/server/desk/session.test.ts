import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Account } from '@vedette/server/desk/answered/operators'
import type { SeenSession } from '@vedette/server/desk/answered/own-account'
import type { SessionAnswer } from '@vedette/server/desk/answered/session'
import type { Problem } from '@vedette/server/desk/problem'
import { TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Browser, encoded, PASSWORD, signable } from '../../support/server-console.ts'
import { Deployment } from '../../support/server-deployment.ts'
import {
  type Answer,
  type DeskUser,
  jsonOf,
  openSight,
  TestDesk,
} from '../../support/server-desk.ts'
import { until } from '../../support/until.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const OWN_PASSWORD = { 'x-vedette-password': encodeURIComponent(PASSWORD) }
let desk: TestDesk
let anna: DeskUser

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  for (const name of ['olga', 'wanda', 'rita', 'dora', 'paul', 'tina']) {
    await signable(desk, name, 'operator')
  }
  await signable(desk, 'vera', 'admin')
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const browser = () => new Browser(desk.desk.consolePort)
const codeOf = (answer: Answer) => [answer.status, jsonOf<Problem>(answer).code]
const cookiesOf = (answer: Answer) => [answer.headers['set-cookie'] ?? []].flat()
const SESSION = '__Host-vedette'

/** A stream of the desk that is open; resolves when it is cut off. */
async function cutOff(stream: { body: AsyncIterable<unknown> }): Promise<string> {
  try {
    for await (const _ of stream.body);
    return 'ended'
  } catch {
    return 'cut off'
  }
}

describe('the console', () => {
  it('lets in who knows name and password, and knows them by a cookie from then on', async () => {
    await using olga = browser()
    expect(codeOf(await olga.ask('/api/session'))).toEqual([401, 'session.missing'])
    const answer = await olga.signIn('olga')
    expect(jsonOf<SessionAnswer>(answer)).toMatchObject({
      name: 'olga',
      role: 'operator',
      owes: null,
    })
    const always = 'Path=/; Secure; HttpOnly; SameSite=Strict'
    const [session, device] = cookiesOf(answer)
    expect(session).toMatch(new RegExp(`^__Host-vedette=[\\w-]{43}; ${always}$`))
    expect(device).toMatch(
      new RegExp(`^__Host-vedette-device=[\\w-]{43}; ${always}; Max-Age=\\d+$`),
    )
    expect((await olga.ask('/api/lists')).status).toBe(200)
    const stored = readFileSync(join(desk.stored.folder, 'operators.db-wal')).toString('latin1')
    for (const token of olga.cookies.values()) {
      expect(stored.includes(token)).toBe(false)
      expect(stored.includes(createHash('sha256').update(token).digest('hex'))).toBe(true)
    }
    expect((await olga.ask('/api/session', { method: 'DELETE' })).status).toBe(204)
    expect(olga.cookies.has(SESSION)).toBe(false)
    expect(desk.acts('operator.signed-in', 'operator.signed-out')).toEqual([
      ['operator.signed-in', 'olga', null],
      ['operator.signed-out', 'olga', null],
    ])
  })

  it('is there for nobody who has not signed in, on any route', async () => {
    await using nobody = browser()
    const open: string[] = []
    for (const { methods, url, needs } of desk.desk.consoleRoutes) {
      if (needs === null) open.push(url)
      for (const method of needs === null ? [] : methods) {
        if (method === 'HEAD') continue
        const path = url.replace(/:\w+/g, 'none')
        const answer = await nobody.ask(path, { method })
        expect([method, url, answer.status]).toEqual([method, url, 401])
      }
    }
    expect(new Set(open)).toEqual(
      new Set(['/*', '/api/door', '/api/session', '/api/session/puzzle']),
    )
    const console = new Set(desk.desk.consoleRoutes.map(({ url }) => url))
    expect(desk.desk.routes.filter(({ url }) => !console.has(url))).toEqual([])
  })

  it('serves the page at its own paths, and nothing that is not in its map', async () => {
    await using olga = browser()
    const page = await olga.ask('/alerts?id=1')
    expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(page.bytes.toString()) ?? []
    const packed = await olga.ask(script, { headers: { 'accept-encoding': 'gzip, br' } })
    expect(packed.headers).toMatchObject({
      'content-encoding': 'br',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    const etag = String(packed.headers.etag)
    const again = await olga.ask(script, {
      headers: { 'accept-encoding': 'br', 'if-none-match': etag },
    })
    expect([again.status, again.bytes.length]).toEqual([304, 0])
    const outside = [
      '/../package.json',
      '/%2e%2e/package.json',
      '/..%2fpackage.json',
      '//etc/passwd.x',
    ]
    for (const path of [...outside, '/assets/none', '/index.html%00', '/.env']) {
      expect([path, ...codeOf(await olga.ask(path))]).toEqual([path, 404, 'route.not-found'])
    }
  })
})

describe('a session', () => {
  it('is a new one with every sign-in, whatever the browser held before', async () => {
    await using olga = browser()
    const planted = 'A'.repeat(43)
    olga.cookies.set(SESSION, planted)
    await olga.signIn('olga')
    const first = olga.cookies.get(SESSION)!
    expect(first).not.toBe(planted)
    await olga.signIn('olga')
    const second = olga.cookies.get(SESSION)!
    expect(second).not.toBe(first)
    await using thief = browser()
    for (const stale of [planted, first]) {
      thief.cookies.set(SESSION, stale)
      expect(codeOf(await thief.ask('/api/session'))).toEqual([401, 'session.missing'])
    }
  })

  it('is used by no page of another site', async () => {
    await using olga = browser()
    await olga.signIn('olga')
    const other = 'https://evil.example'
    const change = { method: 'DELETE', body: undefined }
    const foreign: [string, object, string][] = [
      ['GET', { 'sec-fetch-site': 'cross-site' }, 'session.foreign'],
      ['GET', { 'sec-fetch-site': 'same-site' }, 'session.foreign'],
      ['GET', { origin: other }, 'session.foreign'],
      ['DELETE', { 'sec-fetch-site': 'cross-site' }, 'session.foreign'],
      ['DELETE', { 'sec-fetch-site': 'same-site' }, 'session.foreign'],
      ['DELETE', { 'sec-fetch-site': 'none' }, 'session.foreign'],
      ['DELETE', { origin: other }, 'session.foreign'],
      ['DELETE', { origin: 'null' }, 'session.foreign'],
      ['DELETE', { origin: olga.origin.replace('https', 'http') }, 'session.foreign'],
      ['DELETE', { 'x-vedette-csrf': '' }, 'session.csrf'],
      ['DELETE', { 'x-vedette-csrf': 'B'.repeat(43) }, 'session.csrf'],
    ]
    for (const [method, headers, code] of foreign) {
      const path = method === 'GET' ? '/api/session' : '/api/me/sessions'
      const asked = { ...change, method, headers: headers as Record<string, string> }
      expect([method, headers, ...codeOf(await olga.ask(path, asked))]).toEqual([
        method,
        headers,
        403,
        code,
      ])
    }
    const { csrf } = olga
    await using rita = browser()
    await rita.signIn('rita')
    rita.csrf = csrf
    expect(codeOf(await rita.ask('/api/me/sessions', change))).toEqual([403, 'session.csrf'])
    const body = { name: 'olga', password: PASSWORD }
    const signIn = { method: 'POST', body, headers: { 'sec-fetch-site': 'cross-site' } }
    expect(codeOf(await rita.ask('/api/session', signIn))).toEqual([403, 'session.foreign'])
    expect((await olga.ask('/api/session', { headers: { 'sec-fetch-site': 'none' } })).status).toBe(
      200,
    )
  })

  it('is kept open by people, not by what the page asks by itself', async () => {
    await using paul = browser()
    const { expiresAt: first } = jsonOf<SessionAnswer>(await paul.signIn('paul'))
    const db = desk.staff.sessions
    const [one] = await db.of('paul')
    const expires = async (headers: Record<string, string> = {}) =>
      jsonOf<SessionAnswer>(await paul.ask('/api/session', { headers })).expiresAt
    expect(await expires()).toBe(first)
    // As if it had been ten minutes.
    const { SessionStore } = await import('@vedette/server/store/operators/sessions')
    const { OperatorStore } = await import('@vedette/server/store/operators/operators')
    await using file = OperatorStore.open(join(desk.stored.folder, 'operators.db'))
    const earlier = one!.actedAt - 600_000
    await new SessionStore(file.queries).acted(one!.id, earlier)
    expect(await expires()).toBe(earlier + 900_000)
    expect(await expires({ 'x-vedette-present': '1' })).toBeGreaterThanOrEqual(first)
    await new SessionStore(file.queries).acted(one!.id, Date.now() - 900_000)
    expect(codeOf(await paul.ask('/api/lists'))).toEqual([401, 'session.missing'])
  })

  it('on a wall shows what a viewer sees, and changes nothing', async () => {
    await using wall = browser()
    const { role, permissions, expiresAt } = jsonOf<SessionAnswer>(
      await wall.signIn('vera', PASSWORD, { wall: true }),
    )
    expect([role, permissions.includes('operators.manage')]).toEqual(['viewer', false])
    expect(expiresAt).toBeGreaterThan(Date.now() + 80 * 86_400_000)
    expect((await wall.ask('/api/alerts')).status).toBe(200)
    expect(codeOf(await wall.ask('/api/operators'))).toEqual([403, 'operator.not-allowed'])
    const body = { password: 'another good long one' }
    const change = { method: 'PUT', body, headers: OWN_PASSWORD }
    expect(codeOf(await wall.ask('/api/me/password', change))).toEqual([403, 'session.wall'])
    expect((await wall.ask('/api/session', { method: 'DELETE' })).status).toBe(204)
  })

  it.each(['disabled', 'given another role', 'given another password', 'signed out by an admin'])(
    'ends with all that it holds open when its holder is %s',
    async (what) => {
      await using dora = browser()
      const name = `dora-${what.replaceAll(' ', '-')}`
      await signable(desk, name, 'operator')
      await dora.signIn(name)
      const stream = await dora.open('/api/alerts/events')
      const over = cutOff(stream)
      const from = performance.now()
      const path = `/operators/${name}`
      const password = 'something else entirely'
      const answer = await {
        disabled: () => anna.post(`${path}/disable`, {}),
        'given another role': () => anna.put(`${path}/role`, { role: 'viewer' }),
        'given another password': () => anna.put(`${path}/password`, { password }),
        'signed out by an admin': () => anna.delete(`${path}/sessions`),
      }[what]!()
      expect(answer.status).toBe(200)
      expect(await over).toBe('cut off')
      expect(performance.now() - from).toBeLessThan(2000)
      expect(codeOf(await dora.ask('/api/session'))).toEqual([401, 'session.missing'])
    },
  )

  it('with another scope is cut off, and sees that scope when it asks again', async () => {
    await using tina = browser()
    await tina.signIn('tina')
    const over = cutOff(await tina.open('/api/alerts/events'))
    await anna.put('/operators/tina/scope', { lists: [], cameras: null })
    expect(await over).toBe('cut off')
    expect(jsonOf<SessionAnswer>(await tina.ask('/api/session')).scope.lists).toEqual([])
  })

  it('is seen by its holder among the others, and ended one by one or all at once', async () => {
    await using here = browser()
    await using there = browser()
    await here.signIn('wanda')
    await there.signIn('wanda')
    const all = jsonOf<SeenSession[]>(await here.ask('/api/me/sessions'))
    expect(all.map(({ own }) => own).sort()).toEqual([false, true])
    const other = all.find(({ own }) => !own)!
    await using rita = browser()
    await rita.signIn('rita')
    const ask = { method: 'DELETE' }
    expect(codeOf(await rita.ask(`/api/me/sessions/${other.id}`, ask))).toEqual([
      404,
      'session.not-found',
    ])
    expect((await here.ask(`/api/me/sessions/${other.id}`, ask)).status).toBe(200)
    expect((await there.ask('/api/session')).status).toBe(401)
    expect((await here.ask('/api/session')).status).toBe(200)
    await there.signIn('wanda')
    expect(jsonOf(await here.ask('/api/me/sessions', ask))).toEqual({ ended: 2 })
    for (const one of [here, there]) expect((await one.ask('/api/session')).status).toBe(401)
  })
})

describe('an account', () => {
  it('with a password from somebody else does nothing before it has its own', async () => {
    const account = { name: 'nora', role: 'operator', password: 'given for one time' }
    await anna.post('/operators', account)
    await using nora = browser()
    const { owes, permissions } = jsonOf<SessionAnswer>(await nora.signIn('nora', account.password))
    expect([owes, permissions]).toEqual(['password', []])
    expect(codeOf(await nora.ask('/api/alerts'))).toEqual([403, 'session.owes'])
    const given = { 'x-vedette-password': encodeURIComponent(account.password) }
    const change = (password: string, headers: Record<string, string> = {}) =>
      nora.ask('/api/me/password', { method: 'PUT', body: { password }, headers })
    expect(codeOf(await change('her own good password'))).toEqual([401, 'password.missing'])
    expect(codeOf(await change('too short', given))).toEqual([400, 'password.weak'])
    expect((await change('her own good password', given)).status).toBe(200)
    expect((await nora.ask('/api/alerts')).status).toBe(200)
  })

  it('sets up a second factor for itself, an admin takes it away, and both are on record', async () => {
    await desk.account('frida', 'operator', { password: await encoded() })
    await using frida = browser()
    await frida.signIn('frida')
    const headers = OWN_PASSWORD
    const begun = await frida.ask('/api/me/second-factor', { method: 'POST', body: {}, headers })
    const { secret } = jsonOf<{ secret: string }>(begun)
    const code = new TOTP({ secret }).generate()
    const confirm = (typed: string) =>
      frida.ask('/api/me/second-factor/confirm', { method: 'POST', body: { code: typed } })
    expect(codeOf(await confirm('12345'))).toEqual([400, 'second-factor.wrong'])
    const { codes } = jsonOf<{ codes: string[] }>(await confirm(code))
    await using again = browser()
    expect(codeOf(await again.signIn('frida'))).toEqual([401, 'signin.refused'])
    const [first] = codes
    const { secondFactor } = jsonOf<SessionAnswer>(
      await again.signIn('frida', PASSWORD, { code: first }),
    )
    expect(secondFactor).toBe(true)
    const removed = jsonOf<Account>(await anna.delete('/operators/frida/second-factor'))
    expect(removed.secondFactor).toBe(false)
    expect((await again.ask('/api/session')).status).toBe(401)
    expect((await again.signIn('frida')).status).toBe(200)
    expect(desk.acts('operator.second-factor-set', 'operator.second-factor-removed')).toEqual([
      ['operator.second-factor-set', 'frida', null],
      ['operator.second-factor-removed', 'anna', null],
    ])
  })

  it('tells whoever it could not judge to come again, and counts nothing', async () => {
    await signable(desk, 'igor', 'operator')
    const { passwords } = desk.staff.stepUp
    await using igor = browser()
    // One that has yet to begin is at it long enough to be caught.
    if (passwords.pid !== undefined) process.kill(passwords.pid, 'SIGKILL')
    await until(() => passwords.pid === undefined)
    for (let n = 0; n < 4; n++) {
      const answer = igor.signIn('igor', 'not what it is')
      await until(() => passwords.backlog > 0)
      process.kill(passwords.pid!, 'SIGKILL')
      expect(codeOf(await answer)).toEqual([503, 'worker.died'])
      expect((await answer).headers['retry-after']).toBe('1')
      expect(jsonOf<Problem>(await answer).hint).toContain('try again')
    }
    expect((await igor.signIn('igor')).status).toBe(200)
    expect(JSON.stringify(desk.book.lines)).not.toContain('not what it is')
  })

  it('is guessed at with few lines in the record, and never what was typed', async () => {
    await signable(desk, 'gina', 'operator')
    await using thief = browser()
    const before = desk.acts('operator.sign-in-failed').length
    for (let n = 0; n < 3; n++) await thief.signIn('gina', `wrong ${n}`)
    for (let n = 0; n < 3; n++) await thief.signIn('my secret password', 'x')
    expect(desk.acts('operator.sign-in-failed')).toHaveLength(before + 2)
    const written = [...desk.book.lines, desk.acts('operator.sign-in-failed')]
    expect(JSON.stringify(written)).not.toMatch(/my secret|wrong 0/)
    const held = jsonOf<Account>(await anna.get('/operators/gina'))
    expect(held.failures).toBe(3)
    const unlocked = jsonOf<Account>(await anna.post('/operators/gina/unlock', {}))
    expect([unlocked.failures, unlocked.heldUntil]).toEqual([0, 0])
    expect((await thief.signIn('gina')).status).toBe(200)
    expect(desk.acts('operator.unlocked')).toEqual([['operator.unlocked', 'anna', null]])
  })
})
