import { isName } from '@vedette/shared/identity'
import { z } from 'zod'
import type { Renewed } from '../../authority/registrar.ts'
import { refuseOwn } from '../../operators/checks.ts'
import { permissionsOf, ROLES } from '../../operators/roles.ts'
import type { Scope } from '../../operators/scope.ts'
import { listNotFound } from '../../store/list-rows.ts'
import type { Operator } from '../../store/operators/operators.ts'
import type { Account, NewAccount, RoleRow } from '../answered/operators.ts'
import { renewedAnswer } from '../answers/certificates.ts'
import {
  accountAnswer,
  endedAnswer,
  newAccountAnswer,
  operatorAnswer,
  rolesAnswer,
  seenSessionsAnswer,
} from '../answers/operators.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'
import { seenSession } from './own-account.ts'

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
  const { operators, registrar, stepUp, lists, sessions, factors, signIn } = options
  const view = { config: { needs: 'operators.view' } } as const
  const manage = { config: { needs: 'operators.manage', grave: true } } as const

  /** Whoever is confined to a list that is none sees nothing, and nobody knows why. */
  const checkLists = (wish: Pick<Scope, 'lists'>): void => {
    const unknown = wish.lists?.find((id) => lists.find(id) === undefined)
    if (unknown !== undefined) throw listNotFound(unknown)
  }

  const hash = (whose: string, password: string): Promise<string> =>
    stepUp.passwords.hash(password, { name: whose, secondFactor: factors.has(whose) })
  const accountOf = async (operator: Operator): Promise<Account> => ({
    ...operator,
    secondFactor: factors.has(operator.name),
    sessions: (await sessions.of(operator.name)).length,
    ...(await signIn.held(operator.name)),
  })

  app.get(
    '/operators',
    {
      ...view,
      schema: { summary: 'Who works here', answers: { 200: z.array(accountAnswer) } },
    },
    () => Promise.all(operators.all().map(accountOf)),
  )

  app.get(
    '/operators/:name',
    {
      ...view,
      schema: { summary: 'One account', answers: { 200: accountAnswer }, params: named },
    },
    ({ params }) => accountOf(operators.get(params.name)),
  )

  app.get(
    '/roles',
    {
      config: { needs: 'status.view' },
      schema: { summary: 'What each role may do', answers: { 200: rolesAnswer } },
    },
    () => ROLES.map((role): RoleRow => ({ role, permissions: permissionsOf(role) })),
  )

  app.post(
    '/operators',
    {
      ...manage,
      schema: { summary: 'Add an account', answers: { 201: newAccountAnswer }, body: addition },
    },
    async ({ body, hand }, reply) => {
      const { request, password, ...rest } = body
      checkLists(rest)
      const encoded = password === undefined ? null : await hash(rest.name, password)
      const account = { ...rest, password: encoded, passwordGiven: encoded !== null }
      const operator = await operators.add(account, hand)
      const certificate = request && (await registrar.welcome(rest.name, request, hand.by))
      const made: NewAccount = { operator, ...(certificate && { certificate }) }
      return reply.code(201).send(made)
    },
  )

  app.post(
    '/operators/:name/certificate',
    {
      ...manage,
      schema: {
        summary: 'A certificate for somebody',
        answers: { 200: renewedAnswer },
        params: named,
        body: newCertificate,
      },
    },
    ({ params, body, hand }): Promise<Renewed> => {
      const { name: holder } = operators.get(params.name)
      return registrar.welcome(holder, body.request, hand.by)
    },
  )

  app.put(
    '/operators/:name/role',
    {
      ...manage,
      schema: {
        summary: 'Give somebody another role',
        answers: { 200: operatorAnswer },
        params: named,
        body: newRole,
      },
    },
    ({ params, body, hand }) => operators.setRole(params.name, body.role, hand),
  )

  app.put(
    '/operators/:name/scope',
    {
      ...manage,
      schema: {
        summary: 'Confine somebody to lists and cameras',
        answers: { 200: operatorAnswer },
        params: named,
        body: newScope,
      },
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
      schema: {
        summary: 'Give somebody a password',
        answers: { 200: operatorAnswer },
        params: named,
        body: newPassword,
      },
    },
    async ({ params, body, hand }) => {
      const { name: whose } = operators.get(params.name)
      const changed = await operators.setPassword(whose, await hash(whose, body.password), hand)
      await sessions.endAll(whose)
      return changed
    },
  )

  app.post(
    '/operators/:name/disable',
    {
      ...manage,
      schema: {
        summary: 'Somebody works here no more',
        answers: { 200: operatorAnswer },
        params: named,
      },
    },
    ({ params, hand }) => operators.disable(params.name, hand),
  )

  app.get(
    '/operators/:name/sessions',
    {
      ...view,
      schema: {
        summary: 'Where somebody is signed in',
        answers: { 200: seenSessionsAnswer },
        params: named,
      },
    },
    async ({ params }) => {
      const all = await sessions.of(operators.get(params.name).name)
      return all.map((one) => seenSession(one, undefined))
    },
  )

  app.delete(
    '/operators/:name/sessions',
    {
      ...manage,
      schema: {
        summary: 'Sign somebody out everywhere',
        answers: { 200: endedAnswer },
        params: named,
      },
    },
    async ({ params, hand, session, spare }) => {
      const { name: whose } = operators.get(params.name)
      if (session?.operator === whose) spare?.()
      await options.channels.signedOut(whose, undefined, hand)
      const ended = await sessions.endAll(whose)
      await operators.note('operator.session-ended', whose, hand, { sessions: ended })
      return { ended }
    },
  )

  app.post(
    '/operators/:name/unlock',
    {
      ...manage,
      schema: { summary: 'Forget wrong passwords', answers: { 200: accountAnswer }, params: named },
    },
    async ({ params, hand }) => {
      const operator = operators.get(params.name)
      const guesses = await signIn.unlock(operator.name)
      await operators.note('operator.unlocked', operator.name, hand, { guesses })
      return accountOf(operator)
    },
  )

  app.delete(
    '/operators/:name/second-factor',
    {
      ...manage,
      schema: {
        summary: 'Take away a second factor that was lost',
        answers: { 200: accountAnswer },
        params: named,
      },
    },
    async ({ params, hand }) => {
      const operator = operators.get(params.name)
      refuseOwn(operator.name, hand)
      if (await factors.remove(operator.name)) {
        await sessions.endAll(operator.name)
        await operators.note('operator.second-factor-removed', operator.name, hand)
      }
      return accountOf(operator)
    },
  )

  app.post(
    '/operators/:name/enable',
    {
      ...manage,
      schema: {
        summary: 'Somebody works here again',
        answers: { 200: operatorAnswer },
        params: named,
      },
    },
    ({ params, hand }) => operators.enable(params.name, hand),
  )
}
