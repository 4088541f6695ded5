import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { squareAround } from '@vedette/models/geometry'
import { findModel, readManifest } from '@vedette/models/manifest'
import { DEFAULT_MODELS, Models } from '@vedette/models/models'
import { cropJpeg, decodePicture } from '@vedette/models/picture'
import { Alerts, type Sighting } from '@vedette/server/alerts/alerts'
import { chipProbe } from '@vedette/server/evidence/chip-probe'
import { Witness } from '@vedette/server/evidence/witness'
import { Galleries } from '@vedette/server/gallery/galleries'
import { Gallery } from '@vedette/server/gallery/gallery'
import { SERVER_HAND } from '@vedette/server/hand'
import { Strictness } from '@vedette/server/matching/strictness'
import { NOTHING_SAID } from '@vedette/server/store/entry-rows'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import { Thresholds } from '@vedette/server/thresholds/thresholds'
import { systemClock } from '@vedette/shared/clock'
import { similarity } from '@vedette/shared/embedding'
import { silentLog } from '@vedette/shared/log'
import { SURROUNDINGS } from '@vedette/shared/message'
import BetterSqlite3 from 'better-sqlite3'
import sharp from 'sharp'
import { facelike, median, type Report, seeded } from './measure.ts'
import { picturesToCompare } from './recognition-pictures.ts'

/** Pictures looked at, and the widths that they are shrunk to, pixels. */
const PICTURES = 800
const WIDTHS = [250, 160, 110]
const [PERSONS, ALERTS] = [2000, 300]
const [PHOTO_BYTES, CHIP_BYTES] = [40_000, 10_000]

/** How far evidence can be computed again from its pictures, and what keeping it costs an alert. */
export async function benchEvidence(report: Report): Promise<void> {
  await compareChips(report)
  await raiseAlerts(report)
}

/** What an agent asks with, and what comes of the chip that it sends along. */
async function compareChips(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  const { images, files } = await picturesToCompare(home)
  const alike: number[] = []
  const differences: number[] = []
  await using models = await Models.open()
  for (const [i, file] of files.slice(0, PICTURES).entries()) {
    const bytes = await readFile(join(images, file))
    const width = WIDTHS[i % WIDTHS.length]!
    const small = await sharp(bytes).resize({ width, withoutEnlargement: true }).png().toBuffer()
    const picture = await decodePicture(small)
    const [surest] = await models.detect(picture, { inputs: [320], minScore: 0.4 })
    if (surest === undefined) continue
    const [face] = await models.look(picture, [surest])
    if (face!.quality.overall < 0.35) continue
    const [probe] = await models.probes(picture, [face!])
    const chip = await cropJpeg(picture, squareAround(face!.box, SURROUNDINGS), 256)
    const again = await chipProbe(chip, models)
    const { template } = await models.portray(picture, face!)
    alike.push(similarity(probe!, again))
    differences.push(Math.abs(similarity(template, probe!) - similarity(template, again)))
  }
  await rm(home, { recursive: true })
  const low = alike.toSorted((p, q) => p - q)
  const high = differences.toSorted((p, q) => q - p)
  const at = (values: readonly number[], share: number) =>
    values[Math.floor(share * values.length)]!
  report({
    bench: 'evidence.chips',
    value: median(alike),
    unit: 'similarity',
    detail: {
      chips: alike.length,
      least: low[0]!,
      leastInThousand: at(low, 0.001),
      leastInHundred: at(low, 0.01),
      scoreDifference: median(differences),
      mostInHundred: at(high, 0.01),
      most: high[0]!,
    },
  })
}

/** Alerts with what they were raised by and against, and without, in turn. */
async function raiseAlerts(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  const file = join(folder, 'wanted.db')
  await Vault.create(join(folder, 'vault.key'))
  try {
    await using store = await Store.open({ file, keyFile: join(folder, 'vault.key') })
    const { sighting, withIt, without, close } = await ready(store, folder)
    const [kept, plain]: [number[], number[]] = [[], []]
    for (let i = 0; i < 2 * ALERTS; i++) {
      const [alerts, taken] = i % 2 === 0 ? [withIt, kept] : [without, plain]
      const one = sighting(i)
      const began = performance.now()
      await alerts.consider(one)
      taken.push(performance.now() - began)
    }
    await close()
    const bytes = sizes(file)
    report({
      bench: 'evidence.alert',
      value: median(kept),
      unit: 'ms/alert',
      baseline: 'the same without a dossier',
      ratio: median(plain) / median(kept),
      p50: median(kept),
      p99: kept.toSorted((p, q) => p - q)[Math.floor(0.99 * kept.length)]!,
      detail: { withoutMs: median(plain), ...bytes },
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function ready(store: Store, folder: string) {
  const model = findModel(await readManifest(), 'embed', DEFAULT_MODELS.embedder)
  const vectors = facelike(3 * PERSONS, model.length, seeded(1))
  const ids: string[] = []
  const templates = []
  for (let person = 0; person < PERSONS; person++) {
    const photos = [0, 1, 2].map((photo) => {
      const template = vectors[3 * person + photo]!
      const jpeg = randomBytes(PHOTO_BYTES)
      return { jpeg, quality: 0.9, template, far: template, space: model.id }
    })
    const about = { ...NOTHING_SAID, name: `person ${person}`, list: 'wanted' }
    const added = await store.entries.add(
      { ...about, createdAt: Date.now(), hand: SERVER_HAND },
      photos,
    )
    ids.push(added.entry.id)
    templates.push(...added.templates)
  }
  const gallery = await Gallery.open(model.id, { length: model.length, threads: 1 }, templates)
  const galleries = new Galleries({ gallery, calibration: model.calibration })
  const [clock, log] = [systemClock, silentLog]
  const strictness = await Strictness.open(store.entries)
  const thresholds = await Thresholds.open({
    store: store.thresholds,
    agents: store.agents,
    space: model.id,
    calibration: model.calibration.points,
    ...{ budget: 1, walks: 1000, floor: model.calibration.floor, clock, log },
    entries: () => gallery.entries,
  })
  const witness = new Witness({
    ...{ entries: store.entries, lists: store.lists, agents: store.agents, galleries, strictness },
    thresholds: () => thresholds,
    asker: () => ({ serial: '1', fingerprint: 'AB', software: 'bench', detector: null }),
    models: { folder },
  })
  const usual = { store: store.alerts, cooldown: 0, trail: 0, clock, log }
  return {
    withIt: new Alerts({ ...usual, witness: (sighting) => witness.tell(sighting) }),
    without: new Alerts(usual),
    sighting: (i: number) => sightingOf(i, ids[i % ids.length]!, model.id),
    async close() {
      await thresholds[Symbol.asyncDispose]()
      await gallery[Symbol.asyncDispose]()
    },
  }
}

function sightingOf(i: number, entryId: string, space: string): Sighting {
  const [probe] = facelike(1, 128, seeded(i))
  const now = Date.now()
  const asked = { agent: 'bench', camera: 'c', track: `t${i}`, shot: 0, space, quality: 0.8 }
  return {
    probe: {
      ...{ ...asked, probe: probe!, capturedAt: now, receivedAt: now },
      box: [0, 0, 90, 90],
      chip: randomBytes(CHIP_BYTES),
    },
    evidence: { probe: probe!, coherence: 1, chips: 1, weight: 0.8, side: 90 },
    ...{ entryId, list: 'wanted', templateId: 't', score: 0.97, threshold: 0.95, space },
    ...{ standing: 'reached', certain: false, rival: null, runnerUp: 0.8 },
  }
}

/** Bytes of an alert in its tables, as they are on the disk. */
function sizes(file: string): Record<string, number> {
  const database = new BetterSqlite3(file, { readonly: true })
  try {
    const mean = (sql: string) => Math.round(database.prepare(sql).pluck().get() as number)
    return {
      dossierBytes: mean('SELECT avg(length(dossier)) FROM dossiers'),
      lookBytes: mean('SELECT avg(length(own) + length(fused)) FROM evidence'),
      chipBytes: mean('SELECT avg(length(chip)) FROM evidence'),
      alertBytes: mean('SELECT avg(length(chip) + length(probe)) FROM alerts'),
    }
  } finally {
    database.close()
  }
}
