import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import { standsAlone } from '../../operators/password-rule.ts'
import type { Proposal } from '../../operators/second-factors.ts'
import type { Owed, Session } from '../../store/operators/sessions.ts'
import type { OwnAccount, RecoveryCodes, SeenSession } from '../answered/own-account.ts'
import {
  endedAnswer,
  operatorAnswer,
  ownAccountAnswer,
  proposalAnswer,
  recoveryAnswer,
  seenSessionsAnswer,
} from '../answers/operators.ts'
import { passwordOf } from '../guard.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

const newPassword = z.strictObject({ password: z.string().max(1024) })
const typedCode = z.strictObject({ code: z.string().max(20) })
const one = z.object({
  session: z.string().regex(/^[0-9a-f]{64}$/, 'expected the id of a session'),
})

/** One's own account: password, second factor, and where one is signed in. */
export async function ownAccountRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { operators, stepUp, sessions, factors, secondFactor: wish } = options
  const own = { config: { needs: 'status.view', owing: true } } as const
  const ownGrave = { config: { needs: 'status.view', grave: true, owing: true } } as const

  const owedBy = (name: string): Owed | null =>
    wish === 'required' && !factors.has(name) ? 'second-factor' : null

  app.get(
    '/me',
    { ...own, schema: { summary: 'Your own account', answers: { 200: ownAccountAnswer } } },
    async ({ operator }): Promise<OwnAccount> => {
      const recoveryCodes = await factors.codesLeft(operator)
      return { ...operators.get(operator), secondFactor: factors.has(operator), recoveryCodes }
    },
  )

  app.put(
    '/me/password',
    {
      ...ownGrave,
      schema: {
        summary: 'Change your own password',
        answers: { 200: operatorAnswer },
        body: newPassword,
      },
    },
    async ({ body, operator, hand, session }) => {
      const owner = { name: operator, secondFactor: wish !== 'off' && factors.has(operator) }
      const hash = await stepUp.passwords.hash(body.password, owner)
      const changed = await operators.setPassword(operator, hash, hand)
      await sessions.endAll(operator, session?.id)
      await sessions.forgetDevices(operator, session?.device)
      if (session) await sessions.settle(session, owedBy(operator), session.secondFactor)
      return changed
    },
  )

  app.get(
    '/me/sessions',
    {
      ...own,
      schema: { summary: 'Where you are signed in', answers: { 200: seenSessionsAnswer } },
    },
    async ({ operator, session }): Promise<SeenSession[]> =>
      (await sessions.of(operator)).map((one) => seenSession(one, session)),
  )

  app.delete(
    '/me/sessions',
    { ...own, schema: { summary: 'Sign out everywhere', answers: { 200: endedAnswer } } },
    async ({ operator, hand, session, spare }) => {
      spare?.()
      await options.channels.signedOut(operator, undefined, hand)
      const ended = await sessions.endAll(operator)
      const own = session !== undefined
      await operators.note('operator.session-ended', operator, hand, { sessions: ended, own })
      return { ended }
    },
  )

  app.delete(
    '/me/sessions/:session',
    {
      ...own,
      schema: { summary: 'Sign out one browser', answers: { 200: endedAnswer }, params: one },
    },
    async ({ params, operator, hand, spare, session }) => {
      const { session: id } = params
      const found = (await sessions.of(operator)).find((each) => each.id === id)
      if (found === undefined) {
        throw new Refusal('session.not-found', 'no such session', {
          hint: 'it may be over already',
        })
      }
      if (id === session?.id) spare?.()
      await options.channels.signedOut(operator, found.device, hand)
      await sessions.end(id)
      await operators.note('operator.session-ended', operator, hand, { sessions: 1 })
      return { ended: 1 }
    },
  )

  app.post(
    '/me/second-factor',
    {
      ...ownGrave,
      schema: { summary: 'Begin to set up an authenticator app', answers: { 200: proposalAnswer } },
    },
    ({ operator }): Promise<Proposal> => {
      if (wish !== 'off') return factors.propose(operator)
      throw new Refusal('second-factor.off', 'codes are not asked for here', {
        hint: 'console.secondFactor in server.yaml says whether they are',
      })
    },
  )

  app.post(
    '/me/second-factor/confirm',
    {
      ...own,
      schema: {
        summary: 'Prove that the app has it',
        answers: { 200: recoveryAnswer },
        body: typedCode,
      },
    },
    async (request): Promise<RecoveryCodes> => {
      const { body, operator, hand, session } = request
      const codes = await factors.confirm(operator, body.code)
      await operators.note('operator.second-factor-set', operator, hand)
      await sessions.endAll(operator, session?.id)
      if (session) {
        const owes = session.owes === 'password' ? 'password' : owedBy(operator)
        await sessions.settle(session, owes, true)
      }
      return { codes }
    },
  )

  app.delete(
    '/me/second-factor',
    {
      ...ownGrave,
      schema: { summary: 'Remove your second factor', answers: { 200: operatorAnswer } },
    },
    async ({ operator, hand, headers, session }) => {
      const password = passwordOf(headers)
      if (password !== undefined && !standsAlone(password)) {
        throw new Refusal('password.weak', 'without a code this password is too short', {
          hint: 'set one of 15 characters or more first',
        })
      }
      if (await factors.remove(operator)) {
        await operators.note('operator.second-factor-removed', operator, hand)
        if (session) await sessions.settle(session, owedBy(operator), false)
        await sessions.endAll(operator, session?.id)
      }
      return operators.get(operator)
    },
  )
}

/** What people are shown of a session; `mine` is that of whoever asks. */
export function seenSession(session: Session, mine: Session | undefined): SeenSession {
  const { id, address, browser, wall, secondFactor, openedAt, actedAt, endsAt } = session
  const times = { openedAt, actedAt, endsAt }
  return { id, address, browser, wall, secondFactor, ...times, own: id === mine?.id }
}
