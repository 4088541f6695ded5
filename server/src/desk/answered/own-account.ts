import type { Operator } from '../../store/operators/operators.ts'
import type { Session } from '../../store/operators/sessions.ts'

/** One's own account. */
export type OwnAccount = Operator & {
  secondFactor: boolean
  /** Codes that are left for whoever loses the second factor. */
  recoveryCodes: number
}

/** Where somebody is signed in. */
export type SeenSession = Pick<
  Session,
  'id' | 'address' | 'browser' | 'wall' | 'secondFactor' | 'openedAt' | 'actedAt' | 'endsAt'
> & {
  /** The one that asks. */
  own: boolean
}

export type RecoveryCodes = { codes: string[] }
