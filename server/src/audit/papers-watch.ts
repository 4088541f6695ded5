import type { LedgerEntry } from '@vedette/certs/ledger'
import type { Office } from '@vedette/certs/office'
import type { Clock } from '@vedette/shared/clock'
import { SERVER_HAND } from '../hand.ts'
import type { AuditStore } from '../store/audit.ts'
import type { Act } from './act.ts'
import type { PatientNotes } from './patient-notes.ts'

/** Revocations are looked for in the record so long before they were made, milliseconds. */
const BEFORE_MS = 5000

type Options = {
  office: Pick<Office, 'ledger' | 'state' | 'trust'>
  store: Pick<AuditStore, 'search'>
  notes: Pick<PatientNotes, 'note'>
  /** What was issued and revoked until then is recorded already, epoch milliseconds. */
  since: number
  clock: Pick<Clock, 'now'>
}

/**
 * Records every certificate that is issued or revoked and every step of a rotation, whichever process
 * did it: the ledger tells.
 */
export class PapersWatch {
  readonly #options: Options
  #since: number
  #mark: string | undefined
  #phase: string

  constructor(options: Options) {
    this.#options = options
    this.#since = options.since
    this.#phase = options.office.state.phase
  }

  /** Records what is new. */
  async look(): Promise<void> {
    const { office, notes, clock } = this.#options
    const { phase } = office.state
    if (phase !== this.#phase) {
      const details = { from: this.#phase, to: phase, trust: office.trust.version }
      this.#phase = phase
      const at = clock.now()
      notes.note({ kind: 'certificates.moved', hand: SERVER_HAND, at, about: {}, details })
    }
    const mark = String(office.ledger.mark)
    if (mark === this.#mark) return
    const entries = await office.ledger.all()
    this.#mark = mark
    let newest = this.#since
    for (const entry of entries) {
      if (entry.at > this.#since) notes.note(issuedAct(entry))
      const { revocation } = entry
      if (revocation && revocation.at > this.#since) await this.#revoked(entry, revocation)
      newest = Math.max(newest, entry.at, revocation?.at ?? 0)
    }
    this.#since = newest
  }

  /** Where an operator asked the desk for it, it is recorded with their name. */
  async #revoked(
    { serial, role, name }: LedgerEntry,
    { at, reason }: NonNullable<LedgerEntry['revocation']>,
  ): Promise<void> {
    const { store, notes } = this.#options
    const known = await store.search({
      kinds: ['certificate.revoked'],
      since: at - BEFORE_MS,
      limit: 1000,
    })
    const named = known.some(({ details }) => (details?.serials as string[])?.includes(serial))
    if (named) return
    const about = { certificate: serial, ...(role !== 'server' && { [role]: name }) }
    const details = { serials: [serial], reason }
    notes.note({ kind: 'certificate.revoked', hand: SERVER_HAND, at, about, details })
  }
}

function issuedAct({ serial, role, name, authority, notAfter, at }: LedgerEntry): Act {
  const about = { certificate: serial, ...(role !== 'server' && { [role]: name }) }
  const details = { role, authority, notAfter }
  return { kind: 'certificate.issued', hand: SERVER_HAND, at, about, details }
}
