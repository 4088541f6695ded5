import type { SecureOptions } from '@vedette/shared/tls'
import { addressFor } from './address.ts'
import { JoinDoor, type JoinDoorOptions } from './door.ts'
import { Invitations, type InvitationsOptions } from './invitations.ts'

/** How camera machines become agents. */
export type Joining = {
  invitations: Invitations
  door: JoinDoor
  /** The server's address for newcomers, where the operator names none. */
  host: () => string
}

export type JoiningOptions = InvitationsOptions &
  Pick<JoinDoorOptions, 'host' | 'port' | 'gatePort'>

export async function openJoining(options: JoiningOptions): Promise<Joining> {
  const { office, host } = options
  const invitations = new Invitations(options)
  const credentials: SecureOptions = office.credentials
  const roots = () => office.trust.roots
  const door = await JoinDoor.open({ ...options, credentials, roots, invitations })
  return { invitations, door, host: () => addressFor(host) }
}
