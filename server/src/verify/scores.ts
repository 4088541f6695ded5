import { DEFAULT_MODELS, Models } from '@vedette/models/models'
import { readModels } from '@vedette/models/registry'
import { decodeEmbedding, type Embedding, similarity } from '@vedette/shared/embedding'
import { messageOf } from '@vedette/shared/errors'
import { chipProbe } from '../evidence/chip-probe.ts'
import type { Manifest, ManifestFrame } from '../evidence/manifest.ts'
import { type Held, jump, replaced, type Seen, scoreOf } from '../evidence/recompute.ts'
import type { Parts } from '../evidence/zip.ts'
import { broken, type Finding, holds, type Means, unchecked } from './verification.ts'

/** What the same numbers may differ by, computed again: they are rounded differently. */
const EXACT = 1e-4
/**
 * The probe of a chip that was compressed is this like that of the frame it was cut from, and a score
 * differs by no more (decision 32).
 */
const LEAST_ALIKE = 0.975
const MOST_DIFFERENCE = 0.02

type Dossier = NonNullable<Manifest['dossier']>
type Frame = { about: string; said: ManifestFrame; seen: Seen; chip: Uint8Array }

/** Computes every score again: from the probes that were kept, and from the pictures themselves. */
export async function checkScores(
  content: Manifest,
  parts: Parts,
  { models }: Means,
): Promise<Finding[]> {
  const { dossier, alert, frames, entry } = content
  const needed = alert.score >= alert.threshold
  const reached = needed
    ? holds('threshold', `the score ${four(alert.score)} reaches ${four(alert.threshold)}`)
    : broken('threshold', `the score ${four(alert.score)} is below ${four(alert.threshold)}`)
  if (dossier === null) {
    return [
      reached,
      unchecked(
        'scores',
        'nothing to compute with was kept by the version that raised it, or retention deleted it',
      ),
    ]
  }
  const held = heldBy(dossier)
  const whole = frames.flatMap((said, i) => frameOf(said, i, parts))
  const same = sameTemplates(entry.templates, dossier)
  return [
    reached,
    checkRaised(dossier, held),
    ...whole.map((frame) => checkFrame(frame, held, same)),
    ...whole.flatMap((frame, i) => checkJump(whole[i - 1], frame)),
    ...(await checkPictures(content, whole, held, models)),
  ]
}

/** What the walk scored when the alert was raised. */
function checkRaised({ walk, threshold }: Dossier, held: readonly Held[]): Finding {
  const { coherence, side } = walk
  const score = scoreOf({ probe: vectorOf(walk.probe), coherence, side }, held)
  const words = `raised at ${four(score)}, computed again from its ${walk.chips === 1 ? 'one chip' : `${walk.chips} chips`} and ${held.length === 1 ? 'one template' : `${held.length} templates`}; it had to reach ${four(threshold.needed)}`
  return score >= threshold.needed - EXACT
    ? holds('raised', words)
    : broken('raised', `${words}: it does not`)
}

function checkFrame({ about, said, seen }: Frame, held: readonly Held[], same: boolean): Finding {
  const score = scoreOf(seen, held)
  const difference = Math.abs(score - said.score)
  if (difference <= EXACT)
    return holds(about, `score ${four(score)}, computed again from its probes`)
  const words = `the score computed again is ${four(score)}, it differs by ${four(difference)} from ${four(said.score)}`
  if (same) return broken(about, words)
  return unchecked(about, `${words}: the photographs enrolled were changed meanwhile`)
}

/** A frame adds its own probe to the walk, and nothing else. */
function checkJump(before: Frame | undefined, { about, said, seen }: Frame): Finding[] {
  const first = said.chips === 1
  const next = before?.said.track === said.track && before.said.chips === said.chips - 1
  if (!first && !next) return []
  const difference = jump(first ? undefined : before?.seen, seen)
  if (difference <= EXACT) return []
  return [broken(about, `its probe does not make of the walk what it says, by ${four(difference)}`)]
}

async function checkPictures(
  { dossier, alert }: Manifest,
  frames: readonly Frame[],
  held: readonly Held[],
  folder: string | undefined,
): Promise<Finding[]> {
  if (frames.length === 0) {
    return [unchecked('pictures', 'there is none: what was kept of the past are probes')]
  }
  const { embedder, landmarks } = dossier!.models
  const lacking = await lackingModels([embedder, landmarks], folder)
  if (lacking.length > 0) return lacking
  await using models = await Models.open({
    ...DEFAULT_MODELS,
    embedder: embedder.id,
    landmarks: landmarks.id,
    folder,
  })
  const again: (Embedding | undefined)[] = []
  const findings: Finding[] = []
  for (const { about, seen, chip } of frames) {
    const probe = await chipProbe(chip, models).catch((error) => {
      findings.push(broken(about, `its picture cannot be read: ${messageOf(error)}`))
      return undefined
    })
    again.push(probe)
    if (probe === undefined) continue
    const alike = similarity(probe, seen.own)
    if (alike < LEAST_ALIKE) {
      findings.push(broken(about, `its picture is not what its probe is of: ${four(alike)} alike`))
    }
  }
  for (const [i, { about, said, seen }] of frames.entries()) {
    if (said.score !== alert.score && i !== frames.length - 1) continue
    const own = frames.flatMap((frame, k) => (k <= i && frame.said.track === said.track ? k : []))
    if (own.some((k) => again[k] === undefined)) continue
    const score = scoreOf(
      replaced(
        seen,
        own.map((k) => frames[k]!.seen),
        own.map((k) => again[k]!),
      ),
      held,
    )
    const difference = score - said.score
    const words = `score ${four(score)} from the pictures themselves, recorded ${four(said.score)}: differs by ${four(Math.abs(difference))}`
    const near = Math.abs(difference) <= MOST_DIFFERENCE
    findings.push(near ? holds(`${about}, pictures`, words) : broken(`${about}, pictures`, words))
  }
  return findings
}

/** Models that are not here as they were. */
async function lackingModels(
  models: readonly { id: string; sha256: string }[],
  folder: string | undefined,
): Promise<Finding[]> {
  const rows = await readModels(folder)
  return models.flatMap(({ id, sha256 }) => {
    const row = rows.find((one) => one.id === id)
    if (row?.sha256 === sha256) return []
    const why =
      row === undefined
        ? `model ${id} is not here (name its folder with --models)`
        : `model ${id} is another one here (SHA-256 ${row.sha256}, it was ${sha256})`
    return unchecked('pictures', `not computed again from them: ${why}`)
  })
}

function heldBy({ templates }: Dossier): Held[] {
  return templates.map(({ id, vector, far }) => ({
    id,
    vector: vectorOf(vector),
    far: far === null ? undefined : vectorOf(far),
  }))
}

function frameOf(said: ManifestFrame, i: number, parts: Parts): Frame[] {
  const { chip, own, fused, coherence, weight, side } = said
  if (own === null || fused === null) return []
  if (coherence === null || weight === null || side === null) return []
  const about = `frame ${i + 1}`
  const { quality, chips } = said
  const probe = embeddingOf(parts.get(fused)!)
  const seen = { own: embeddingOf(parts.get(own)!), probe, coherence, weight, side, quality, chips }
  return [{ about, said, seen, chip: parts.get(chip)! }]
}

/** Whether the entry is matched by the same templates as when the alert was raised. */
function sameTemplates(now: unknown, { templates }: Dossier): boolean {
  const then = templates.map(({ id }) => id).toSorted()
  return Array.isArray(now) && JSON.stringify(now.toSorted()) === JSON.stringify(then)
}

function vectorOf(base64: string): Embedding {
  return embeddingOf(Buffer.from(base64, 'base64'))
}

function embeddingOf(bytes: Uint8Array): Embedding {
  return decodeEmbedding(bytes, bytes.length / Float32Array.BYTES_PER_ELEMENT)
}

const four = (value: number) => value.toFixed(4)
