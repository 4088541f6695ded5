import { permit } from '@vedette/server/desk/guard'
import type { Problem } from '@vedette/server/desk/problem'
import { PERMISSIONS } from '@vedette/server/operators/permissions'
import { isAllowed, ROLES, type Role } from '@vedette/server/operators/roles'
import fastify from 'fastify'
import type { Dispatcher } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { type DeskUser, jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
const people = new Map<Role, DeskUser>()
let desk: TestDesk

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  for (const role of ROLES) {
    const { credentials } = await deployment.issue('operator', `the-${role}`)
    await desk.account(`the-${role}`, role)
    people.set(role, desk.user(credentials))
  }
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

type Asked = { method: Dispatcher.HttpMethod; path: string }

/** Every route with every one of its methods, with something in the place of each parameter. */
function asked(filter: (needs: string, grave: boolean) => boolean): Asked[] {
  return desk.desk.routes
    .filter(({ needs, grave }) => needs !== null && filter(needs, grave))
    .flatMap(({ methods, url }) =>
      methods.map((method) => ({
        method: method as Dispatcher.HttpMethod,
        path: url.replace(/^\/api/, '').replace(/:\w+/g, 'none'),
      })),
    )
}

function send(user: DeskUser, { method, path }: Asked) {
  const hasBody = method === 'POST' || method === 'PUT'
  const headers: Record<string, string> = hasBody ? { 'content-type': 'application/json' } : {}
  return user.send(path, { method, headers, ...(hasBody && { body: '{}' }) })
}

const refusals = () => desk.acts('operator.refused').length

describe('every route of the desk', () => {
  it('is there to be asked', () => {
    expect(desk.desk.routes.length).toBeGreaterThan(50)
    const needed = new Set(desk.desk.routes.map(({ needs }) => needs))
    expect(PERMISSIONS.filter((permission) => needed.has(permission)).length).toBeGreaterThan(15)
  })

  it.each(ROLES)(
    'refuses a %s what the role does not allow, records it and changes nothing',
    async (role) => {
      const user = people.get(role)!
      const forbidden = asked((needs) => !isAllowed(role, needs as (typeof PERMISSIONS)[number]))
      const [before, recorded] = [desk.digest(), refusals()]
      for (const one of forbidden) {
        const answer = await send(user, one)
        const code = one.method === 'HEAD' ? 'operator.not-allowed' : jsonOf<Problem>(answer).code
        expect([one, answer.status, code]).toEqual([one, 403, 'operator.not-allowed'])
      }
      expect(refusals() - recorded).toBe(forbidden.length)
      expect(desk.digest()).toBe(before)
      expect(forbidden.length === 0).toBe(role === 'admin')
    },
  )

  it.each(ROLES)('lets a %s see what the role allows', async (role) => {
    const user = people.get(role)!
    const views = asked((needs) => isAllowed(role, needs as (typeof PERMISSIONS)[number])).filter(
      ({ method, path }) => method === 'GET' && !path.endsWith('/events'),
    )
    expect(views.length).toBeGreaterThan(10)
    for (const one of views) {
      const answer = await send(user, one)
      const code = answer.status < 400 ? '' : jsonOf<Problem>(answer).code
      expect([one, code]).not.toEqual([one, 'operator.not-allowed'])
    }
  })

  it('that is grave asks for the password of an account that has one', async () => {
    const { credentials } = await deployment.issue('operator', 'grace')
    const password = await desk.staff.stepUp.passwords.encode('correct horse battery')
    await desk.account('grace', 'admin', { password })
    const grace = desk.user(credentials)
    const grave = asked((_needs, isGrave) => isGrave)
    expect(grave.length).toBeGreaterThan(5)
    const before = desk.digest()
    for (const one of grave) {
      const answer = await send(grace, one)
      const code = one.method === 'HEAD' ? 'password.missing' : jsonOf<Problem>(answer).code
      expect([one, answer.status, code]).toEqual([one, 401, 'password.missing'])
    }
    expect(desk.digest()).toBe(before)
  })

  it('that says not what it needs keeps the desk from opening', async () => {
    const app = fastify()
    const audit = { note: async () => {} }
    permit(app, audit, { check: async () => {} }, { now: () => 0 })
    app.get('/fine', { config: { needs: 'status.view' } }, () => '')
    expect(() => app.get('/forgotten', () => '')).toThrow('says not what it needs')
  })
})
