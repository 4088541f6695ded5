import type { Generated } from 'kysely'

/** Tables of wanted.db as queries see them. Times are epoch milliseconds, blobs are sealed. */
export type Schema = {
  lists: { id: string; name: string; createdAt: number }
  entries: {
    id: string
    listId: string
    /** EntryDetails as JSON, sealed. */
    details: Uint8Array
    /** The entry's own key, wrapped by the vault's. */
    wrappedKey: Uint8Array
    createdAt: number
    createdBy: string
  }
  photos: {
    id: string
    entryId: string
    position: number
    /** JPEG, sealed. */
    image: Uint8Array
    quality: number
    createdAt: number
  }
  templates: { id: string; entryId: string; photoId: string; space: string; vector: Uint8Array }
  alerts: {
    id: string
    entryId: string
    listId: string
    agent: string
    camera: string
    track: string
    state: string
    capturedAt: number
    receivedAt: number
    raisedAt: number
    score: number
    threshold: number
    /** Score of the next entry, −2 where there is none. */
    runnerUp: number
    templateId: string
    quality: number
    box: string
    space: string
    /** JPEG, sealed with the entry's key. */
    chip: Uint8Array | null
    shots: number
    acknowledgedAt: number | null
    acknowledgedBy: string | null
    note: string | null
  }
  alertEvents: {
    seq: Generated<number>
    alertId: string
    kind: string
    at: number
    by: string | null
  }
  agents: {
    name: string
    serial: string
    software: string
    cameras: string
    firstSeen: number
    lastSeen: number
  }
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
    watchedMs: number
    since: number
    updatedAt: number
  }
}
