import type { Finding } from '@vedette/shared/doctor/findings'
import { z } from 'zod'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

/** What was found, and when it was looked at, epoch milliseconds. */
export type Doctored = { at: number; findings: Finding[] }

/** What was found out is told for so long, milliseconds. */
const FRESH_MS = 20_000

const doctored = z.strictObject({
  at: z.int(),
  findings: z.array(
    z.strictObject({
      check: z.string(),
      state: z.enum(['ok', 'warn', 'fail']),
      found: z.string(),
      todo: z.string().optional(),
      code: z.string().optional(),
      params: z
        .record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]))
        .optional(),
    }),
  ),
})

/** What `vedette doctor` finds, as far as a server that runs can look. */
export async function doctorRoutes(app: DeskApp, { doctor, clock }: DeskParts): Promise<void> {
  /** However many ask, the machine is looked at once for all of them. */
  let latest: { at: number; findings: Promise<Finding[]> } | undefined

  app.get(
    '/doctor',
    {
      config: { answer: doctored, needs: 'database.manage' },
      schema: { summary: 'What is wrong with the machine of the server, and what to do' },
    },
    async (): Promise<Doctored> => {
      const now = clock.now()
      if (latest === undefined || now - latest.at >= FRESH_MS) {
        latest = { at: now, findings: doctor() }
        // What fails is asked for again.
        latest.findings.catch(() => (latest = undefined))
      }
      const { at, findings } = latest
      return { at, findings: await findings }
    },
  )
}
