import { z } from 'zod'
import { OUTCOMES } from '../alerts/life.ts'
import { dossier } from './dossier.ts'

export const MANIFEST = 'manifest.json'
export const SIGNATURE = 'manifest.sig'
export const PAGE = 'index.html'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const text = z.string().nullable()
const number = z.number().nullable()
/** A part of the file. */
const path = z.string().min(1).max(64)

const frame = z.strictObject({
  track: z.string(),
  shot: z.number(),
  /** Chips of the walk that the score speaks of. */
  chips: z.number(),
  capturedAt: z.number(),
  quality: z.number(),
  score: z.number(),
  threshold: z.number(),
  coherence: number,
  weight: number,
  side: number,
  /** JPEG; little-endian float32: its own probe, and that of the walk with it. */
  chip: path,
  own: path.nullable(),
  fused: path.nullable(),
})

const step = z.strictObject({
  seq: z.number(),
  kind: z.string(),
  at: z.number(),
  by: text,
  from: text,
  why: text,
  note: text,
  outcome: z.enum(OUTCOMES).nullable(),
  frame: z.strictObject({ track: z.string(), shot: z.number() }).nullable(),
})

/** What an evidence file says, and the hash of every part of it. Times are epoch milliseconds. */
export const manifest = z.strictObject({
  kind: z.literal('vedette.evidence'),
  version: z.literal(1),
  exported: z.strictObject({
    at: z.number(),
    by: z.string(),
    from: z.string(),
    why: text,
    software: z.string(),
  }),
  /** How far the record of all that was done had come: this export is part of it. */
  record: z.strictObject({
    seq: z.number(),
    at: z.number(),
    hash: z.string(),
    signer: z.string(),
    signature: z.string(),
  }),
  signer: z.strictObject({ id: z.string(), publicKey: z.string() }),
  alert: z.looseObject({
    id: z.string(),
    score: z.number(),
    threshold: z.number(),
    runnerUp: number,
    space: z.string(),
    agent: z.string(),
    camera: z.string(),
    capturedAt: z.number(),
    receivedAt: z.number(),
    raisedAt: z.number(),
    certainty: z.string(),
    state: z.string(),
    outcome: text,
  }),
  /** Who it is about, as the list said when it was exported. */
  entry: z.looseObject({ id: z.string(), name: z.string() }),
  life: z.array(step),
  /** Null of alerts by a version that kept none. */
  dossier: dossier.nullable(),
  frames: z.array(frame),
  /** Enrolment photographs, where they were asked for. */
  photos: z.array(z.strictObject({ id: z.string(), position: z.number(), file: path })),
  parts: z.record(path, z.strictObject({ sha256, bytes: z.number() })),
})

export type Manifest = z.infer<typeof manifest>
export type ManifestFrame = z.infer<typeof frame>
