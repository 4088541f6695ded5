import { z } from 'zod'
import { SOUNDS } from '../../lists/list.ts'
import type { BoardAlert, Card, Queue, QueueList } from '../answered/queue.ts'
import { ofNamedAlert, shownOfAlert } from './alerts.ts'
import { ofEntryDetails } from './entries.ts'
import { count, exactly, number, ofCamera, text, textOrNull, time, yes } from './exactly.ts'

const cardPerson = z.strictObject({
  ...ofEntryDetails,
  entry: text,
  expiresAt: time,
  photos: count,
  photo: count.describe('the one that matched; 1 is the first'),
})

export const cardAnswer = exactly<Card>('Card')(
  z.strictObject({
    ...ofNamedAlert,
    persons: z.array(cardPerson).describe('two while it is undecided'),
    earlier: z.strictObject({
      count,
      last: z.strictObject({ alert: text, ...ofCamera, capturedAt: time }).nullable(),
    }),
  }),
)

export const queueListAnswer = exactly<QueueList>('QueueList')(
  z.strictObject({
    id: text,
    name: text,
    colour: text,
    priority: number,
    sound: z.enum(SOUNDS),
    confirmations: z.literal([1, 2]),
    silent: yes.describe('now'),
  }),
)

export const queueAnswer = exactly<Queue>()(
  z.strictObject({
    seq: count.describe('it is as it was behind that change'),
    alerts: z.array(cardAnswer),
    lists: z.array(queueListAnswer),
    more: yes,
  }),
)

export const boardAnswer = exactly<BoardAlert>()(
  z.strictObject({
    ...shownOfAlert,
    name: textOrNull,
    picture: yes.describe('whether the face that was seen may be shown'),
  }),
)
