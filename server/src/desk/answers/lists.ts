import { z } from 'zod'
import type { List } from '../../lists/list.ts'
import { DEMANDS, KINDS, SOUNDS } from '../../lists/list.ts'
import type { ListChanged } from '../../store/lists.ts'
import type { CountedList } from '../answered/lists.ts'
import { request } from './entries.ts'
import { count, exactly, number, span, text, texts, time, yes } from './exactly.ts'

const hours = {
  zone: text,
  spans: z.array(
    z.strictObject({
      days: z.array(z.literal([1, 2, 3, 4, 5, 6, 7])).describe('1 is Monday'),
      from: text,
      to: text,
    }),
  ),
}
const hoursOrNull = z.strictObject(hours).nullable()

/** Hours of a channel, in which what is urgent is told all the same. */
export const quietHours = z.strictObject({ ...hours, urgent: z.number().nullable() }).nullable()

export const ofPolicy = {
  name: text,
  kind: z.enum(KINDS),
  colour: text,
  priority: number.describe('1 is the most urgent'),
  cameras: texts.nullable().describe('null: everywhere'),
  hours: hoursOrNull.describe('null: always'),
  viewers: texts.nullable().describe('null: everybody whose account reaches it'),
  approvals: z.literal([1, 2]),
  confirmations: z.literal([1, 2]),
  sound: z.enum(SOUNDS),
  quiet: hoursOrNull,
  boardNames: yes,
  keepFor: number.describe('hours'),
  keepPictures: yes,
  escalateAfter: span.nullable(),
  demands: z.array(z.enum(DEMANDS)),
  usualLife: span,
  longestLife: span,
}

const ofList = { ...ofPolicy, id: text, createdAt: time, version: count }

const bareList = exactly<List>('List')(z.strictObject(ofList))
export const newListAnswer = bareList
export const listAnswer = exactly<CountedList>('CountedList')(
  z.strictObject({ ...ofList, live: count.describe('entries that may match') }),
)
export const listChangedAnswer = exactly<ListChanged>()(z.strictObject({ list: bareList, request }))
