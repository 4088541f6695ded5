import type { Generated } from 'kysely'
import type { AlertTables } from './schema-alerts.ts'
import type { ChannelTables } from './schema-channels.ts'

type OtherTables = AlertTables & ChannelTables

/** Tables of wanted.db as queries see them. Times are epoch milliseconds, blobs are sealed. */
export type Schema = OtherTables & {
  lists: {
    id: string
    name: string
    createdAt: number
    kind: Generated<string>
    /** #rrggbb. */
    colour: Generated<string>
    /** 1 is the most urgent, 5 the least. */
    priority: Generated<number>
    /** AGENT/CAMERA or AGENT/*, as JSON; null: every camera. */
    cameras: Generated<string | null>
    /** Hours as JSON; null: at all hours. */
    hours: Generated<string | null>
    /** Names of operators as JSON; null: everybody whose account reaches it. */
    viewers: Generated<string | null>
    approvals: Generated<number>
    /** Hours for which sightings of nobody are kept; 0: not at all. */
    keepFor: Generated<number>
    confirmations: Generated<number>
    sound: Generated<string>
    /** Hours as JSON. */
    quiet: string | null
    boardNames: Generated<number>
    keepPictures: Generated<number>
    /** Milliseconds; null: as usual for its priority. */
    escalateAfter: Generated<number | null>
    /** What must be said of its entries, as JSON. */
    demands: Generated<string>
    /** Milliseconds. */
    usualLife: Generated<number>
    longestLife: Generated<number>
    /** Counts its changes. */
    version: Generated<number>
  }
  entries: {
    id: string
    listId: string
    /** EntryDetails as JSON, sealed. */
    details: Uint8Array
    /** The entry's own key, wrapped by the vault's. */
    wrappedKey: Uint8Array
    createdAt: number
    createdBy: string
    /** How many times rarer than usual a false alert about it must be. */
    strictness: Generated<number>
    state: Generated<string>
    expiresAt: number
  }
  photos: {
    id: string
    entryId: string
    position: number
    /** JPEG, sealed. */
    image: Uint8Array
    quality: number
    createdAt: number
    /** `pending` while a second person has not consented to it, else `live`. */
    state: Generated<string>
    /** PhotoOrigin as JSON, sealed; null: nothing was said. */
    about: Uint8Array | null
  }
  templates: {
    id: string
    entryId: string
    photoId: string
    space: string
    vector: Uint8Array
    /** The same face seen from afar, sealed; null where it is no larger. */
    far: Uint8Array | null
  }
  /** What waits for a second person, and what became of it. */
  requests: {
    id: string
    kind: string
    entryId: string | null
    listId: string
    /** Change as JSON: sealed with the entry's key where there is an entry. */
    change: Uint8Array
    askedBy: string
    askedAt: number
    expiresAt: number
    state: string
    decidedBy: string | null
    decidedAt: number | null
  }
  spaces: {
    id: string
    role: string
    since: number
    /** Questions compared with the active space, by what came of them. */
    same: Generated<number>
    onlyOld: Generated<number>
    onlyNew: Generated<number>
    different: Generated<number>
    neither: Generated<number>
    unseen: Generated<number>
  }
  /** Photographs that could not be embedded in a space, and why. */
  spaceFailures: { photoId: string; space: string; code: string }
  /** What a rejected face looks like in another space than it was rejected in; null: nobody can tell. */
  rejectionExamples: { rejectionId: string; space: string; vector: Uint8Array | null }
  nearMisses: {
    entryId: string
    agent: string
    camera: string
    walks: number
    highest: number
    templateId: string
    lastAt: number
  }
  agents: {
    name: string
    serial: string
    software: string
    cameras: string
    firstSeen: number
    lastSeen: number
    /** Version of the bundle of roots that it has said it trusts. */
    trust: string | null
  }
  /** Where each agent was last welcomed from, and when. */
  addresses: { agent: string; address: string; at: number }
  cameras: {
    agent: string
    camera: string
    firstSeen: number
    passedAt: number | null
    latencyMs: number | null
  }
  troubles: {
    id: string
    agent: string
    camera: string
    kind: string
    since: number
    receivedAt: number
    endedAt: number | null
    /** The key of its pictures, wrapped by the vault's. */
    wrappedKey: Uint8Array
    /** JPEG, sealed. */
    beginPicture: Uint8Array | null
    endPicture: Uint8Array | null
  }
  /** One row: when the database last took a write that was made to see whether it does. */
  pulse: { id: number; at: number }
  invitations: {
    id: string
    agent: string
    /** SHA-256 of the code's secret, hexadecimal. */
    secretHash: string
    invitedBy: string
    invitedAt: number
    expiresAt: number
    replace: number
    usedAt: Generated<number | null>
    usedFrom: Generated<string | null>
    serial: Generated<string | null>
    withdrawnAt: Generated<number | null>
    withdrawnBy: Generated<string | null>
  }
  joinAttempts: {
    id: Generated<number>
    at: number
    address: string
    invitationId: string | null
    agent: string | null
    outcome: string
  }
  /** How far each agent has come with its outbox. */
  deliveries: { agent: string; stream: string; done: number; lost: number }
  /** What cameras did in an hour, and how long lists were: counts, of nobody in particular. */
  usage: {
    hour: number
    agent: string
    camera: string
    searches: number
    walks: number
    watchedMs: number
  }
  /** What became of alerts that are gone. */
  alertTallies: {
    hour: number
    list: string
    agent: string
    camera: string
    fate: string
    late: number
    retrospective: number
    alerts: number
  }
  listSizes: { hour: number; list: string; entries: number }
  cameraPlaces: {
    agent: string
    camera: string
    /** Who said so: `agent` or `operator`. */
    origin: string
    latitude: number | null
    longitude: number | null
    bearing: number | null
    fieldOfView: number | null
    /** Metres. */
    range: number | null
    address: string | null
    at: number
  }
  floorPlans: {
    id: string
    name: string
    /** The key of its picture, wrapped by the vault's. */
    wrappedKey: Uint8Array
    /** WebP, sealed. */
    image: Uint8Array
    /** Pixels. */
    width: number
    height: number
    /** Of the ground that its whole width shows; null: nobody said. */
    metres: number | null
    /** Where its upper edge looks, degrees clockwise from north. */
    north: number
    addedBy: string
    addedAt: number
  }
  /** Where on a plan a camera is: shares of its width and height, from the top left. */
  planPlaces: { agent: string; camera: string; plan: string; x: number; y: number; at: number }
  geocodes: { address: string; latitude: number; longitude: number; provider: string; at: number }
  budgets: { scope: string; target: string; budget: number; setBy: string; setAt: number }
  impostors: {
    agent: string
    camera: string
    space: string
    /** Counts of scores, not sealed: they tell of nobody. */
    histogram: Uint8Array
    walks: number
    squares: number
    doubtful: number
    judgedTrue: Generated<number>
    judgedFalse: Generated<number>
    watchedMs: number
    since: number
    updatedAt: number
  }
  /** Answers to enrolments that came with a key, sealed. */
  enrolmentKeys: { id: string; entryId: string; kept: Uint8Array }
  /** What was done, each row chained to the one before. */
  acts: { seq: number; at: number; kind: string; bodyHash: Uint8Array; hash: Uint8Array }
  /** Who did it, why, and what it was about, as JSON; gone when retention has deleted it. */
  actBodies: { seq: number; body: string }
  /** What acts can be found by. */
  actSubjects: { subject: string; id: string; seq: number }
  /** Signed: by then the record went so far, and so. */
  auditHeads: { seq: number; at: number; hash: Uint8Array; signer: string; signature: Uint8Array }
  /** How far retention has deleted the bodies of a kind; of '' the rows themselves. */
  auditCuts: { kind: string; through: number }
  /** Enrolments that were asked for, as long as a limit looks at them. */
  enrolmentTakes: { seq: Generated<number>; at: number; operator: string }
  /** Leave to enrol many. */
  imports: {
    id: string
    openedBy: string
    openedAt: number
    reason: string
    photos: number
    used: Generated<number>
    /** Milliseconds. */
    life: number
    approvedBy: string | null
    approvedAt: number | null
    until: number | null
    closedBy: string | null
    closedAt: number | null
  }
  /** How much of what operators.db says was changed is in the record. */
  operatorsNoted: { id: number; seq: number }
  /** What each protected row was when it was written; made by triggers alone. */
  seals: { tbl: string; row: string; version: number; mac: Uint8Array }
  sealSums: { tbl: string; sum: Uint8Array }
  /** Versions of the vault's key, by their marks; a retired one is needed no more. */
  vaultKeys: { version: number; mark: string; since: number; retiredAt: number | null }
  /** Keys that are of no entry, wrapped by the vault's. */
  vaultSecrets: { name: string; wrappedKey: Uint8Array }
  /** Entries that are erased; until `erasedAt` bytes of them may be left. */
  erasures: {
    entryId: string
    at: number
    by: string
    erasedAt: number | null
    rows: number
  }
}
