import type { Invited } from '../../join/invitations.ts'

/** A code, and where it is to be shown. */
export type Invitational = Invited & { server: string }
