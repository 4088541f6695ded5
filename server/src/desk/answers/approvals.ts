import { z } from 'zod'
import type { ChangeRequest } from '../../approvals/request.ts'
import type { Import } from '../../store/imports.ts'
import type { OpenedImport } from '../answered/imports.ts'
import type { NamedRequest, Waiting } from '../answered/requests.ts'
import {
  count,
  exactly,
  person,
  span,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
} from './exactly.ts'
import { ofPolicy } from './lists.ts'

const change = exactly<ChangeRequest['change']>()(
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('entry.add') }),
    z.strictObject({ kind: z.literal('entry.photos'), photos: texts }),
    z.strictObject({ kind: z.literal('entry.extend'), expiresAt: time }),
    z.strictObject({ kind: z.literal('entry.move'), list: text }),
    z.strictObject({ kind: z.literal('entry.merge'), from: text }),
    z.strictObject({ kind: z.literal('entry.split'), photos: z.array(count), name: text }),
    z.strictObject({
      kind: z.literal('list.change'),
      policy: z.strictObject(ofPolicy).partial(),
    }),
  ]),
)

export const requestAnswer = exactly<NamedRequest>('ChangeRequest')(
  z.strictObject({
    id: text,
    change,
    entry: text.describe('not there where it is about the list itself').optional(),
    list: text,
    why: textOrNull,
    askedBy: text,
    askedAt: time,
    expiresAt: time,
    state: z.enum(['pending', 'approved', 'refused', 'expired']),
    decidedBy: person,
    decidedAt: timeOrNull,
    name: text.optional(),
  }),
)

export const waitingAnswer = exactly<Waiting>()(
  z.strictObject({
    requests: count,
    imports: count,
    others: count.describe('what somebody else than you asked for'),
  }),
)

const ofImport = {
  id: text,
  state: z.enum(['pending', 'open', 'spent', 'expired', 'closed']),
  openedBy: text,
  openedAt: time,
  reason: text,
  photos: count,
  used: count,
  life: span,
  approvedBy: person,
  approvedAt: timeOrNull,
  until: timeOrNull,
  closedBy: person,
  closedAt: timeOrNull,
}

export const importAnswer = exactly<Import>('Import')(z.strictObject(ofImport))
export const openedImportAnswer = exactly<OpenedImport>()(
  z.strictObject({ ...ofImport, approvers: texts }),
)
