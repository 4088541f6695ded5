import type { Spoken } from '../../operators/captcha-sound.ts'
import type { Permission } from '../../operators/permissions.ts'
import type { Role } from '../../operators/roles.ts'
import type { Scope } from '../../operators/scope.ts'
import type { Wish } from '../../operators/sign-in.ts'
import type { Owed } from '../../store/operators/sessions.ts'

/** Who is signed in, and what they may do. */
export type SessionAnswer = {
  name: string
  role: Role
  permissions: Permission[]
  scope: Scope
  /** To be sent with everything that changes something, header x-vedette-csrf. */
  csrf: string
  /** When it is over if nobody does anything, epoch milliseconds. */
  expiresAt: number
  /** Whether a code was asked for as well. */
  secondFactor: boolean
  /** A screen on the wall, which only shows. */
  wall: boolean
  /** What is to be put right before anything else; until then nothing is allowed. */
  owes: Owed | null
}

/** What the sign-in page must know of this place. */
export type DoorAnswer = { secondFactor: Wish; languages: readonly Spoken[] }
