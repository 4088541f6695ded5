/** The first schema changes, up to what a deployment needed before lists had policies. Never edited. */
export const FIRST_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE lists (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, createdAt INTEGER NOT NULL
  ) STRICT;
  INSERT INTO lists VALUES ('wanted', 'wanted', 0);

  CREATE TABLE entries (
    id TEXT PRIMARY KEY,
    listId TEXT NOT NULL REFERENCES lists(id),
    details BLOB NOT NULL, wrappedKey BLOB NOT NULL,
    createdAt INTEGER NOT NULL, createdBy TEXT NOT NULL
  ) STRICT;
  CREATE INDEX entriesByList ON entries(listId);

  CREATE TABLE photos (
    id TEXT PRIMARY KEY,
    entryId TEXT NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
    position INTEGER NOT NULL, image BLOB NOT NULL, quality REAL NOT NULL,
    createdAt INTEGER NOT NULL,
    UNIQUE (entryId, position)
  ) STRICT;

  CREATE TABLE templates (
    id TEXT PRIMARY KEY,
    entryId TEXT NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
    photoId TEXT NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    space TEXT NOT NULL, vector BLOB NOT NULL
  ) STRICT;
  CREATE INDEX templatesByEntry ON templates(entryId);
  CREATE INDEX templatesByPhoto ON templates(photoId);

  CREATE TABLE alerts (
    id TEXT PRIMARY KEY,
    entryId TEXT NOT NULL, listId TEXT NOT NULL,
    agent TEXT NOT NULL, camera TEXT NOT NULL, track TEXT NOT NULL,
    state TEXT NOT NULL,
    capturedAt INTEGER NOT NULL, receivedAt INTEGER NOT NULL, raisedAt INTEGER NOT NULL,
    score REAL NOT NULL, threshold REAL NOT NULL, runnerUp REAL NOT NULL,
    templateId TEXT NOT NULL, quality REAL NOT NULL, box TEXT NOT NULL, space TEXT NOT NULL,
    chip BLOB, shots INTEGER NOT NULL,
    acknowledgedAt INTEGER, acknowledgedBy TEXT, note TEXT,
    UNIQUE (agent, track, entryId)
  ) STRICT;
  CREATE INDEX alertsByEntryAndCamera ON alerts(entryId, agent, camera, capturedAt);
  CREATE INDEX alertsByState ON alerts(state, id);

  CREATE TABLE alertEvents (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    alertId TEXT NOT NULL REFERENCES alerts(id) ON DELETE CASCADE,
    kind TEXT NOT NULL, at INTEGER NOT NULL, "by" TEXT
  ) STRICT;
  CREATE INDEX alertEventsByAlert ON alertEvents(alertId);

  CREATE TABLE agents (
    name TEXT PRIMARY KEY, serial TEXT NOT NULL, software TEXT NOT NULL, cameras TEXT NOT NULL,
    firstSeen INTEGER NOT NULL, lastSeen INTEGER NOT NULL
  ) STRICT;
  `,
  `
  ALTER TABLE templates ADD COLUMN far BLOB;
  ALTER TABLE alerts ADD COLUMN certainty TEXT NOT NULL DEFAULT 'provisional';
  ALTER TABLE alerts ADD COLUMN rivalId TEXT;
  ALTER TABLE alerts ADD COLUMN incident TEXT NOT NULL DEFAULT '';
  ALTER TABLE alerts ADD COLUMN probe BLOB;
  UPDATE alerts SET incident = id;
  CREATE INDEX alertsByIncident ON alerts(incident);
  CREATE INDEX alertsByEntry ON alerts(entryId, capturedAt);

  ALTER TABLE alertEvents ADD COLUMN track TEXT;
  ALTER TABLE alertEvents ADD COLUMN shot INTEGER;

  CREATE TABLE evidence (
    alertId TEXT NOT NULL REFERENCES alerts(id) ON DELETE CASCADE,
    track TEXT NOT NULL, shot INTEGER NOT NULL, chips INTEGER NOT NULL,
    capturedAt INTEGER NOT NULL, quality REAL NOT NULL,
    score REAL NOT NULL, threshold REAL NOT NULL, chip BLOB NOT NULL,
    PRIMARY KEY (alertId, track, shot)
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE entries ADD COLUMN strictness REAL NOT NULL DEFAULT 1;

  CREATE TABLE rejections (
    id TEXT PRIMARY KEY,
    entryId TEXT NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
    alertId TEXT NOT NULL REFERENCES alerts(id) ON DELETE CASCADE,
    at INTEGER NOT NULL, "by" TEXT NOT NULL,
    space TEXT NOT NULL, vector BLOB NOT NULL,
    UNIQUE (alertId)
  ) STRICT;
  CREATE INDEX rejectionsByEntry ON rejections(entryId);

  CREATE TABLE nearMisses (
    entryId TEXT NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
    agent TEXT NOT NULL, camera TEXT NOT NULL,
    walks INTEGER NOT NULL, highest REAL NOT NULL, templateId TEXT NOT NULL, lastAt INTEGER NOT NULL,
    PRIMARY KEY (entryId, agent, camera)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE budgets (
    scope TEXT NOT NULL, target TEXT NOT NULL, budget REAL NOT NULL,
    setBy TEXT NOT NULL, setAt INTEGER NOT NULL,
    PRIMARY KEY (scope, target)
  ) STRICT;

  CREATE TABLE impostors (
    agent TEXT NOT NULL, camera TEXT NOT NULL, space TEXT NOT NULL,
    histogram BLOB NOT NULL, walks INTEGER NOT NULL, squares REAL NOT NULL,
    doubtful INTEGER NOT NULL, watchedMs INTEGER NOT NULL,
    since INTEGER NOT NULL, updatedAt INTEGER NOT NULL,
    PRIMARY KEY (agent, camera, space)
  ) STRICT;
  `,
  `
  CREATE TABLE spaces (
    id TEXT PRIMARY KEY, role TEXT NOT NULL, since INTEGER NOT NULL,
    same INTEGER NOT NULL DEFAULT 0, onlyOld INTEGER NOT NULL DEFAULT 0,
    onlyNew INTEGER NOT NULL DEFAULT 0, different INTEGER NOT NULL DEFAULT 0,
    neither INTEGER NOT NULL DEFAULT 0, unseen INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE UNIQUE INDEX oneActiveSpace ON spaces(role) WHERE role = 'active';

  CREATE TABLE spaceFailures (
    photoId TEXT NOT NULL REFERENCES photos(id) ON DELETE CASCADE,
    space TEXT NOT NULL, code TEXT NOT NULL,
    PRIMARY KEY (photoId, space)
  ) STRICT;
  CREATE UNIQUE INDEX templatesByPhotoAndSpace ON templates(photoId, space);

  CREATE TABLE rejectionExamples (
    rejectionId TEXT NOT NULL REFERENCES rejections(id) ON DELETE CASCADE,
    space TEXT NOT NULL, vector BLOB,
    PRIMARY KEY (rejectionId, space)
  ) STRICT, WITHOUT ROWID;
  `,
  'ALTER TABLE agents ADD COLUMN trust TEXT',
  `
  CREATE TABLE pulse (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;
  `,
  `
  CREATE TABLE cameras (
    agent TEXT NOT NULL, camera TEXT NOT NULL,
    firstSeen INTEGER NOT NULL, passedAt INTEGER, latencyMs INTEGER,
    PRIMARY KEY (agent, camera)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE troubles (
    id TEXT PRIMARY KEY,
    agent TEXT NOT NULL, camera TEXT NOT NULL, kind TEXT NOT NULL,
    since INTEGER NOT NULL, receivedAt INTEGER NOT NULL, endedAt INTEGER,
    wrappedKey BLOB NOT NULL, beginPicture BLOB, endPicture BLOB,
    UNIQUE (agent, camera, kind, since)
  ) STRICT;
  CREATE INDEX troublesByTime ON troubles(receivedAt);
  `,
  `
  CREATE TABLE deliveries (
    agent TEXT PRIMARY KEY, stream TEXT NOT NULL, done INTEGER NOT NULL, lost INTEGER NOT NULL
  ) STRICT;
  ALTER TABLE alerts ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX evidenceByFrame ON evidence(track, shot);
  `,
  `
  CREATE TABLE cameraPlaces (
    agent TEXT NOT NULL, camera TEXT NOT NULL, origin TEXT NOT NULL,
    latitude REAL, longitude REAL, bearing REAL, fieldOfView REAL, address TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (agent, camera, origin)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE geocodes (
    address TEXT PRIMARY KEY, latitude REAL NOT NULL, longitude REAL NOT NULL,
    provider TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE alerts ADD COLUMN place TEXT;
  `,
  `
  CREATE TABLE invitations (
    id TEXT PRIMARY KEY, agent TEXT NOT NULL, secretHash TEXT NOT NULL UNIQUE,
    invitedBy TEXT NOT NULL, invitedAt INTEGER NOT NULL, expiresAt INTEGER NOT NULL,
    "replace" INTEGER NOT NULL,
    usedAt INTEGER, usedFrom TEXT, serial TEXT,
    withdrawnAt INTEGER, withdrawnBy TEXT
  ) STRICT;

  CREATE TABLE joinAttempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL, address TEXT NOT NULL,
    invitationId TEXT, agent TEXT, outcome TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE addresses (
    agent TEXT PRIMARY KEY, address TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT;
  `,
]
