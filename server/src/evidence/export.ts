import { createHash } from 'node:crypto'
import type { Clock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import { SOFTWARE } from '@vedette/shared/software'
import type { AuditLog } from '../audit/audit-log.ts'
import { headLineOf } from '../audit/head.ts'
import type { Hand } from '../hand.ts'
import type { Alert } from '../store/alerts.ts'
import type { Store } from '../store/store.ts'
import { MANIFEST, type Manifest, PAGE, SIGNATURE } from './manifest.ts'
import { pageOf } from './page.ts'
import { zipOf } from './zip.ts'

export type ExportParts = {
  store: Pick<Store, 'alerts' | 'entries' | 'audit'>
  audit: Pick<AuditLog, 'sign' | 'signer'>
  clock: Clock
}

/**
 * All that an alert rests on as one signed file, which anybody can verify without us. That it was
 * exported is on record before it is handed out. Throws Refusal `alert.not-found`, `entry.not-found`,
 * `evidence.no-reason`.
 */
export async function exportEvidence(
  id: string,
  hand: Hand,
  { photos: withPhotos }: { photos: boolean },
  { store, audit, clock }: ExportParts,
): Promise<Buffer> {
  if (hand.why === null) {
    throw new Refusal('evidence.no-reason', 'evidence is handed out for a reason', {
      hint: 'say why: vedette alerts export ALERT --out FILE --reason "what it is needed for"',
    })
  }
  const alert = await store.alerts.get(id)
  const [frames, dossier, life, entry, enrolled] = await Promise.all([
    store.alerts.wholeFrames(id),
    store.alerts.dossier(id),
    store.alerts.life(id),
    store.entries.get(alert.entryId),
    store.entries.enrolled(alert.entryId, alert.space),
  ])
  const files = new Map<string, Uint8Array>()
  const put = (name: string, bytes: Uint8Array | null): string | null => {
    if (bytes === null) return null
    files.set(name, bytes)
    return name
  }
  const listed = frames.map(({ chip, own, fused, ...frame }, i) => {
    const name = `frames/${String(i + 1).padStart(2, '0')}`
    put(`${name}.jpg`, chip)
    return {
      ...frame,
      chip: `${name}.jpg`,
      own: put(`${name}-own.f32`, own),
      fused: put(`${name}-walk.f32`, fused),
    }
  })
  const photos: Manifest['photos'] = []
  for (const { id: photo, position } of withPhotos ? enrolled.photos : []) {
    const file = `photos/${position}.jpg`
    put(file, await store.entries.photo(entry.id, position - 1))
    photos.push({ id: photo, position, file })
  }
  const { by, from, why } = hand
  const at = clock.now()
  const details = { frames: frames.length, photos: photos.length }
  const about = aboutOf(alert)
  await store.audit.note({ kind: 'evidence.exported', hand, at, about, details })
  await audit.sign()
  const head = (await store.audit.heads()).at(-1)!
  const { id: signer, publicKey } = audit.signer
  const said: Omit<Manifest, 'parts'> = {
    kind: 'vedette.evidence',
    version: 1,
    exported: { at, by, from, why, software: SOFTWARE },
    record: headLineOf(head),
    signer: { id: signer, publicKey },
    alert,
    entry: { ...entry, templates: enrolled.templates.map((template) => template.id) },
    life,
    dossier: dossier ?? null,
    frames: listed,
    photos,
  }
  files.set(PAGE, Buffer.from(pageOf(said, files)))
  const parts = Object.fromEntries(
    [...files].map(([name, bytes]) => [name, { sha256: sha256(bytes), bytes: bytes.length }]),
  )
  const manifest = Buffer.from(`${JSON.stringify({ ...said, parts }, undefined, 2)}\n`)
  const signature = audit.signer.sign('evidence', manifest)
  const signed = Buffer.from(`${signature.toString('hex')}\n`)
  return zipOf(new Map([[MANIFEST, manifest], [SIGNATURE, signed], ...files]))
}

function aboutOf({ id, entryId, list, agent, camera }: Alert) {
  return { alert: id, entry: entryId, list, agent, camera: `${agent}/${camera}` }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
