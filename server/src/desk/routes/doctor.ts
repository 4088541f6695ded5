import type { Finding } from '@vedette/shared/doctor/findings'
import type { Doctored } from '../answered/doctor.ts'
import { doctoredAnswer } from '../answers/doctor.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

/** What was found out is told for so long, milliseconds. */
const FRESH_MS = 20_000

/** What `vedette doctor` finds, as far as a server that runs can look. */
export async function doctorRoutes(app: DeskApp, { doctor, clock }: DeskParts): Promise<void> {
  /** However many ask, the machine is looked at once for all of them. */
  let latest: { at: number; findings: Promise<Finding[]> } | undefined

  app.get(
    '/doctor',
    {
      config: { needs: 'database.manage' },
      schema: {
        summary: 'What is wrong with the machine of the server, and what to do',
        answers: { 200: doctoredAnswer },
      },
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
