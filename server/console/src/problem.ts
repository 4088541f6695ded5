import type { Problem } from '@vedette/server/desk/problem'

/** The desk refused, or was not reached (status 0): its code, its words, and what to do next. */
export class DeskProblem extends Error {
  readonly code: string
  readonly status: number
  readonly hint: string | undefined
  /** Seconds, where it is known when the same may succeed. */
  readonly retryAfter: number | undefined
  /** The answer as it was sent. */
  readonly answer: Partial<Problem>

  constructor(answer: Partial<Problem> & Pick<Problem, 'code' | 'status' | 'detail'>) {
    super(answer.detail)
    this.name = 'DeskProblem'
    this.code = answer.code
    this.status = answer.status
    this.hint = answer.hint
    this.retryAfter = answer.retryAfter
    this.answer = answer
  }
}

/** What a person is told of anything that was thrown. */
export function asProblem(error: unknown): DeskProblem {
  if (error instanceof DeskProblem) return error
  const detail = error instanceof Error ? error.message : String(error)
  return new DeskProblem({ code: 'console.failed', status: 0, detail })
}
