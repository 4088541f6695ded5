import { join } from 'node:path'
import { squareAround } from '@vedette/models/geometry'
import { findModel, readManifest } from '@vedette/models/manifest'
import { DEFAULT_MODELS, type Face, Models } from '@vedette/models/models'
import { cropJpeg, decodePicture, type Picture } from '@vedette/models/picture'
import { Alerts } from '@vedette/server/alerts/alerts'
import { Decisions } from '@vedette/server/alerts/decisions'
import { AuditLog } from '@vedette/server/audit/audit-log'
import { exportEvidence } from '@vedette/server/evidence/export'
import { type Asker, Witness } from '@vedette/server/evidence/witness'
import { Galleries } from '@vedette/server/gallery/galleries'
import { Gallery } from '@vedette/server/gallery/gallery'
import { Matching } from '@vedette/server/matching/matching'
import { Rejections } from '@vedette/server/matching/rejections'
import { Strictness } from '@vedette/server/matching/strictness'
import type { Probe } from '@vedette/server/probe'
import type { Alert } from '@vedette/server/store/alerts'
import { decade } from '@vedette/server/thresholds/published'
import { Thresholds } from '@vedette/server/thresholds/thresholds'
import { SURROUNDINGS } from '@vedette/shared/message'
import type { Sharp } from 'sharp'
import { ManualClock } from './agent-clock.ts'
import { LogBook } from './server-log.ts'
import { jpegOf, oneFace } from './server-photos.ts'
import { HAND, newEntry, TemporaryStore } from './server-store.ts'

export const ASKER: Asker = {
  serial: '0abc',
  fingerprint: 'AB:CD',
  software: '9.9.9',
  detector: { id: 'tiny-face-detector', sha256: 'a'.repeat(64) },
}

/** From real pictures to evidence of alerts: what an agent does and what the server does, in one. */
export class EvidenceBench {
  readonly stored: TemporaryStore
  readonly models: Models
  readonly gallery: Gallery
  readonly audit: AuditLog
  readonly alerts: Alerts
  readonly decisions: Decisions
  readonly matching: Matching
  readonly clock: ManualClock
  readonly #thresholds: Thresholds
  #walks = 0

  static async open(): Promise<EvidenceBench> {
    const stored = await TemporaryStore.make()
    const models = await Models.open()
    const row = findModel(await readManifest(), 'embed', DEFAULT_MODELS.embedder)
    const { calibration } = row
    const gallery = await Gallery.open(row.id, { length: row.length, threads: 1 }, [])
    const galleries = new Galleries({ gallery, calibration })
    const [clock, { log }] = [new ManualClock(), new LogBook()]
    const { store } = stored
    const strictness = await Strictness.open(store.entries)
    const thresholds = await Thresholds.open({
      store: store.thresholds,
      agents: store.agents,
      space: row.id,
      calibration: calibration.points,
      budget: 1,
      walks: 1000,
      floor: calibration.floor,
      entries: () => gallery.entries,
      clock,
      log,
    })
    const witness = new Witness({
      ...{ entries: store.entries, lists: store.lists, agents: store.agents },
      ...{ galleries, strictness, models: { folder: join(stored.folder, 'models') } },
      thresholds: () => thresholds,
      asker: () => ASKER,
    })
    const alerts = new Alerts({
      store: store.alerts,
      witness: (sighting) => witness.tell(sighting),
      ...{ cooldown: 0, trail: 600_000, clock, log },
    })
    const rejections = await Rejections.open(store.rejections)
    const matching = new Matching({
      ...{ gallery, alerts, rejections, strictness, thresholds, clock },
      decade: decade(calibration.points),
      lists: { applies: () => true },
      onNearMiss: () => {},
      onOver: () => {},
    })
    const audit = await AuditLog.open({
      store: store.audit,
      home: join(stored.folder, '..'),
      data: stored.folder,
      heads: { every: 3_600_000, acts: 10_000 },
      ...{ clock, log },
    })
    const decisions = new Decisions({ store: store.decisions, alerts, rejections, clock })
    const parts = { stored, models, gallery, audit, alerts, decisions, matching, clock }
    return new EvidenceBench(parts, thresholds)
  }

  private constructor(
    parts: Pick<
      EvidenceBench,
      'stored' | 'models' | 'gallery' | 'audit' | 'alerts' | 'decisions' | 'matching' | 'clock'
    >,
    thresholds: Thresholds,
  ) {
    this.stored = parts.stored
    this.models = parts.models
    this.gallery = parts.gallery
    this.audit = parts.audit
    this.alerts = parts.alerts
    this.decisions = parts.decisions
    this.matching = parts.matching
    this.clock = parts.clock
    this.#thresholds = thresholds
  }

  /** Enrols the first, second or third face of sample 3, in so many pictures. */
  async enrol(face: 1 | 2 | 3, name = 'Anna Example', pictures = 2): Promise<string> {
    const photos = []
    for (let i = 0; i < pictures; i++) {
      const picture = await pictureOf((await oneFace(face)).modulate({ brightness: 1 + i / 10 }))
      const found = await this.#face(picture)
      const { template } = await this.models.portray(picture, found)
      const far = await this.models.fromAfar(picture, found)
      const jpeg = await cropJpeg(picture, squareAround(found.box, 1), 512)
      const space = this.models.space
      photos.push({ jpeg, quality: found.quality.overall, template, far, space })
    }
    const { entry, templates } = await this.stored.store.entries.add(newEntry(name), photos)
    await this.gallery.add(templates)
    return entry.id
  }

  /** That face walks past a camera, and is asked about so many times; gives the alert about it. */
  async walk(face: 1 | 2 | 3, chips = 3): Promise<Alert> {
    const track = `walk-${++this.#walks}`
    this.clock.advance(60_000)
    for (let shot = 0; shot < chips; shot++) {
      const seen = (await oneFace(face)).resize({ width: 320 - 10 * shot }).blur(1 + shot / 4)
      await this.matching.consider(await this.#probe(await pictureOf(seen), track, shot))
    }
    const all = await this.stored.store.alerts.list({ limit: 100 })
    return all.find((alert) => alert.track === track)!
  }

  export(id: string, { photos = false, why = 'a court asks for it' as string | null } = {}) {
    const parts = { store: this.stored.store, audit: this.audit, clock: this.clock }
    return exportEvidence(id, { ...HAND, why }, { photos }, parts)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.matching.stop()
    await this.#thresholds[Symbol.asyncDispose]()
    await this.audit[Symbol.asyncDispose]()
    await Promise.all([this.gallery, this.models].map((part) => part[Symbol.asyncDispose]()))
    await this.stored[Symbol.asyncDispose]()
  }

  async #face(picture: Picture): Promise<Face> {
    const [surest] = await this.models.detect(picture, { inputs: [320, 640], minScore: 0.2 })
    const [face] = await this.models.look(picture, [surest!])
    return face!
  }

  async #probe(picture: Picture, track: string, shot: number): Promise<Probe> {
    const face = await this.#face(picture)
    const [probe] = await this.models.probes(picture, [face])
    const { x, y, width, height } = face.box
    const capturedAt = this.clock.now() + 200 * shot
    return {
      ...{ agent: 'gate-7', camera: 'north', track, shot, space: this.models.space },
      ...{ capturedAt, receivedAt: capturedAt + 40, quality: face.quality.overall },
      box: [x, y, width, height],
      probe: probe!,
      chip: await cropJpeg(picture, squareAround(face.box, SURROUNDINGS), 256),
    }
  }
}

async function pictureOf(image: Sharp): Promise<Picture> {
  return decodePicture(await jpegOf(image))
}
