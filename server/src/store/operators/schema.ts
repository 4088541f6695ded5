import type { Generated } from 'kysely'

/** Tables of operators.db as queries see them. Times are epoch milliseconds. */
export type OperatorSchema = {
  operators: {
    name: string
    fullName: string
    role: string
    /** JSON arrays; null is all. */
    lists: string | null
    cameras: string | null
    /** As argon2 encodes it; null where there is none. */
    password: string | null
    createdAt: number
    createdBy: string
    disabledAt: number | null
    disabledBy: string | null
    seenAt: number | null
  }
  /** What was changed, until wanted.db has it in its record. */
  changes: { seq: Generated<number>; act: string }
  /** Certificates that were renewed go on as what they renew. */
  devices: { serial: string; device: string }
  attempts: { operator: string; device: string; failures: number; notBefore: number }
}

/** Schema changes in order; the database's user_version is how many have been made. Never edited. */
export const OPERATOR_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE operators (
    name TEXT PRIMARY KEY, fullName TEXT NOT NULL, role TEXT NOT NULL,
    lists TEXT, cameras TEXT, password TEXT,
    createdAt INTEGER NOT NULL, createdBy TEXT NOT NULL,
    disabledAt INTEGER, disabledBy TEXT, seenAt INTEGER
  ) STRICT;
  CREATE INDEX operatorsByTime ON operators(createdAt);

  CREATE TABLE changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, act TEXT NOT NULL) STRICT;

  CREATE TABLE devices (serial TEXT PRIMARY KEY, device TEXT NOT NULL) STRICT;
  CREATE TABLE attempts (
    operator TEXT NOT NULL, device TEXT NOT NULL,
    failures INTEGER NOT NULL, notBefore INTEGER NOT NULL,
    PRIMARY KEY (operator, device)
  ) STRICT, WITHOUT ROWID;
  `,
]
