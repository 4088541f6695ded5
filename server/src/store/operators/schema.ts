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
    /** 1: somebody else knows the password, and it is to be changed. */
    passwordGiven: number
  }
  /** What was changed, until wanted.db has it in its record. */
  changes: { seq: Generated<number>; act: string }
  /** Certificates that were renewed go on as what they renew. */
  devices: { serial: string; device: string }
  attempts: { operator: string; device: string; failures: number; notBefore: number }
  /** Who is signed in at the console. `id` and `device` are SHA-256 of what the browser holds. */
  sessions: {
    id: string
    operator: string
    device: string
    address: string
    browser: string
    /** 1: a screen on the wall, which only ever shows. */
    wall: number
    /** 1: with a code as well as the password. */
    secondFactor: number
    openedAt: number
    /** When a person last did something. */
    actedAt: number
    endsAt: number
    /** `password` or `second-factor`: to be put right before anything else. */
    owes: string | null
  }
  /** Browsers from which somebody has signed in before. */
  knownDevices: { device: string; operator: string; since: number; lastAt: number }
  /** Wrong guesses in a row, by account, and by account and device that is known. */
  guesses: { bucket: string; failures: number; notBefore: number; lastAt: number }
  /** When the last guesses were made, by address, and by all: a JSON array. */
  paces: { bucket: string; times: string; lastAt: number }
  secondFactors: {
    operator: string
    /** Base32, sealed; null until the first code proved that it is in somebody's hands. */
    secret: string
    since: number | null
    /** Number of the last step that was used: a code is good once. */
    lastStep: number
  }
  recoveryCodes: { operator: string; hash: string }
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
  `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY, operator TEXT NOT NULL, device TEXT NOT NULL,
    address TEXT NOT NULL, browser TEXT NOT NULL,
    wall INTEGER NOT NULL, secondFactor INTEGER NOT NULL,
    openedAt INTEGER NOT NULL, actedAt INTEGER NOT NULL, endsAt INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessionsByOperator ON sessions(operator);
  CREATE TABLE knownDevices (
    device TEXT NOT NULL, operator TEXT NOT NULL,
    since INTEGER NOT NULL, lastAt INTEGER NOT NULL,
    PRIMARY KEY (device, operator)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE guesses (
    bucket TEXT PRIMARY KEY, failures INTEGER NOT NULL,
    notBefore INTEGER NOT NULL, lastAt INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX guessesByTime ON guesses(lastAt);
  CREATE TABLE paces (
    bucket TEXT PRIMARY KEY, times TEXT NOT NULL, lastAt INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE secondFactors (
    operator TEXT PRIMARY KEY, secret TEXT NOT NULL, since INTEGER, lastStep INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE recoveryCodes (
    operator TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY (operator, hash)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE operators ADD COLUMN passwordGiven INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sessions ADD COLUMN owes TEXT;
  `,
]
