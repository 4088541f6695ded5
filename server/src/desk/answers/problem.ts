import { z } from 'zod'
import { type Problem, statuses } from '../problem.ts'
import { findingsAnswer } from './enrolment.ts'
import { exactly, params, text } from './exactly.ts'

const STATUSES = statuses()

/** An error as the desk sends it. */
export const problemAnswer = exactly<Problem>('Problem')(
  z.strictObject({
    type: text.describe('urn:vedette:problem: and the code'),
    title: text,
    status: z.int().min(400).max(599),
    code: text
      .refine((code) => Object.hasOwn(STATUSES, code))
      .describe('What went wrong, for programs')
      .meta({ enum: Object.keys(STATUSES), 'x-statuses': STATUSES }),
    detail: text.describe('What went wrong, for people'),
    instance: text.describe('The request, as in x-request-id: urn:uuid:…').optional(),
    hint: text.describe('What to do next').optional(),
    retryAfter: z.int().describe('Seconds, where it is known when the same may succeed').optional(),
    params: params
      .describe('What detail and hint say by name and number, for other languages')
      .optional(),
    findings: findingsAnswer.describe('Of an enrolment: all that was found').optional(),
  }),
)
