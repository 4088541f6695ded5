import { isName } from '@vedette/shared/identity'
import { z } from 'zod'
import type { Renewed } from '../../authority/registrar.ts'
import { ROLES } from '../../operators/roles.ts'
import type { Scope } from '../../operators/scope.ts'
import { listNotFound } from '../../store/list-rows.ts'
import type { Operator } from '../../store/operators/operators.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

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
export async function operatorRoutes(app: DeskApp, options: DeskParts): Promise<void> {
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

  app.get('/operators', { ...view, schema: { summary: 'Who works here' } }, () => operators.all())

  app.get(
    '/operators/:name',
    { ...view, schema: { summary: 'One account', params: named } },
    ({ params }) => operators.get(params.name),
  )

  app.get('/me', { ...own, schema: { summary: 'Your own account' } }, ({ operator }) =>
    operators.get(operator),
  )

  app.post(
    '/operators',
    { ...manage, schema: { summary: 'Add an account', body: addition } },
    async ({ body, hand }, reply) => {
      const { request, password, ...rest } = body
      checkLists(rest)
      const hash = password === undefined ? null : await stepUp.passwords.hash(password)
      const operator = await operators.add({ ...rest, password: hash }, hand)
      const certificate = request && (await registrar.welcome(rest.name, request, hand.by))
      const made: NewAccount = { operator, ...(certificate && { certificate }) }
      return reply.code(201).send(made)
    },
  )

  app.post(
    '/operators/:name/certificate',
    {
      ...manage,
      schema: { summary: 'A certificate for somebody', params: named, body: newCertificate },
    },
    ({ params, body, hand }): Promise<Renewed> => {
      const { name: holder } = operators.get(params.name)
      return registrar.welcome(holder, body.request, hand.by)
    },
  )

  app.put(
    '/operators/:name/role',
    { ...manage, schema: { summary: 'Give somebody another role', params: named, body: newRole } },
    ({ params, body, hand }) => operators.setRole(params.name, body.role, hand),
  )

  app.put(
    '/operators/:name/scope',
    {
      ...manage,
      schema: { summary: 'Confine somebody to lists and cameras', params: named, body: newScope },
    },
    ({ params, body, hand }) => {
      checkLists(body)
      return operators.setScope(params.name, body, hand)
    },
  )

  app.put(
    '/operators/:name/password',
    {
      ...manage,
      schema: { summary: 'Give somebody a password', params: named, body: newPassword },
    },
    async ({ params, body, hand }) => {
      const hash = await stepUp.passwords.hash(body.password)
      return operators.setPassword(params.name, hash, hand)
    },
  )

  app.put(
    '/me/password',
    { ...ownGrave, schema: { summary: 'Change your own password', body: newPassword } },
    async ({ body, operator, hand }) => {
      const hash = await stepUp.passwords.hash(body.password)
      return operators.setPassword(operator, hash, hand)
    },
  )

  app.post(
    '/operators/:name/disable',
    { ...manage, schema: { summary: 'Somebody works here no more', params: named } },
    ({ params, hand }) => operators.disable(params.name, hand),
  )

  app.post(
    '/operators/:name/enable',
    { ...manage, schema: { summary: 'Somebody works here again', params: named } },
    ({ params, hand }) => operators.enable(params.name, hand),
  )
}
