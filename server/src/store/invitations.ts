import { sql } from 'kysely'
import { type Hand, withoutPort } from '../hand.ts'
import { type Act, appendAct, recording } from './audit.ts'
import { type Database, guarded } from './database.ts'

/** An invitation of an agent. Times are epoch milliseconds. */
export type Invitation = {
  id: string
  agent: string
  invitedBy: string
  invitedAt: number
  expiresAt: number
  /** Takes the place of the agent that has the name: its certificates are revoked. */
  replace: boolean
  usedAt: number | null
  /** The address it was used from, and the certificate that came of it. */
  usedFrom: string | null
  serial: string | null
  withdrawnAt: number | null
  withdrawnBy: string | null
}

/** Somebody who showed a code, or something like one. */
export type JoinAttempt = {
  at: number
  address: string
  /** The invitation whose code it was, if it was any. */
  invitationId: string | null
  agent: string | null
  /** `joined`, or the code of the refusal. */
  outcome: string
}

/** Attempts that are kept: the newest. */
const MOST_ATTEMPTS = 1000

/** Who was invited, and who came. Of a code only a hash of its secret is here. */
export class InvitationStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  async add(
    invitation: Pick<
      Invitation,
      'id' | 'agent' | 'invitedBy' | 'invitedAt' | 'expiresAt' | 'replace'
    >,
    secretHash: string,
    hand: Hand,
  ): Promise<void> {
    const row = { ...invitation, replace: Number(invitation.replace), secretHash }
    const { id, agent, invitedAt: at, expiresAt, replace } = invitation
    const details = { expiresAt, replace }
    const act: Act = {
      kind: 'invitation.made',
      hand,
      at,
      about: { invitation: id, agent },
      details,
    }
    await recording(this.#db, act, (tx) => tx.insertInto('invitations').values(row).execute())
  }

  /** Newest first. */
  async all(): Promise<Invitation[]> {
    const rows = await guarded(() =>
      this.#db.selectFrom('invitations').selectAll().orderBy('invitedAt', 'desc').execute(),
    )
    return rows.map(({ secretHash: _, ...row }) => ({ ...row, replace: row.replace === 1 }))
  }

  async bySecret(secretHash: string): Promise<Invitation | undefined> {
    const row = await guarded(() =>
      this.#db
        .selectFrom('invitations')
        .selectAll()
        .where('secretHash', '=', secretHash)
        .executeTakeFirst(),
    )
    if (row === undefined) return undefined
    const { secretHash: _, ...invitation } = row
    return { ...invitation, replace: row.replace === 1 }
  }

  /** Uses invitation `id` for one newcomer; false where it cannot be used any more. */
  async claim(id: string, from: string, at: number): Promise<boolean> {
    const { numUpdatedRows } = await guarded(() =>
      this.#db
        .updateTable('invitations')
        .set({ usedAt: at, usedFrom: from })
        .where('id', '=', id)
        .where('usedAt', 'is', null)
        .where('withdrawnAt', 'is', null)
        .where('expiresAt', '>', at)
        .executeTakeFirst(),
    )
    return numUpdatedRows > 0n
  }

  /** Nothing came of the claim: it may be made again. */
  async release(id: string): Promise<void> {
    const unused = { usedAt: null, usedFrom: null }
    await guarded(() =>
      this.#db.updateTable('invitations').set(unused).where('id', '=', id).execute(),
    )
  }

  async joined(id: string, serial: string): Promise<void> {
    await guarded(() =>
      this.#db.updateTable('invitations').set({ serial }).where('id', '=', id).execute(),
    )
  }

  /** False where it is used or withdrawn already. */
  async withdraw(id: string, hand: Hand, at: number): Promise<boolean> {
    return guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        const { numUpdatedRows } = await tx
          .updateTable('invitations')
          .set({ withdrawnAt: at, withdrawnBy: hand.by })
          .where('id', '=', id)
          .where('usedAt', 'is', null)
          .where('withdrawnAt', 'is', null)
          .executeTakeFirst()
        const about = { invitation: id }
        const isNew = numUpdatedRows > 0n
        if (isNew) await appendAct(tx, { kind: 'invitation.withdrawn', hand, at, about })
        return isNew
      }),
    )
  }

  /** When the last invitation that can be used at `now` expires; undefined where there is none. */
  async openUntil(now: number): Promise<number | undefined> {
    const { until } = await guarded(() =>
      this.#db
        .selectFrom('invitations')
        .select((all) => all.fn.max('expiresAt').as('until'))
        .where('usedAt', 'is', null)
        .where('withdrawnAt', 'is', null)
        .where('expiresAt', '>', now)
        .executeTakeFirstOrThrow(),
    )
    return until ?? undefined
  }

  async attempted(attempt: JoinAttempt): Promise<void> {
    await recording(this.#db, actOf(attempt), async (tx) => {
      await tx.insertInto('joinAttempts').values(attempt).execute()
      await tx
        .deleteFrom('joinAttempts')
        .where('id', '<=', sql<number>`(SELECT max(id) FROM "joinAttempts") - ${MOST_ATTEMPTS}`)
        .execute()
    })
  }

  /** Newest first. */
  async attempts(): Promise<JoinAttempt[]> {
    const columns = ['at', 'address', 'invitationId', 'agent', 'outcome'] as const
    return guarded(() =>
      this.#db.selectFrom('joinAttempts').select(columns).orderBy('id', 'desc').execute(),
    )
  }
}

/** A newcomer's hand is nobody's yet. */
function actOf({ at, address, invitationId, agent, outcome }: JoinAttempt): Act {
  const hand = { by: 'newcomer', from: withoutPort(address), why: null }
  const about = { invitation: invitationId ?? undefined, agent: agent ?? undefined }
  const kind = outcome === 'joined' ? 'join.taken' : 'join.refused'
  return { kind, hand, at, about, details: { outcome } }
}
