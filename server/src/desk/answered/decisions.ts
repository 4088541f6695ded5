import type { NamedAlert } from '../named.ts'
import type { Problem } from '../problem.ts'

/** What came of a decision of one alert among others. */
export type Decided = { id: string; alert: NamedAlert } | { id: string; problem: Problem }
