import { type FromAgent, type GoodbyeReason, type Hello, SPOKEN } from '@vedette/shared/message'
import { skewOf } from './timing.ts'

export type Hearing = {
  /** Milliseconds that the agent is to stay away; 0 where it may come in. */
  away: number
  /** Components of an embedding of a space; undefined where that is not spoken here. */
  lengthOf: (space: string) => number | undefined
}

/** Who says hello, and by how much its clock is behind, milliseconds; or why it cannot stay. */
export type Greeting = { hello: Hello; skew: number } | { refusal: GoodbyeReason }

/** Judges the first thing that an agent says, at `now`. */
export function greetingOf(first: FromAgent, now: number, { away, lengthOf }: Hearing): Greeting {
  if (first.type !== 'hello') return { refusal: 'protocol' }
  if (away > 0) return { refusal: 'flapping' }
  if (!SPOKEN.has(first.protocol)) return { refusal: 'version' }
  if (lengthOf(first.model) === undefined) return { refusal: 'model' }
  const skew = skewOf(first.sentAt, now)
  return skew === undefined ? { refusal: 'clock' } : { hello: first, skew }
}
