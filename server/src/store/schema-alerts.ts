import type { Generated } from 'kysely'

/** Tables of alerts and of what they rest on. Times are epoch milliseconds, blobs are sealed. */
export type AlertTables = {
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
    /** Of decisions made before words were sealed. */
    note: Generated<string | null>
    certainty: string
    /** The entry that the evidence speaks for as much, while it does. */
    rivalId: string | null
    /** Id of the alert that this entry's present trail began with. */
    incident: string
    /** The walk's fused probe, sealed with the entry's key. */
    probe: Uint8Array | null
    /** 1 while all that speaks for it came too late to act on. */
    late: Generated<number>
    /** 1 where it was found in what was kept, when its entry was enrolled. */
    retrospective: Generated<number>
    /** Place as JSON: where the camera was when the alert was raised. */
    place: string | null
    outcome: Generated<string | null>
    resolvedAt: Generated<number | null>
    resolvedBy: Generated<string | null>
    openSince: number
    escalations: Generated<number>
    escalatedAt: Generated<number | null>
    parkedUntil: Generated<number | null>
    parkedBy: Generated<string | null>
    /** Who said first that it is that person, where a second must. */
    affirmedAt: Generated<number | null>
    affirmedBy: Generated<string | null>
    /** The last decision, and what it was before, as JSON: see TakeBack. */
    before: Generated<string | null>
  }
  alertEvents: {
    seq: Generated<number>
    alertId: string
    kind: string
    at: number
    by: string | null
    from: Generated<string | null>
    outcome: Generated<string | null>
    /** Note and reason as JSON, sealed with the entry's key. */
    words: Generated<Uint8Array | null>
    /** The frame that brought it about, by walk and number; null where a person did. */
    track: string | null
    shot: number | null
  }
  evidence: {
    alertId: string
    track: string
    shot: number
    /** Chips that the score speaks of. */
    chips: number
    capturedAt: number
    quality: number
    score: number
    threshold: number
    /** JPEG, sealed with the entry's key. */
    chip: Uint8Array
    /** Its own probe and that of the walk with it, sealed with the entry's key. */
    own: Generated<Uint8Array | null>
    fused: Generated<Uint8Array | null>
    /** See Evidence. */
    coherence: Generated<number | null>
    weight: Generated<number | null>
    side: Generated<number | null>
  }
  /** What an alert was raised by and against, as it was then: Dossier as JSON, sealed. */
  dossiers: { alertId: string; entryId: string; dossier: Uint8Array }
  rejections: {
    id: string
    entryId: string
    alertId: string
    at: number
    by: string
    space: string
    /** Probe of the person who was taken for the entry, sealed with the entry's key. */
    vector: Uint8Array
  }
}
