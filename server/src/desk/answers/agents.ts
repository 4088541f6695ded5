import { z } from 'zod'
import type { Invitation, JoinAttempt } from '../../store/invitations.ts'
import type { AgentStatus } from '../answered/agents.ts'
import type { Invitational } from '../answered/invitations.ts'
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

export const agentAnswer = exactly<AgentStatus>('Agent')(
  z.strictObject({
    name: text,
    serial: text,
    software: text,
    cameras: texts,
    firstSeen: time,
    lastSeen: time,
    trust: textOrNull.describe('version of the roots that it trusts'),
    connected: yes,
    lost: count.describe('messages that never came'),
    space: textOrNull.describe('the embedding space that it asks in'),
    fares: z.strictObject({ waiting: number, dropped: number, at: time }).nullable(),
  }),
)

export const invitedAnswer = exactly<Invitational>()(
  z.strictObject({ id: text, agent: text, code: text, expiresAt: time, server: text }),
)

export const invitationAnswer = exactly<Invitation>()(
  z.strictObject({
    id: text,
    agent: text,
    invitedBy: text,
    invitedAt: time,
    expiresAt: time,
    replace: yes,
    usedAt: timeOrNull,
    usedFrom: textOrNull,
    serial: textOrNull,
    withdrawnAt: timeOrNull,
    withdrawnBy: person,
  }),
)

export const attemptAnswer = exactly<JoinAttempt>()(
  z.strictObject({
    at: time,
    address: text,
    invitationId: textOrNull,
    agent: textOrNull,
    outcome: text.describe('joined, or the code of the refusal'),
  }),
)
