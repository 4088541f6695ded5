import { Fault } from '@vedette/shared/errors'
import type { Problem } from '../desk/problem.ts'
import type { Findings } from '../gallery/enrolment-answer.ts'

/** The desk refused: its code, its words, and the HTTP status they came with. */
export class DeskFault extends Fault {
  readonly retryable = false
  readonly status: number
  /** What was found, of an enrolment that was refused. */
  readonly findings: Findings | undefined
  /** By which the server's log is searched. */
  readonly request: string | undefined

  constructor({ code, detail, hint, status, retryAfter, findings, instance }: Problem) {
    super(code, detail, {
      ...(hint !== undefined && { hint }),
      ...(retryAfter !== undefined && { retryAfter: retryAfter * 1000 }),
    })
    this.status = status
    this.findings = findings
    this.request = instance?.replace('urn:uuid:', '')
  }
}
