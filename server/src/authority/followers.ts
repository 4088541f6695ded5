import type { LedgerEntry } from '@vedette/certs/ledger'
import type { Office } from '@vedette/certs/office'
import type { Phase } from '@vedette/certs/state'

/**
 * An agent as the server knows it: what it said it trusts, and the certificate it showed last.
 * `near`: it is here, or may be on its way back.
 */
export type Follower = { name: string; near: boolean; trust: string | null; serial: string }

/**
 * For so long is an agent that has gone expected back, ms: twice the longest wait of its uplink. So
 * is every agent after the server has started.
 */
export const RETURN_MS = 60_000

/** Who would be left behind by a step, and what that holder lacks. */
export type Behind = { role: 'agent' | 'operator'; name: string; lacks: 'roots' | 'certificate' }

/** `waiting` are agents that can be waited for; `away` is everybody else. */
export type Readiness = { waiting: Behind[]; away: Behind[] }

/** What an agent must have before a phase is entered. */
type Need = 'roots' | 'certificate' | 'both' | 'nothing'

const NEEDED: Record<'forward' | 'back', Record<Phase, Need>> = {
  forward: {
    steady: 'nothing',
    prepared: 'roots',
    activated: 'both',
    moved: 'both',
    retired: 'nothing',
  },
  back: {
    steady: 'nothing',
    prepared: 'certificate',
    activated: 'nothing',
    moved: 'roots',
    retired: 'nothing',
  },
}

/**
 * Who has not followed as far as the step that leads on from the present phase (or back from it)
 * needs: an agent whose server shows what it does not trust, or that shows what is no longer let in,
 * is locked out.
 */
export async function readinessOf(
  office: Office,
  followers: readonly Follower[],
  direction: 'forward' | 'back',
  now: number,
): Promise<Readiness> {
  const need = NEEDED[direction][office.state.phase]
  if (need === 'nothing') return { waiting: [], away: [] }
  const waiting: Behind[] = []
  const away: Behind[] = []
  const holders = await holdersIn(office, now)
  for (const { name, near, trust, serial } of followers) {
    const newest = holders.get(`agent ${name}`)
    if (!near && newest === undefined) continue // its certificates have ended
    holders.delete(`agent ${name}`)
    const entry = await office.ledger.find(serial)
    const lacks = lackOf(need, trust === office.trust.version, isBy(office, entry))
    if (lacks !== undefined) (near ? waiting : away).push({ role: 'agent', name, lacks })
  }
  for (const entry of holders.values()) {
    // Nothing is known of what those who never came trust: their certificate tells.
    const lacks = isBy(office, entry) ? undefined : lackOf(need, false, false)
    if (lacks !== undefined) away.push({ role: roleOf(entry), name: entry.name, lacks })
  }
  return { waiting, away }
}

/** The newest certificate of each agent and operator that can still be shown. */
async function holdersIn(office: Office, now: number): Promise<Map<string, LedgerEntry>> {
  const holders = new Map<string, LedgerEntry>()
  for (const entry of await office.ledger.all()) {
    if (entry.role === 'server' || entry.revocation !== undefined || entry.notAfter <= now) continue
    holders.set(`${entry.role} ${entry.name}`, entry)
  }
  return holders
}

function lackOf(need: Need, roots: boolean, certificate: boolean): Behind['lacks'] | undefined {
  if (!roots && need !== 'certificate') return 'roots'
  if (!certificate && need !== 'roots') return 'certificate'
  return undefined
}

function isBy({ standing }: Office, entry: LedgerEntry | undefined): boolean {
  return entry?.authority === standing.signs
}

function roleOf({ role }: LedgerEntry): Behind['role'] {
  return role === 'operator' ? 'operator' : 'agent'
}
