import type { PolicyChange } from '../lists/policy.ts'

/** What is asked for, to be done when a second person consents. */
export type Change =
  /** Somebody new may be matched. */
  | { kind: 'entry.add' }
  /** More photographs of somebody may be matched, by their ids. */
  | { kind: 'entry.photos'; photos: string[] }
  | { kind: 'entry.extend'; expiresAt: number }
  | { kind: 'entry.move'; list: string }
  /** All that is known of the entry `from` goes over to this one. */
  | { kind: 'entry.merge'; from: string }
  /** These photographs (1 is the first) are of somebody else, called `name`. */
  | { kind: 'entry.split'; photos: readonly number[]; name: string }
  | { kind: 'list.change'; policy: PolicyChange }

export type RequestState = 'pending' | 'approved' | 'refused' | 'expired'

/** A change that waits for a second person, or that one has decided upon. */
export type ChangeRequest = {
  id: string
  change: Change
  /** Undefined where it is about the list itself. */
  entry: string | undefined
  list: string
  /** Why it was asked for. */
  why: string | null
  askedBy: string
  askedAt: number
  /** Nobody can consent to it any more from then on. */
  expiresAt: number
  state: RequestState
  decidedBy: string | null
  decidedAt: number | null
}

/** What is not decided upon for so long is not done, milliseconds. */
export const REQUEST_LIFE_MS = 7 * 86_400_000
/** Requests that wait at a time. */
export const MOST_REQUESTS = 100

export const REQUEST_WORDS: Record<Change['kind'], string> = {
  'entry.add': 'new entry',
  'entry.photos': 'new photographs',
  'entry.extend': 'more time',
  'entry.move': 'move to another list',
  'entry.merge': 'merge',
  'entry.split': 'split',
  'list.change': 'weaker list',
}
