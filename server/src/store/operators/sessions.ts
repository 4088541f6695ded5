import type { Kysely, Selectable, Transaction } from 'kysely'
import { guarded } from '../database.ts'
import type { OperatorSchema } from './schema.ts'

/** Somebody who is signed in at the console. Times are epoch milliseconds. */
export type Session = {
  /** SHA-256 of what the browser holds, hexadecimal. */
  id: string
  operator: string
  /** SHA-256 of what the browser holds from one session to the next. */
  device: string
  address: string
  browser: string
  /** A screen on the wall, which only ever shows. */
  wall: boolean
  secondFactor: boolean
  openedAt: number
  /** When a person last did something. */
  actedAt: number
  endsAt: number
  /** What is to be put right before anything else. */
  owes: Owed | null
}

/** A password that another knows or that is too short, or a second factor that is asked for. */
export type Owed = 'password' | 'second-factor'

/** What is written with a session, or not at all. */
export type WithSession = (tx: Transaction<OperatorSchema>) => Promise<void>

/** Who is signed in at the console, and from which browsers people have been before. */
export class SessionStore {
  readonly #db: Kysely<OperatorSchema>

  constructor(db: Kysely<OperatorSchema>) {
    this.#db = db
  }

  /**
   * Adds one, whose browser is known from then on; forgets all that are over at its beginning, those
   * that nobody used after `idleSince` among them, and devices from which nobody has come after
   * `devicesSince`. One write for everything, `more` with it: others wait for the disk.
   */
  async open(
    { wall, secondFactor, ...session }: Session,
    { idleSince, devicesSince }: { idleSince: number; devicesSince: number },
    more: WithSession = async () => {},
  ): Promise<void> {
    const { device, operator, openedAt: at } = session
    await guarded(() =>
      this.#db.transaction().execute(async (tx) => {
        await more(tx)
        await tx
          .deleteFrom('sessions')
          .where((eb) =>
            eb.or([
              eb('endsAt', '<=', at),
              eb.and([eb('wall', '=', 0), eb('actedAt', '<=', idleSince)]),
            ]),
          )
          .execute()
        await tx.deleteFrom('knownDevices').where('lastAt', '<', devicesSince).execute()
        const row = { ...session, wall: Number(wall), secondFactor: Number(secondFactor) }
        await tx.insertInto('sessions').values(row).execute()
        await tx
          .insertInto('knownDevices')
          .values({ device, operator, since: at, lastAt: at })
          .onConflict((conflict) =>
            conflict.columns(['device', 'operator']).doUpdateSet({ lastAt: at }),
          )
          .execute()
      }),
    )
  }

  async find(id: string): Promise<Session | undefined> {
    const row = await guarded(() =>
      this.#db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst(),
    )
    return row && sessionOf(row)
  }

  /** The latest first. */
  async of(operator: string): Promise<Session[]> {
    const rows = await guarded(() =>
      this.#db
        .selectFrom('sessions')
        .selectAll()
        .where('operator', '=', operator)
        .orderBy('openedAt', 'desc')
        .execute(),
    )
    return rows.map(sessionOf)
  }

  async acted(id: string, actedAt: number): Promise<void> {
    await guarded(() =>
      this.#db.updateTable('sessions').set({ actedAt }).where('id', '=', id).execute(),
    )
  }

  async settle(id: string, owes: Owed | null, secondFactor: boolean): Promise<void> {
    const set = { owes, secondFactor: Number(secondFactor) }
    await guarded(() => this.#db.updateTable('sessions').set(set).where('id', '=', id).execute())
  }

  async remove(id: string): Promise<void> {
    await guarded(() => this.#db.deleteFrom('sessions').where('id', '=', id).execute())
  }

  /** Whether `operator` has signed in from there before. */
  async knows(device: string, operator: string): Promise<boolean> {
    const row = await guarded(() =>
      this.#db
        .selectFrom('knownDevices')
        .select('since')
        .where('device', '=', device)
        .where('operator', '=', operator)
        .executeTakeFirst(),
    )
    return row !== undefined
  }

  /** No browser but `kept` is known to be theirs any more. */
  async forgetDevices(operator: string, kept: string): Promise<void> {
    await guarded(() =>
      this.#db
        .deleteFrom('knownDevices')
        .where('operator', '=', operator)
        .where('device', '!=', kept)
        .execute(),
    )
  }
}

function sessionOf({
  wall,
  secondFactor,
  ...row
}: Selectable<OperatorSchema['sessions']>): Session {
  const owes = row.owes as Owed | null
  return { ...row, owes, wall: wall === 1, secondFactor: secondFactor === 1 }
}
