import { z } from 'zod'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const model = z.strictObject({ id: z.string(), sha256 })
/** Little-endian float32 in base64. */
const vector = z.base64()

/** What an alert was raised by and against, as it was then: what changes later changes nothing of it. */
export const dossier = z.strictObject({
  software: z.strictObject({ server: z.string(), agent: z.string().nullable() }),
  /** The certificate that the camera's machine showed; null where it had gone already. */
  certificate: z
    .strictObject({
      serial: z.string(),
      /** SHA-256 of the certificate, hexadecimal digits in pairs; null where only the serial is known. */
      fingerprint: z.string().nullable(),
    })
    .nullable(),
  models: z.strictObject({
    embedder: model,
    landmarks: model,
    /** What found the face at the camera, as its machine said; null where it did not say. */
    detector: model.nullable(),
  }),
  list: z.strictObject({
    id: z.string(),
    name: z.string(),
    /** How often its policy was changed. */
    version: z.number(),
    /** Of all lists together: what was searched. */
    entries: z.number(),
    templates: z.number(),
    /** XOR of the SHA-256 of every template's id: equal sets have equal fingerprints. */
    fingerprint: sha256,
  }),
  /** What the walk had to reach when the alert was raised, and where that came from. */
  threshold: z.strictObject({
    needed: z.number(),
    origin: z.string(),
    wanted: z.number(),
    floor: z.number(),
    budget: z.strictObject({ budget: z.number(), scope: z.string(), target: z.string() }),
    entries: z.number(),
    /** Added where the face was tiny, similarity. */
    doubt: z.number(),
    /** How many times rarer than usual a false alert about the entry must be. */
    strictness: z.number(),
    why: z.array(z.string()),
  }),
  /** What the walk looked like then: see Evidence. */
  walk: z.strictObject({
    chips: z.number(),
    coherence: z.number(),
    side: z.number(),
    probe: vector,
  }),
  /** What it was held against. */
  templates: z.array(
    z.strictObject({ id: z.string(), photo: z.string(), vector, far: vector.nullable() }),
  ),
  /** The photographs that these are of, by the SHA-256 of what is kept of them. */
  photos: z.array(z.strictObject({ id: z.string(), position: z.number(), sha256 })),
})

export type Dossier = z.infer<typeof dossier>

/** Reads what was kept. Throws what zod throws. */
export function parseDossier(bytes: Buffer): Dossier {
  return dossier.parse(JSON.parse(bytes.toString()))
}
