import type { Renewed } from '../../authority/registrar.ts'
import type { Permission } from '../../operators/permissions.ts'
import type { Role } from '../../operators/roles.ts'
import type { Operator } from '../../store/operators/operators.ts'

/** An account, and how its holder comes in. */
export type Account = Operator & {
  secondFactor: boolean
  /** How many browsers they are signed in at. */
  sessions: number
  /** Wrong guesses in a row, and until when no further one is taken (epoch milliseconds). */
  failures: number
  heldUntil: number
}

export type RoleRow = { role: Role; permissions: Permission[] }

/** An account, and the certificate that came with it where one was asked for. */
export type NewAccount = { operator: Operator; certificate?: Renewed }
