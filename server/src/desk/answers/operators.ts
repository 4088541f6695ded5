import { z } from 'zod'
import { SPOKEN } from '../../operators/captcha-sound.ts'
import type { Puzzle } from '../../operators/captchas.ts'
import { PERMISSIONS } from '../../operators/permissions.ts'
import { ROLES } from '../../operators/roles.ts'
import type { Proposal } from '../../operators/second-factors.ts'
import type { Operator } from '../../store/operators/operators.ts'
import type { Account, NewAccount, RoleRow } from '../answered/operators.ts'
import type { OwnAccount, RecoveryCodes, SeenSession } from '../answered/own-account.ts'
import type { DoorAnswer, SessionAnswer } from '../answered/session.ts'
import { renewedAnswer } from './certificates.ts'
import {
  count,
  exactly,
  number,
  person,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
  yes,
} from './exactly.ts'

const role = z.enum(ROLES)
const permissions = z.array(z.enum(PERMISSIONS))
const scope = {
  lists: texts.nullable().describe('null: all'),
  cameras: texts.nullable().describe('null: all'),
}

const ofOperator = {
  name: text,
  fullName: text,
  role,
  ...scope,
  hasPassword: yes,
  passwordGiven: yes.describe('by somebody else: to be changed'),
  createdAt: time,
  createdBy: text,
  disabledAt: timeOrNull,
  disabledBy: person,
  seenAt: timeOrNull,
}

export const operatorAnswer = exactly<Operator>('Operator')(z.strictObject(ofOperator))

export const accountAnswer = exactly<Account>('Account')(
  z.strictObject({
    ...ofOperator,
    secondFactor: yes,
    sessions: count,
    failures: count.describe('wrong guesses in a row'),
    heldUntil: time.describe('no guess is taken before, epoch milliseconds'),
  }),
)

export const newAccountAnswer = exactly<NewAccount>()(
  z.strictObject({ operator: operatorAnswer, certificate: renewedAnswer.optional() }),
)

export const rolesAnswer = z.array(exactly<RoleRow>()(z.strictObject({ role, permissions })))

export const ownAccountAnswer = exactly<OwnAccount>()(
  z.strictObject({
    ...ofOperator,
    secondFactor: yes,
    recoveryCodes: count.describe('that are left'),
  }),
)

export const seenSessionsAnswer = z.array(
  exactly<SeenSession>('SeenSession')(
    z.strictObject({
      id: text,
      address: text,
      browser: text,
      wall: yes,
      secondFactor: yes,
      openedAt: time,
      actedAt: time,
      endsAt: time,
      own: yes.describe('the one that asks'),
    }),
  ),
)

export const endedAnswer = exactly<{ ended: number }>()(z.strictObject({ ended: count }))

export const proposalAnswer = exactly<Proposal>()(
  z.strictObject({ secret: text, address: text, picture: text }),
)

export const recoveryAnswer = exactly<RecoveryCodes>()(z.strictObject({ codes: texts }))

export const doorAnswer = exactly<DoorAnswer>()(
  z.strictObject({
    secondFactor: z.enum(['off', 'optional', 'required']),
    languages: z.array(z.enum(SPOKEN)),
  }),
)

export const puzzleAnswer = exactly<Puzzle>()(
  z.strictObject({
    token: text,
    challenge: z.strictObject({
      codeChallenge: z
        .strictObject({ image: text, audio: text.optional(), length: number.optional() })
        .optional(),
      parameters: z.strictObject({
        algorithm: text,
        nonce: text,
        salt: text,
        cost: number,
        keyLength: number,
        keyPrefix: text,
        keySignature: text.optional(),
        memoryCost: number.optional(),
        parallelism: number.optional(),
        expiresAt: number.optional(),
        data: z.record(text, z.union([text, number, yes, z.null()])).optional(),
      }),
      signature: text.optional(),
    }),
    picture: text.describe('PNG, base64'),
    sound: textOrNull.describe('WAV, base64'),
    speaks: yes,
    expiresAt: time,
  }),
)

export const sessionAnswer = exactly<SessionAnswer>('Session')(
  z.strictObject({
    name: text,
    role,
    permissions,
    scope: z.strictObject(scope),
    csrf: text,
    expiresAt: time,
    secondFactor: yes,
    wall: yes,
    owes: z.enum(['password', 'second-factor']).nullable(),
  }),
)
