import { createHash } from 'node:crypto'
import { unzip } from '@vedette/server/evidence/zip'
import { Refusal } from '@vedette/shared/errors'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ASKER, EvidenceBench } from '../../support/server-evidence.ts'
import { HAND } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

let bench: EvidenceBench
let entryId: string

beforeAll(async () => {
  bench = await EvidenceBench.open()
  entryId = await bench.enrol(1, 'Anna <script>alert(1)</script>')
})
afterAll(() => bench[Symbol.asyncDispose]())

const acts = () =>
  bench.stored
    .elsewhere()
    .prepare(`SELECT count(*) FROM acts WHERE kind = 'evidence.exported'`)
    .pluck()
    .get()

it('an alert keeps what it was raised by and against, whatever changes later', async () => {
  const { entries, alerts } = bench.stored.store
  const { id, threshold, score } = await bench.walk(1)
  const kept = (await alerts.dossier(id))!
  const photo = createHash('sha256')
    .update(await entries.photo(entryId, 0))
    .digest('hex')
  expect(kept).toMatchObject({
    software: { server: expect.any(String), agent: ASKER.software },
    certificate: { serial: ASKER.serial, fingerprint: ASKER.fingerprint },
    models: {
      embedder: { id: 'dlib-resnet29-1', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      landmarks: { id: 'landmarks-68', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      detector: ASKER.detector,
    },
    list: { id: 'wanted', version: 1, entries: 1, templates: 2 },
    threshold: { needed: threshold, origin: 'floor', strictness: 1, entries: 1, doubt: 0 },
    walk: { chips: 1, coherence: expect.closeTo(1, 6) },
  })
  expect(kept.threshold.why[0]).toMatch(/^At most 1 false alert a week: server.yaml/)
  expect(kept.photos[0]).toMatchObject({ position: 1, sha256: photo })
  expect(kept.templates).toHaveLength(2)
  expect(score).toBeGreaterThanOrEqual(threshold)

  await entries.removePhoto(entryId, 0, HAND, 1)
  expect(await alerts.dossier(id)).toEqual(kept)
  const frames = await alerts.wholeFrames(id)
  expect(frames.map(({ chips, own, fused }) => [chips, own?.length, fused?.length])).toEqual(
    [1, 2, 3].map((chips) => [chips, 512, 512]),
  )
})

it('is on the disk sealed', async () => {
  const { id } = await bench.walk(1)
  const kept = (await bench.stored.store.alerts.dossier(id))!
  const [frame] = await bench.stored.store.alerts.wholeFrames(id)
  const plain = [
    Buffer.from(kept.templates[0]!.vector, 'base64').subarray(0, 64),
    Buffer.from(kept.templates[0]!.vector.slice(0, 64)),
    Buffer.from(ASKER.fingerprint),
    frame!.own!.subarray(0, 64),
    frame!.chip.subarray(0, 64),
  ]
  for (const bytes of (await bench.stored.files()).values()) {
    expect(plain.map((one) => bytes.includes(one))).toEqual(plain.map(() => false))
  }
})

it('is handed out for a reason, on record, and not without one', async () => {
  const { id } = await bench.walk(1)
  const before = acts()
  const error = await rejectionOf(bench.export(id, { why: null }), Refusal)
  expect([error.code, error.hint, acts()]).toEqual([
    'evidence.no-reason',
    expect.stringContaining('--reason'),
    before,
  ])
  await bench.export(id)
  expect(acts()).toBe(Number(before) + 1)
})

it('is not handed out where that cannot be recorded', async () => {
  const { id } = await bench.walk(1)
  const database = bench.stored.elsewhere()
  database.exec(`
    CREATE TRIGGER fails BEFORE INSERT ON acts WHEN NEW.kind = 'evidence.exported'
    BEGIN SELECT RAISE(ABORT, 'no'); END
  `)
  await expect(bench.export(id)).rejects.toMatchObject({ code: 'store.failed' })
  database.exec('DROP TRIGGER fails')
})

it('has a page that runs nothing and fetches nothing, whatever somebody is called', async () => {
  const { id } = await bench.walk(1)
  await bench.decisions.resolve(id, 'true', HAND, '<img src=x onerror=alert(2)>')
  const page = Buffer.from(unzip(await bench.export(id))!.parts.get('index.html')!).toString()
  expect(page).toContain('Anna &lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page).toContain('&lt;img src=x onerror=alert(2)&gt;')
  expect(page).not.toMatch(/<script|onerror=[^&]*>|https?:/)
  expect(page).toContain('default-src &#39;none&#39;')
  expect(page.match(/data:image\/jpeg;base64,/g)).toHaveLength(3)
})

it('is gone with its entry', async () => {
  const { id } = await bench.walk(1)
  await bench.stored.erase(entryId)
  expect((await rejectionOf(bench.export(id), Refusal)).code).toBe('entry.not-found')
})
