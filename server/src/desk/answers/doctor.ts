import { z } from 'zod'
import type { Doctored } from '../answered/doctor.ts'
import { exactly, params, text, time } from './exactly.ts'

export const doctoredAnswer = exactly<Doctored>()(
  z.strictObject({
    at: time,
    findings: z.array(
      z.strictObject({
        check: text,
        state: z.enum(['ok', 'warn', 'fail']),
        found: text,
        todo: text.optional(),
        code: text.optional(),
        params: params.optional(),
      }),
    ),
  }),
)
