import { isName } from '@vedette/shared/identity'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Renewed } from '../../authority/registrar.ts'
import { ROLES } from '../../operators/roles.ts'
import type { Scope } from '../../operators/scope.ts'
import { listNotFound } from '../../store/list-rows.ts'
import type { Operator } from '../../store/operators/operators.ts'
import { parse } from '../parse.ts'
import type { DeskParts } from '../parts.ts'

/** An account, and the certificate that came with it where one was asked for. */
export type NewAccount = { operator: Operator; certificate?: Renewed }

const names = z.array(z.string().min(1).max(200)).max(200).nullable()
const scope = { lists: names.default(null), cameras: names.default(null) }
const name = z.string().refine(isName, 'expected lower-case letters, digits and inner hyphens')
const addition = z.strictObject({
  name,
  role: z.enum(ROLES),
  fullName: z.string().trim().max(200).default(''),
  ...scope,
  password: z.string().max(1024).optional(),
  /** PKCS#10, PEM: a certificate for the key that signed it. */
  request: z.string().min(1).max(4096).optional(),
})
const newPassword = z.strictObject({ password: z.string().max(1024) })
const newCertificate = z.strictObject({ request: z.string().min(1).max(4096) })
const newRole = z.strictObject({ role: z.enum(ROLES) })
const newScope = z.strictObject(scope)
const named = z.object({ name })

/** Who works here: accounts, their roles and scopes. */
export async function operatorRoutes(app: FastifyInstance, options: DeskParts): Promise<void> {
  const { operators, registrar, stepUp, lists } = options
  const view = { config: { needs: 'operators.view' } } as const
  const manage = { config: { needs: 'operators.manage', grave: true } } as const
  const own = { config: { needs: 'status.view' } } as const
  const ownGrave = { config: { needs: 'status.view', grave: true } } as const

  /** Whoever is confined to a list that is none sees nothing, and nobody knows why. */
  const checkLists = (wish: Pick<Scope, 'lists'>): void => {
    const unknown = wish.lists?.find((id) => lists.find(id) === undefined)
    if (unknown !== undefined) throw listNotFound(unknown)
  }

  app.get('/operators', view, () => operators.all())

  app.get('/operators/:name', view, ({ params }) => operators.get(parse(named, params).name))

  app.get('/me', own, ({ operator }) => operators.get(operator))

  app.post('/operators', manage, async ({ body, hand }, reply) => {
    const { request, password, ...rest } = parse(addition, body)
    checkLists(rest)
    const hash = password === undefined ? null : await stepUp.passwords.hash(password)
    const operator = await operators.add({ ...rest, password: hash }, hand)
    const certificate = request && (await registrar.welcome(rest.name, request, hand.by))
    const made: NewAccount = { operator, ...(certificate && { certificate }) }
    return reply.code(201).send(made)
  })

  app.post('/operators/:name/certificate', manage, ({ params, body, hand }): Promise<Renewed> => {
    const { name: holder } = operators.get(parse(named, params).name)
    return registrar.welcome(holder, parse(newCertificate, body).request, hand.by)
  })

  app.put('/operators/:name/role', manage, ({ params, body, hand }) =>
    operators.setRole(parse(named, params).name, parse(newRole, body).role, hand),
  )

  app.put('/operators/:name/scope', manage, ({ params, body, hand }) => {
    const next = parse(newScope, body)
    checkLists(next)
    return operators.setScope(parse(named, params).name, next, hand)
  })

  app.put('/operators/:name/password', manage, async ({ params, body, hand }) => {
    const hash = await stepUp.passwords.hash(parse(newPassword, body).password)
    return operators.setPassword(parse(named, params).name, hash, hand)
  })

  app.put('/me/password', ownGrave, async ({ body, operator, hand }) => {
    const hash = await stepUp.passwords.hash(parse(newPassword, body).password)
    return operators.setPassword(operator, hash, hand)
  })

  app.post('/operators/:name/disable', manage, ({ params, hand }) =>
    operators.disable(parse(named, params).name, hand),
  )

  app.post('/operators/:name/enable', manage, ({ params, hand }) =>
    operators.enable(parse(named, params).name, hand),
  )
}
