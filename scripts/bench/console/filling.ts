import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { findModel, readManifest } from '@vedette/models/manifest'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { Alerts } from '@vedette/server/alerts/alerts'
import { NOTHING_SAID } from '@vedette/server/store/entry-rows'
import { Store } from '@vedette/server/store/store'
import { systemClock } from '@vedette/shared/clock'
import { silentLog } from '@vedette/shared/log'
import sharp from 'sharp'
import { facelike, seeded } from '../measure.ts'

export const MODEL = DEFAULT_MODELS.embedder

const HAND = { by: 'bench', from: 'here', why: null }
const PEOPLE = 100
const CAMERAS = 10

/**
 * Puts people on the list of a deployment that does not run yet, and `open` alerts about them that
 * nobody has acted on; gives the faces of `live` more of whom there is none.
 */
export async function fill(
  home: string,
  { open, live }: { open: number; live: number },
): Promise<Float32Array[]> {
  const data = join(home, 'data')
  await using store = await Store.open({
    file: join(data, 'wanted.db'),
    keyFile: join(home, 'vault.key'),
  })
  const model = findModel(await readManifest(), 'embed', MODEL)
  await store.spaces.open(model.id, Date.now())
  const faces = facelike(PEOPLE + live, model.length, seeded(35))
  const jpeg = await sharp({ create: { width: 160, height: 160, channels: 3, background: '#567' } })
    .jpeg()
    .toBuffer()
  const entries: string[] = []
  for (const [i, template] of faces.entries()) {
    const person = { ...NOTHING_SAID, name: `Wanted ${i}`, reason: 'a bench' }
    const photo = { jpeg, quality: 0.9, template, space: model.id }
    const entry = { ...person, list: 'wanted', createdAt: Date.now(), hand: HAND }
    entries.push((await store.entries.add(entry, [photo])).entry.id)
  }
  const [clock, log] = [systemClock, silentLog]
  const alerts = new Alerts({ store: store.alerts, cooldown: 1, trail: 1, clock, log })
  for (let n = 0; n < open; n++) {
    const who = n % PEOPLE
    const capturedAt = Date.now() - (open - n) * 1000
    const face = faces[who]!
    await alerts.consider({
      probe: {
        ...{ agent: 'bench', space: model.id, camera: `c${n % CAMERAS}`, track: randomUUID() },
        ...{ shot: 0, capturedAt, receivedAt: capturedAt + 40, probe: face, quality: 0.9 },
        ...{ box: [10, 10, 80, 80], chip: jpeg },
      },
      evidence: { probe: face, coherence: 1, chips: 1, side: 80 },
      ...{ entryId: entries[who]!, list: 'wanted', templateId: 'bench', score: 0.97 },
      ...{ threshold: 0.95, standing: 'reached', certain: true, rival: null, runnerUp: 0.9 },
      space: model.id,
    })
  }
  return faces.slice(PEOPLE)
}
