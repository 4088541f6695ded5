import { IdentityFault } from './errors.ts'

export type Role = 'server' | 'agent' | 'operator'

/** Who holds a certificate: a role and a name that is unique within it. */
export type Identity = { role: Role; name: string }

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const URI_ENTRY = /^URI:urn:vedette:(server|agent|operator):([a-z0-9-]{1,63})$/

/** True for 1 to 63 lower-case letters, digits and inner hyphens, as in a DNS label. */
export function isName(text: string): boolean {
  return NAME.test(text)
}

/** The URI subject alternative name that carries `identity` in a certificate. */
export function identityUri({ role, name }: Identity): string {
  return `urn:vedette:${role}:${name}`
}

/**
 * Reads the identity from a certificate's subject alternative names in Node's notation
 * (`URI:…, DNS:…`). Exactly one URI is allowed; agents and operators have nothing beside it.
 * Throws IdentityFault `identity.malformed`.
 */
export function parseIdentity(subjectAltName: string | undefined): Identity {
  const entries = (subjectAltName ?? '').split(', ')
  const uris = entries.filter((entry) => entry.startsWith('URI:'))
  const [, role, name] = URI_ENTRY.exec(uris.length === 1 ? uris[0]! : '') ?? []
  if (role === undefined || name === undefined || !isName(name)) {
    throw new IdentityFault(
      'identity.malformed',
      `certificate does not carry exactly one identity: ${subjectAltName ?? 'no names at all'}`,
    )
  }
  if (role !== 'server' && entries.length !== 1) {
    throw new IdentityFault(
      'identity.malformed',
      `${role} certificate carries names beside its own`,
    )
  }
  return { role: role as Role, name }
}
