import { TROUBLES } from '@vedette/shared/message'
import { z } from 'zod'
import type { Why } from '../../cameras/state.ts'
import type { TroubleRecord } from '../../store/troubles.ts'
import type { Watch } from '../answered/cameras.ts'
import type { FleetCourse } from '../answered/fleet.ts'
import type { LiveTerms, SavedPicture } from '../answered/live.ts'
import {
  count,
  exactly,
  number,
  numberOrNull,
  ofCamera,
  span,
  text,
  time,
  timeOrNull,
  yes,
} from './exactly.ts'

const colour = z.enum(['green', 'amber', 'red'])
export const WHYS = [
  'well',
  'no-canary',
  'away',
  'not-announced',
  'blind',
  'troubled',
  'slow',
  'missed',
  'waiting',
  'unchecked',
] as const satisfies Why[]
const trouble = z.enum(TROUBLES)

export const watchAnswer = exactly<Watch>()(
  z.strictObject({
    state: colour,
    canary: z
      .strictObject({ every: z.union([z.literal('off'), span]), limit: span })
      .describe('test faces'),
    cameras: z.array(
      z.strictObject({
        ...ofCamera,
        firstSeen: time,
        passedAt: timeOrNull.describe('when a test face last came through'),
        latencyMs: numberOrNull,
        state: colour,
        why: z.enum(WHYS),
        connected: yes,
        stateSince: time,
        missed: count.describe('test faces in a row that did not come through'),
        troubles: z.array(z.strictObject({ kind: trouble, since: time })),
      }),
    ),
    store: z.array(
      z.strictObject({
        code: z.enum([
          'store.full',
          'store.failed',
          'store.busy',
          'store.damaged',
          'store.tampered',
          'store.log-pinned',
        ]),
        since: time,
        state: z.enum(['amber', 'red']),
        message: text,
        hint: text,
      }),
    ),
  }),
)

export const troubleAnswer = exactly<TroubleRecord>()(
  z.strictObject({
    id: text,
    ...ofCamera,
    kind: trouble,
    since: time,
    receivedAt: time,
    endedAt: timeOrNull,
    pictures: z.strictObject({ begin: yes, end: yes }),
  }),
)

/** For how long a camera was seen to work, and why not. */
export const ofRelied = {
  known: span,
  well: span,
  blind: z
    .partialRecord(z.enum([...WHYS, 'server-away']), span.optional())
    .describe('milliseconds, by why'),
}
const relied = z.strictObject(ofRelied)

export const fleetAnswer = exactly<FleetCourse>()(
  z.strictObject({
    now: time,
    step: span,
    software: text,
    cameras: z.array(
      z.strictObject({
        ...ofCamera,
        minutes: z.array(
          z.strictObject({
            at: time,
            latencyMs: numberOrNull,
            missed: count,
            questions: count,
            given: numberOrNull.describe('frames a second'),
            skipped: numberOrNull.describe('frames a second'),
            looked: numberOrNull.describe('frames a second'),
          }),
        ),
        day: relied,
        week: relied,
      }),
    ),
  }),
)

export const liveTermsAnswer = exactly<LiveTerms>()(
  z.strictObject({
    reason: z.enum(['optional', 'required']),
    fps: number,
    tiles: count.describe('cameras of one stream'),
  }),
)

export const savedPictureAnswer = exactly<SavedPicture>()(
  z.strictObject({ name: text.describe('that the file is to have') }),
)
