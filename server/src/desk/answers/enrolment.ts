import { z } from 'zod'
import type { AddedTo, EnrolAnswer, Findings } from '../../gallery/enrolment-answer.ts'
import { PROBLEM_CODES } from '../problem-codes.ts'
import { entryAnswer, request } from './entries.ts'
import {
  count,
  exactly,
  number,
  numberOrNull,
  ofCamera,
  text,
  textOrNull,
  texts,
  time,
  yes,
} from './exactly.ts'
import { forecast, origin } from './thresholds.ts'

const aspect = z.strictObject({
  aspect: z.enum(['size', 'sharpness', 'pose', 'exposure', 'shape', 'whole']),
  share: number.describe('0 useless … 1 nothing to gain'),
  words: text,
  advice: text,
})

const face = z.strictObject({
  face: count.describe('counted from the left'),
  box: z.strictObject({ x: number, y: number, width: number, height: number }).describe('pixels'),
  eyes: number.describe('pixels between them'),
  quality: number.describe('0 … 1'),
})

const findings = {
  photos: z.array(
    z.strictObject({
      photo: count.describe('1 is the first'),
      file: text,
      accepted: yes,
      code: z.enum(PROBLEM_CODES.refusals).nullable().describe('why it was not'),
      words: text,
      advice: text,
      width: numberOrNull,
      height: numberOrNull,
      faces: z.array(face),
      background: count.describe('smaller faces'),
      face: numberOrNull.describe('which face it is about'),
      quality: numberOrNull,
      aspects: z.array(aspect).describe('the worst first'),
    }),
  ),
  agreement: z.array(numberOrNull).describe('of each photograph with the one most like it'),
  lookalikes: z.array(
    z.strictObject({
      entry: text,
      name: text,
      list: text,
      score: number,
      threshold: number,
      same: yes.describe('taken for one person'),
    }),
  ),
  forecast: z
    .array(z.strictObject({ ...ofCamera, threshold: number, origin, forecast, words: text }))
    .describe('false alerts that it adds'),
  behaviour: z
    .strictObject({
      kind: z.enum(['ordinary', 'wolf', 'lamb', 'unknown']),
      timesUsual: numberOrNull.describe('how many times as many strangers resemble it'),
      taken: count.describe('others on the list that it would be taken for'),
      words: text,
    })
    .nullable(),
}

const enrolled = {
  ...findings,
  entry: entryAnswer.nullable().describe('null: nothing was to be stored'),
  past: z
    .strictObject({
      walks: count,
      alerts: texts,
      seen: z.array(
        z.strictObject({ id: text, ...ofCamera, at: time, score: number, needed: number }),
      ),
      fault: textOrNull,
    })
    .nullable()
    .describe('null: it was not searched'),
}

export const findingsAnswer = exactly<Findings>('Findings')(z.strictObject(findings))
export const enrolAnswer = exactly<EnrolAnswer>('Enrolled')(z.strictObject(enrolled))
export const addedAnswer = exactly<AddedTo>()(z.strictObject({ ...enrolled, request }))
