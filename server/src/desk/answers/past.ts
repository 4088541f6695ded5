import { z } from 'zod'
import type { Answer } from '../../past/answer.ts'
import type { PastStatus } from '../answered/past.ts'
import { ofAlert } from './alerts.ts'
import { WHYS } from './cameras.ts'
import {
  count,
  exactly,
  number,
  ofCamera,
  span,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
  yes,
} from './exactly.ts'

export const pastAnswer = exactly<PastStatus>()(
  z.strictObject({
    walks: count,
    bytes: count,
    droppedUntil: timeOrNull,
    lists: z.array(z.strictObject({ list: text, keepFor: span, keepPictures: yes })),
  }),
)

const usable = (why: (typeof WHYS)[number]) => why === 'well' || why === 'slow'
const GAPS = WHYS.filter(
  (why): why is Exclude<(typeof WHYS)[number], 'well' | 'slow'> => !usable(why),
)
const gap = z.enum([...GAPS, 'server-away', 'not-kept', 'destroyed', 'dropped'])
const { id, entryId, list, agent, camera, capturedAt, state, certainty } = ofAlert
const compared = { score: number, needed: number }

export const searchedAnswer = exactly<Answer>()(
  z.strictObject({
    since: time,
    until: time,
    lists: texts,
    walks: count,
    elsewhere: count.describe('walks of models that are not in use any more'),
    sightings: z
      .array(
        z.strictObject({
          ...ofCamera,
          sighting: textOrNull,
          from: time,
          until: time,
          at: time,
          ...compared,
          quality: number,
          side: number,
          chips: count,
          pictured: yes,
        }),
      )
      .describe('the best first'),
    more: yes,
    alerts: z.array(
      z.strictObject({
        ...{ id, entryId, list, agent, camera, capturedAt, state, certainty },
        ...compared,
      }),
    ),
    cameras: z.array(
      z.strictObject({
        ...ofCamera,
        share: number.describe('of the time asked for, 0 … 1'),
        stretches: z.array(
          z.strictObject({
            from: time,
            to: time,
            gap: gap.nullable().describe('null: all is well'),
          }),
        ),
      }),
    ),
  }),
)
