import { X509Certificate } from 'node:crypto'
import type { CrlStatus } from '@vedette/certs/crl-shelf'
import type { LedgerEntry } from '@vedette/certs/ledger'
import type { Office } from '@vedette/certs/office'
import { kindOf, NEXT } from '@vedette/certs/rotation'
import type { Phase } from '@vedette/certs/state'
import type { Role } from '@vedette/shared/identity'
import { type Follower, type Readiness, readinessOf } from './followers.ts'

/** `late`: should have been renewed; `replaced`: its holder has a newer one. */
export type CertificateState = 'good' | 'late' | 'expired' | 'revoked' | 'retired' | 'replaced'

/** Instants are epoch milliseconds, `used` the share of its life that is over. */
export type CertificateStatus = {
  role: Role
  name: string
  serial: string
  authority: string
  notBefore: number
  notAfter: number
  age: number
  used: number
  state: CertificateState
}

export type AuthorityStatus = {
  id: string
  kind: 'root' | 'issuing'
  /** What it does now: the newest issuing authority signs, another is only let in. */
  does: 'trusted' | 'signs' | 'let in'
  notBefore: number
  notAfter: number
  used: number
  state: 'good' | 'late' | 'expired'
}

export type CertsStatus = {
  at: number
  phase: Phase
  changes: 'issuing' | 'root' | null
  next: string
  trust: string
  certificates: CertificateStatus[]
  authorities: AuthorityStatus[]
  lists: CrlStatus[]
  /** Undefined while the server does not run: nothing is known of agents. */
  readiness: Readiness | undefined
  /** What a person must see to. */
  red: string[]
}

/** A certificate is renewed at two thirds of its life; later than this it has been tried in vain. */
const LATE = 0.85

/**
 * How it stands with every certificate, authority and list. Of holders with several certificates
 * only the newest counts unless `all` are wanted. `followers` undefined: nothing is known of agents.
 */
export async function certsStatus(
  office: Office,
  followers: readonly Follower[] | undefined,
  now: number,
  all = false,
): Promise<CertsStatus> {
  const every = statusesOf(office, await office.ledger.all(), now)
  const certificates = all ? every : every.filter(({ state }) => state !== 'replaced')
  const authorities = authoritiesOf(office, now)
  const { lists, state } = office
  const readiness = followers && (await readinessOf(office, followers, 'forward', now))
  const red = [
    ...certificates
      .filter((each) => each.state === 'late' || each.state === 'expired')
      .map(({ role, name, state: how }) => `certificate of ${role} ${name}: ${how}`),
    ...authorities
      .filter((each) => each.state !== 'good')
      .map(({ kind, id, state: how }) => `${kind} authority ${id}: ${how}`),
    ...lists
      .filter((each) => each.state !== 'good')
      .map(({ kind, authority, state: how }) => `list of ${kind} ${authority}: ${how}`),
  ]
  return {
    at: now,
    phase: state.phase,
    changes: state.new === null ? null : kindOf(state),
    next: NEXT[state.phase],
    trust: office.trust.version,
    certificates,
    authorities,
    lists,
    readiness,
    red,
  }
}

function statusesOf(
  office: Office,
  entries: readonly LedgerEntry[],
  now: number,
): CertificateStatus[] {
  const newest = new Map(entries.map((entry) => [`${entry.role} ${entry.name}`, entry.serial]))
  return entries.map((entry) => {
    const { role, name, serial, authority, notBefore, notAfter } = entry
    const used = shareOf(entry, now)
    const isNewest = newest.get(`${role} ${name}`) === serial
    return {
      role,
      name,
      serial,
      authority,
      notBefore,
      notAfter,
      age: now - notBefore,
      used,
      state: stateOf(entry, used, isNewest, office.standing.accepted.includes(authority)),
    }
  })
}

function stateOf(
  { revocation }: LedgerEntry,
  used: number,
  isNewest: boolean,
  isLetIn: boolean,
): CertificateState {
  if (revocation !== undefined) return isNewest ? 'revoked' : 'replaced'
  if (!isNewest) return 'replaced'
  if (used >= 1) return 'expired'
  if (!isLetIn) return 'retired'
  return used > LATE ? 'late' : 'good'
}

/** The authorities that are let in, and their roots. */
export function authoritiesOf({ certificates, standing }: Office, now: number): AuthorityStatus[] {
  return [...certificates].map(([id, { kind, certificate }]) => {
    const { validFrom, validTo } = new X509Certificate(certificate)
    const life = { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) }
    const used = shareOf(life, now)
    const letIn = standing.signs === id ? 'signs' : 'let in'
    return {
      id,
      kind,
      does: kind === 'root' ? 'trusted' : letIn,
      ...life,
      used,
      // One that no longer signs may end in peace.
      state: used >= 1 ? 'expired' : used > LATE && standing.signs === id ? 'late' : 'good',
    }
  })
}

function shareOf({ notBefore, notAfter }: { notBefore: number; notAfter: number }, now: number) {
  return (now - notBefore) / (notAfter - notBefore)
}
