import { FIRST_MIGRATIONS } from './first-migrations.ts'

/** Schema changes in order; the database's user_version is how many have been made. Never edited. */
export const MIGRATIONS: readonly string[] = [
  ...FIRST_MIGRATIONS,
  `
  CREATE TABLE usage (
    hour INTEGER NOT NULL, agent TEXT NOT NULL, camera TEXT NOT NULL,
    searches INTEGER NOT NULL, walks INTEGER NOT NULL, watchedMs INTEGER NOT NULL,
    PRIMARY KEY (hour, agent, camera)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE listSizes (
    hour INTEGER NOT NULL, list TEXT NOT NULL, entries INTEGER NOT NULL,
    PRIMARY KEY (hour, list)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE acts (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL,
    bodyHash BLOB NOT NULL, hash BLOB NOT NULL
  ) STRICT;
  CREATE INDEX actsByTime ON acts(at);
  CREATE INDEX actsByKind ON acts(kind, at);

  CREATE TABLE actBodies (seq INTEGER PRIMARY KEY REFERENCES acts(seq), body TEXT NOT NULL) STRICT;

  CREATE TABLE actSubjects (
    subject TEXT NOT NULL, id TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES acts(seq),
    PRIMARY KEY (subject, id, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX actSubjectsByAct ON actSubjects(seq);

  CREATE TABLE auditHeads (
    seq INTEGER NOT NULL, at INTEGER NOT NULL, hash BLOB NOT NULL,
    signer TEXT NOT NULL, signature BLOB NOT NULL,
    PRIMARY KEY (seq, at)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE auditCuts (kind TEXT PRIMARY KEY, through INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TRIGGER actsAreAppended BEFORE INSERT ON acts
  WHEN NEW.seq != (SELECT coalesce(max(seq), 0) + 1 FROM acts)
  BEGIN SELECT RAISE(ABORT, 'the record is appended to'); END;
  CREATE TRIGGER actsStand BEFORE UPDATE ON acts
  BEGIN SELECT RAISE(ABORT, 'the record is not changed'); END;
  CREATE TRIGGER bodiesStand BEFORE UPDATE ON actBodies
  BEGIN SELECT RAISE(ABORT, 'the record is not changed'); END;
  CREATE TRIGGER bodiesAreAppended BEFORE INSERT ON actBodies
  WHEN EXISTS (SELECT 1 FROM actBodies WHERE seq >= NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'the record is appended to'); END;
  CREATE TRIGGER headsStand BEFORE UPDATE ON auditHeads
  BEGIN SELECT RAISE(ABORT, 'the record is not changed'); END;
  CREATE TRIGGER actsAreKept BEFORE DELETE ON acts
  WHEN OLD.seq > coalesce((SELECT through FROM auditCuts WHERE kind = ''), 0)
  BEGIN SELECT RAISE(ABORT, 'the record is kept'); END;
  CREATE TRIGGER headsAreKept BEFORE DELETE ON auditHeads
  WHEN OLD.seq >= coalesce((SELECT through FROM auditCuts WHERE kind = ''), 0)
  BEGIN SELECT RAISE(ABORT, 'the record is kept'); END;
  CREATE TRIGGER bodiesAreKept BEFORE DELETE ON actBodies
  WHEN OLD.seq > coalesce((
    SELECT max(through) FROM auditCuts
    WHERE kind = '' OR kind = (SELECT kind FROM acts WHERE seq = OLD.seq)
  ), 0)
  BEGIN SELECT RAISE(ABORT, 'the record is kept'); END;
  CREATE TRIGGER headsAreAppended BEFORE INSERT ON auditHeads
  WHEN EXISTS (SELECT 1 FROM auditHeads WHERE seq > NEW.seq OR (seq = NEW.seq AND at >= NEW.at))
  BEGIN SELECT RAISE(ABORT, 'the record is appended to'); END;
  `,
  `
  ALTER TABLE lists ADD COLUMN kind TEXT NOT NULL DEFAULT 'wanted';
  ALTER TABLE lists ADD COLUMN colour TEXT NOT NULL DEFAULT '#d32f2f';
  ALTER TABLE lists ADD COLUMN priority INTEGER NOT NULL DEFAULT 3;
  ALTER TABLE lists ADD COLUMN cameras TEXT;
  ALTER TABLE lists ADD COLUMN hours TEXT;
  ALTER TABLE lists ADD COLUMN viewers TEXT;
  ALTER TABLE lists ADD COLUMN approvals INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE lists ADD COLUMN keepFor INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lists ADD COLUMN keepPictures INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE lists ADD COLUMN escalateAfter INTEGER;
  ALTER TABLE lists ADD COLUMN demands TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE lists ADD COLUMN usualLife INTEGER NOT NULL DEFAULT 7776000000;
  ALTER TABLE lists ADD COLUMN longestLife INTEGER NOT NULL DEFAULT 31536000000;
  ALTER TABLE lists ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

  ALTER TABLE entries ADD COLUMN state TEXT NOT NULL DEFAULT 'live';
  ALTER TABLE entries ADD COLUMN expiresAt INTEGER NOT NULL DEFAULT 0;
  UPDATE entries SET expiresAt = unixepoch() * 1000 + 7776000000;
  CREATE INDEX entriesByExpiry ON entries(state, expiresAt);

  ALTER TABLE photos ADD COLUMN state TEXT NOT NULL DEFAULT 'live';
  ALTER TABLE photos ADD COLUMN about BLOB;

  CREATE TABLE requests (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL,
    entryId TEXT REFERENCES entries(id) ON DELETE CASCADE,
    listId TEXT NOT NULL REFERENCES lists(id) ON DELETE CASCADE,
    change BLOB NOT NULL,
    askedBy TEXT NOT NULL, askedAt INTEGER NOT NULL, expiresAt INTEGER NOT NULL,
    state TEXT NOT NULL, decidedBy TEXT, decidedAt INTEGER
  ) STRICT;
  CREATE INDEX requestsByState ON requests(state, expiresAt);
  CREATE INDEX requestsByEntry ON requests(entryId);
  `,
  `
  ALTER TABLE alerts ADD COLUMN outcome TEXT;
  ALTER TABLE alerts ADD COLUMN resolvedAt INTEGER;
  ALTER TABLE alerts ADD COLUMN resolvedBy TEXT;
  ALTER TABLE alerts ADD COLUMN openSince INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE alerts ADD COLUMN escalations INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE alerts ADD COLUMN escalatedAt INTEGER;
  -- Nobody is called for what has waited since before there was anybody to call.
  UPDATE alerts SET openSince = raisedAt, escalations = 2;
  UPDATE alerts SET state = 'resolved', outcome = 'false',
    resolvedAt = (SELECT at FROM rejections WHERE alertId = alerts.id),
    resolvedBy = (SELECT "by" FROM rejections WHERE alertId = alerts.id)
    WHERE state = 'rejected';
  CREATE INDEX alertsOpen ON alerts(openSince) WHERE state = 'open';

  ALTER TABLE alertEvents ADD COLUMN "from" TEXT;
  ALTER TABLE alertEvents ADD COLUMN outcome TEXT;
  ALTER TABLE alertEvents ADD COLUMN words BLOB;
  UPDATE alertEvents SET kind = 'resolved', outcome = 'false' WHERE kind = 'rejected';
  UPDATE alertEvents SET kind = 'reopened', outcome = 'false' WHERE kind = 'restored';

  ALTER TABLE impostors ADD COLUMN judgedTrue INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE impostors ADD COLUMN judgedFalse INTEGER NOT NULL DEFAULT 0;
  `,
  `
  ALTER TABLE alerts ADD COLUMN retrospective INTEGER NOT NULL DEFAULT 0;
  `,
  `
  CREATE TABLE enrolmentTakes (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, operator TEXT NOT NULL
  ) STRICT;
  CREATE INDEX enrolmentTakesByTime ON enrolmentTakes(at);
  CREATE INDEX enrolmentTakesByOperator ON enrolmentTakes(operator, at);

  CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    openedBy TEXT NOT NULL, openedAt INTEGER NOT NULL, reason TEXT NOT NULL,
    photos INTEGER NOT NULL, used INTEGER NOT NULL DEFAULT 0, life INTEGER NOT NULL,
    approvedBy TEXT, approvedAt INTEGER, until INTEGER,
    closedBy TEXT, closedAt INTEGER
  ) STRICT;

  CREATE TABLE operatorsNoted (
    id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE seals (
    tbl TEXT NOT NULL, row TEXT NOT NULL, version INTEGER NOT NULL, mac BLOB NOT NULL,
    PRIMARY KEY (tbl, row)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE sealSums (tbl TEXT PRIMARY KEY, sum BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE vaultKeys (
    version INTEGER PRIMARY KEY, mark TEXT NOT NULL, since INTEGER NOT NULL, retiredAt INTEGER
  ) STRICT;
  CREATE TABLE vaultSecrets (name TEXT PRIMARY KEY, wrappedKey BLOB NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE erasures (
    entryId TEXT PRIMARY KEY, at INTEGER NOT NULL, "by" TEXT NOT NULL, erasedAt INTEGER,
    rows INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX photosThatWait ON photos(id) WHERE state != 'live';
  `,
  `
  CREATE TABLE enrolmentKeys (
    id TEXT PRIMARY KEY,
    entryId TEXT NOT NULL REFERENCES entries(id) ON DELETE CASCADE,
    kept BLOB NOT NULL
  ) STRICT;
  CREATE INDEX enrolmentKeysByEntry ON enrolmentKeys(entryId);
  `,
  `
  ALTER TABLE evidence ADD COLUMN own BLOB;
  ALTER TABLE evidence ADD COLUMN fused BLOB;
  ALTER TABLE evidence ADD COLUMN coherence REAL;
  ALTER TABLE evidence ADD COLUMN weight REAL;
  ALTER TABLE evidence ADD COLUMN side REAL;

  CREATE TABLE dossiers (
    alertId TEXT PRIMARY KEY REFERENCES alerts(id) ON DELETE CASCADE,
    entryId TEXT NOT NULL, dossier BLOB NOT NULL
  ) STRICT;
  CREATE INDEX dossiersByEntry ON dossiers(entryId);
  `,
  `
  CREATE TABLE alertTallies (
    hour INTEGER NOT NULL, list TEXT NOT NULL, agent TEXT NOT NULL, camera TEXT NOT NULL,
    fate TEXT NOT NULL, late INTEGER NOT NULL, retrospective INTEGER NOT NULL,
    alerts INTEGER NOT NULL,
    PRIMARY KEY (hour, list, agent, camera, fate, late, retrospective)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- All that a page of the past and its counts are made of: rows of alerts hold pictures.
  CREATE INDEX alertsByCapture ON alerts(
    capturedAt, id, listId, agent, camera, entryId, outcome, certainty, state, late, retrospective
  );
  CREATE INDEX alertsByRaising ON alerts(
    raisedAt, capturedAt, receivedAt, acknowledgedAt, resolvedAt,
    listId, agent, camera, certainty, outcome, late, retrospective
  );
  `,
  `
  ALTER TABLE cameraPlaces ADD COLUMN "range" REAL;

  CREATE TABLE floorPlans (
    id TEXT PRIMARY KEY, name TEXT NOT NULL,
    wrappedKey BLOB NOT NULL, image BLOB NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL,
    metres REAL, north REAL NOT NULL,
    addedBy TEXT NOT NULL, addedAt INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE planPlaces (
    agent TEXT NOT NULL, camera TEXT NOT NULL,
    plan TEXT NOT NULL REFERENCES floorPlans(id) ON DELETE CASCADE,
    x REAL NOT NULL, y REAL NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (agent, camera)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX planPlacesByPlan ON planPlaces(plan);
  `,
  `
  ALTER TABLE lists ADD COLUMN confirmations INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE lists ADD COLUMN sound TEXT NOT NULL DEFAULT 'repeat';
  ALTER TABLE lists ADD COLUMN quiet TEXT;
  ALTER TABLE lists ADD COLUMN boardNames INTEGER NOT NULL DEFAULT 1;

  ALTER TABLE alerts ADD COLUMN parkedUntil INTEGER;
  ALTER TABLE alerts ADD COLUMN parkedBy TEXT;
  ALTER TABLE alerts ADD COLUMN affirmedAt INTEGER;
  ALTER TABLE alerts ADD COLUMN affirmedBy TEXT;
  ALTER TABLE alerts ADD COLUMN "before" TEXT;
  CREATE INDEX alertsAwaiting ON alerts(openSince) WHERE state = 'awaiting';
  CREATE INDEX alertsParked ON alerts(parkedUntil) WHERE state = 'parked';
  `,
  `
  CREATE TABLE channels (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, "on" INTEGER NOT NULL, about BLOB NOT NULL,
    createdAt INTEGER NOT NULL, createdBy TEXT NOT NULL, version INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE notices (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
    channelId TEXT NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
    kind TEXT NOT NULL, at INTEGER NOT NULL, since INTEGER NOT NULL,
    alertId TEXT, camera TEXT, about TEXT, event INTEGER, recipient TEXT,
    priority INTEGER NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, notBefore INTEGER NOT NULL DEFAULT 0,
    settledAt INTEGER, code TEXT, said TEXT
  ) STRICT;
  CREATE INDEX noticesWaiting ON notices(channelId, seq) WHERE state = 'waiting';
  CREATE INDEX noticesByChannel ON notices(channelId, state, seq);
  CREATE INDEX noticesSettled ON notices(settledAt);
  CREATE INDEX noticesByAlert ON notices(alertId, channelId);
  CREATE UNIQUE INDEX noticesByEvent ON notices(channelId, event, coalesce(recipient, ''))
    WHERE event IS NOT NULL;
  CREATE TABLE noticesPlanned (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL) STRICT;
  CREATE TABLE camerasTold (camera TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE pushSubscriptions (
    id TEXT PRIMARY KEY, channelId TEXT NOT NULL REFERENCES channels(id) ON DELETE CASCADE,
    operator TEXT NOT NULL, device TEXT NOT NULL, about BLOB NOT NULL, createdAt INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX pushSubscriptionsByChannel ON pushSubscriptions(channelId);
  `,
]
