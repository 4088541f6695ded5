/** Tables of past.db as queries see them. Times are epoch milliseconds, blobs are sealed. */
export type PastSchema = {
  /** One row: the key that wraps those of the slots, and when the file was last written. */
  about: { id: number; wrappedKey: Uint8Array; beatAt: number; droppedUntil: number | null }
  /** A camera's minute: destroying its key destroys whoever was seen in it. */
  slots: { id: string; about: Uint8Array; wrappedKey: Uint8Array }
  /** Walks that were nobody's. Ids are random: they tell of no time. */
  sightings: { id: string; slotId: string; body: Uint8Array; picture: Uint8Array | null }
  /** What each camera could have seen: nothing in here is about a person. */
  periods: {
    id: string
    agent: string
    camera: string
    why: string
    /** 1 while faces that match nobody were kept. */
    kept: number
    begin: number
    end: number
    open: number
  }
}

/** Schema changes in order; the database's user_version is how many have been made. Never edited. */
export const PAST_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE about (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    wrappedKey BLOB NOT NULL, beatAt INTEGER NOT NULL, droppedUntil INTEGER
  ) STRICT;

  CREATE TABLE slots (
    id TEXT PRIMARY KEY, about BLOB NOT NULL, wrappedKey BLOB NOT NULL
  ) STRICT;

  CREATE TABLE sightings (
    id TEXT PRIMARY KEY,
    slotId TEXT NOT NULL REFERENCES slots(id) ON DELETE CASCADE,
    body BLOB NOT NULL, picture BLOB
  ) STRICT;
  CREATE INDEX sightingsBySlot ON sightings(slotId);

  CREATE TABLE periods (
    id TEXT PRIMARY KEY,
    agent TEXT NOT NULL, camera TEXT NOT NULL, why TEXT NOT NULL, kept INTEGER NOT NULL,
    "begin" INTEGER NOT NULL, "end" INTEGER NOT NULL, open INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX periodsByEnd ON periods("end");
  `,
]
