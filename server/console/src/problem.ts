import type { Problem } from '@vedette/server/desk/problem'
import { said } from './problem-words.ts'

/**
 * The desk refused, or was not reached (status 0): its code, and what happened and what to do next in
 * the language of the console. Whoever shows it within a component is drawn anew in another language.
 */
export class DeskProblem extends Error {
  readonly code: string
  readonly status: number
  /** Seconds, where it is known when the same may succeed. */
  readonly retryAfter: number | undefined
  /** The answer as it was sent. */
  readonly answer: Partial<Problem>

  constructor(answer: Partial<Problem> & Pick<Problem, 'code' | 'status' | 'detail'>) {
    super()
    this.name = 'DeskProblem'
    this.code = answer.code
    this.status = answer.status
    this.retryAfter = answer.retryAfter
    this.answer = answer
  }

  override get message(): string {
    return this.#said?.detail ?? this.answer.detail ?? ''
  }

  get hint(): string | undefined {
    return this.#said?.hint ?? this.answer.hint
  }

  /** The desk's own words, where they say more than `message` does. */
  get original(): string | undefined {
    return this.#said?.own ? this.answer.detail : undefined
  }

  /** What is made here is in the language already. */
  get #said() {
    return this.status === 0 ? undefined : said(this.answer as Problem)
  }
}

/** What a person is told of anything that was thrown. */
export function asProblem(error: unknown): DeskProblem {
  if (error instanceof DeskProblem) return error
  const detail = error instanceof Error ? error.message : String(error)
  return new DeskProblem({ code: 'console.failed', status: 0, detail })
}
