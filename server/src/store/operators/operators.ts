import type { Hand } from '../../hand.ts'
import type { Role } from '../../operators/roles.ts'
import type { Scope } from '../../operators/scope.ts'
import { guarded, type OpenFile, openFile } from '../database.ts'
import { OPERATOR_MIGRATIONS, type OperatorSchema } from './schema.ts'

/** An account at the desk; its name is that of the operator's certificate. */
export type Operator = Scope & {
  name: string
  fullName: string
  role: Role
  hasPassword: boolean
  /** Whether somebody else set it: it is to be changed at the next sign-in. */
  passwordGiven: boolean
  createdAt: number
  /** `server` where no person asked for it. */
  createdBy: string
  disabledAt: number | null
  disabledBy: string | null
  seenAt: number | null
}

export type NewOperator = Pick<Operator, 'name' | 'fullName' | 'role' | 'lists' | 'cameras'> & {
  /** As argon2 encodes it. */
  password: string | null
  passwordGiven?: boolean
}

/** What can be changed of an account. */
export type OperatorPatch = Partial<
  Pick<Operator, 'fullName' | 'role' | 'lists' | 'cameras' | 'disabledAt' | 'disabledBy'> & {
    password: string
    passwordGiven: boolean
  }
>

/** Something that was done to an account, as the record is to have it. */
export type OperatorChange = {
  kind:
    | 'operator.added'
    | 'operator.adopted'
    | 'operator.disabled'
    | 'operator.enabled'
    | 'operator.password'
    | 'operator.role'
    | 'operator.scope'
    | 'operator.session-ended'
    | 'operator.second-factor-set'
    | 'operator.second-factor-removed'
    | 'operator.unlocked'
  operator: string
  hand: Hand
  at: number
  details: Record<string, string | number | boolean | null>
}
export type NumberedChange = OperatorChange & { seq: number }

/**
 * The one door to operators.db. Each change is kept with what the record is to say of it, in one
 * transaction: another file cannot be written in the same.
 */
export class OperatorStore {
  readonly #db: OpenFile<OperatorSchema>

  /** Throws IntegrityFault, and Unavailable `store.*`. */
  static open(file: string): OperatorStore {
    return new OperatorStore(openFile<OperatorSchema>(file, OPERATOR_MIGRATIONS))
  }

  private constructor(db: OpenFile<OperatorSchema>) {
    this.#db = db
  }

  get queries() {
    return this.#db.queries
  }

  /** By name. */
  async all(): Promise<Operator[]> {
    const rows = await guarded(() =>
      this.queries.selectFrom('operators').selectAll().orderBy('name').execute(),
    )
    return rows.map(({ role, lists, cameras, password, passwordGiven, ...row }) => ({
      ...row,
      role: role as Role,
      lists: namesOf(lists),
      cameras: namesOf(cameras),
      hasPassword: password !== null,
      passwordGiven: passwordGiven === 1,
    }))
  }

  async add(operator: NewOperator, change: OperatorChange): Promise<void> {
    const { lists, cameras, passwordGiven = false, ...rest } = operator
    const row = {
      ...rest,
      lists: lists && JSON.stringify(lists),
      cameras: cameras && JSON.stringify(cameras),
      passwordGiven: Number(passwordGiven),
      createdAt: change.at,
      createdBy: change.hand.by,
    }
    await guarded(() =>
      this.queries.transaction().execute(async (tx) => {
        await tx.insertInto('operators').values(row).execute()
        await tx
          .insertInto('changes')
          .values({ act: JSON.stringify(change) })
          .execute()
      }),
    )
  }

  async change(
    { lists, cameras, passwordGiven, ...rest }: OperatorPatch,
    change: OperatorChange,
  ): Promise<void> {
    const columns = {
      ...rest,
      ...(lists !== undefined && { lists: lists && JSON.stringify(lists) }),
      ...(cameras !== undefined && { cameras: cameras && JSON.stringify(cameras) }),
      ...(passwordGiven !== undefined && { passwordGiven: Number(passwordGiven) }),
    }
    await guarded(() =>
      this.queries.transaction().execute(async (tx) => {
        await tx.updateTable('operators').set(columns).where('name', '=', change.operator).execute()
        await tx
          .insertInto('changes')
          .values({ act: JSON.stringify(change) })
          .execute()
      }),
    )
  }

  /** Something about an account that changes nothing in its row. */
  async noteChange(change: OperatorChange): Promise<void> {
    await guarded(() =>
      this.queries
        .insertInto('changes')
        .values({ act: JSON.stringify(change) })
        .execute(),
    )
  }

  async seen(name: string, at: number): Promise<void> {
    await guarded(() =>
      this.queries.updateTable('operators').set({ seenAt: at }).where('name', '=', name).execute(),
    )
  }

  /** The hash of their password, where they have one. */
  async password(name: string): Promise<string | undefined> {
    const row = await guarded(() =>
      this.queries
        .selectFrom('operators')
        .select('password')
        .where('name', '=', name)
        .executeTakeFirst(),
    )
    return row?.password ?? undefined
  }

  /** Another encoding of the same password. */
  async rehash(name: string, password: string): Promise<void> {
    await guarded(() =>
      this.queries.updateTable('operators').set({ password }).where('name', '=', name).execute(),
    )
  }

  /** When accounts were made after `since` by people, the earliest first. */
  async addedSince(since: number): Promise<number[]> {
    const rows = await guarded(() =>
      this.queries
        .selectFrom('operators')
        .select('createdAt')
        .where('createdAt', '>', since)
        .where('createdBy', '!=', 'server')
        .orderBy('createdAt')
        .execute(),
    )
    return rows.map(({ createdAt }) => createdAt)
  }

  /** What was changed after number `seq`, the earliest first. */
  async changesAfter(seq: number): Promise<NumberedChange[]> {
    const rows = await guarded(() =>
      this.queries
        .selectFrom('changes')
        .selectAll()
        .where('seq', '>', seq)
        .orderBy('seq')
        .execute(),
    )
    return rows.map(({ seq: number, act }) => ({
      ...(JSON.parse(act) as OperatorChange),
      seq: number,
    }))
  }

  /** Number of the last change, 0 before the first. */
  async lastChange(): Promise<number> {
    const { last } = await guarded(() =>
      this.queries
        .selectFrom('changes')
        .select((eb) => eb.fn.max('seq').as('last'))
        .executeTakeFirstOrThrow(),
    )
    return last ?? 0
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close()
  }
}

function namesOf(json: string | null): string[] | null {
  return json === null ? null : (JSON.parse(json) as string[])
}
