import type { Problem } from '@vedette/server/desk/problem'
import type { SessionAnswer } from '@vedette/server/desk/routes/session'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Browser, signable } from '../../support/server-console.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { type Answer, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  await signable(desk, 'olga', 'operator')
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const browser = () => new Browser(desk.desk.consolePort)
const codeOf = (answer: Answer) => [answer.status, jsonOf<Problem>(answer).code]

describe('the console', () => {
  it('lets in who knows name and password, and knows them by a cookie from then on', async () => {
    await using olga = browser()
    expect(codeOf(await olga.ask('/api/session'))).toEqual([401, 'session.missing'])
    const answer = await olga.signIn('olga')
    expect(answer.status).toBe(200)
    expect(jsonOf<SessionAnswer>(answer)).toMatchObject({ name: 'olga', role: 'operator' })
    expect([answer.headers['set-cookie']].flat().join('\n')).toMatch(
      /^__Host-vedette=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict\n__Host-vedette-device=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    )
    expect((await olga.ask('/api/lists')).status).toBe(200)
    expect((await olga.ask('/api/session', { method: 'DELETE' })).status).toBe(204)
    expect(codeOf(await olga.ask('/api/session'))).toEqual([401, 'session.missing'])
    expect(desk.acts('operator.signed-in', 'operator.signed-out').at(-1)).toEqual([
      'operator.signed-out',
      'olga',
      null,
    ])
  })

  it('serves the page at its own paths, and nothing that is not in its map', async () => {
    await using olga = browser()
    const page = await olga.ask('/alerts?id=1')
    expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8'])
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/assets/none']) {
      expect([path, ...codeOf(await olga.ask(path))]).toEqual([path, 404, 'route.not-found'])
    }
  })
})
