import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzip } from '@vedette/server/evidence/zip'
import { Walk } from '@vedette/server/matching/walk'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { signIn, TestBrowser } from '../support/console-browser.ts'
import { controlRoom } from '../support/console-scene.ts'
import { run } from '../support/server-cli.ts'
import { PASSWORD } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { openSight, type Sight, type TestDesk } from '../support/server-desk.ts'
import { jpegOf, oneFace } from '../support/server-photos.ts'
import { sightingOf } from '../support/server-sightings.ts'
import { HAND } from '../support/server-store.ts'

const opened: AsyncDisposable[] = []
const own = <T extends AsyncDisposable>(part: T): T => {
  opened.push(part)
  return part
}
let browser: TestBrowser
let desk: TestDesk
let page: Page
let face: Buffer
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vedette-past-'))
  const deployment = own(await Deployment.found())
  const sight = own(await openSight())
  desk = own(await controlRoom(deployment, sight))
  face = await walkPast(sight)
  browser = own(await TestBrowser.open())
  page = await browser.seat(desk.desk.consolePort)
  await signIn(page, 'vera', PASSWORD)
})

afterAll(async () => {
  for (const part of opened.reverse()) await part[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

/** Somebody who is on no list walks past a camera, and a list has that kept; gives their photograph. */
async function walkPast({ photos }: Sight): Promise<Buffer> {
  const space = 'dlib-resnet29-1'
  const photo = await jpegOf(await oneFace(1))
  await desk.lists.change('wanted', { keepFor: 24, keepPictures: true }, HAND)
  const { template } = await photos.read(photo, undefined, [space])
  const at = Date.now() - 1000
  const { probe } = sightingOf('', {
    probe: { camera: 'north', probe: template, capturedAt: at, receivedAt: at, space, chip: photo },
  })
  const walk = new Walk(probe, 128, true)
  walk.add(probe)
  desk.keeper.take(walk, space)
  await desk.past.beat()
  return photo
}

test('what was is filtered, and its evidence is handed out so that anybody can verify it', async () => {
  await page.goto('/history')
  const cards = page.locator('.sightings > li')
  await expect.poll(() => cards.count()).toBe(12)
  const saving = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Save as a table (CSV)' }).click()
  const table = await readFile(await (await saving).path(), 'utf8')
  expect(table.trim().split('\r\n').length).toBe(1 + 12)
  await page.getByLabel('Camera').selectOption('hall/escalator')
  await expect.poll(() => cards.count()).toBe(4)
  await page.getByRole('button', { name: 'Choose all that are shown' }).click()
  await page.getByRole('button', { name: 'Export evidence of 4' }).click()
  await page.getByLabel('Reason, for the record').fill('court order 17')
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  // Once for all of them.
  await page.getByRole('textbox', { name: 'Your password' }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Go on' }).click()
  const download = await downloading
  const bundle = join(folder, download.suggestedFilename())
  await download.saveAs(bundle)
  const parts = unzip(await readFile(bundle))
  expect([parts?.whole, parts?.parts.size]).toEqual([true, 4])
  const [[name, bytes]] = [...parts!.parts] as [[string, Buffer]]
  const file = join(folder, name)
  await writeFile(file, bytes)
  const verified = await run(['verify', file])
  expect([verified.out, verified.status]).toEqual([expect.stringContaining('GOOD: evidence'), 0])
  const exported = desk.acts('evidence.exported')
  expect(exported).toEqual(Array(4).fill(['evidence.exported', 'vera', 'court order 17']))
})

test('a stretch of the time is chosen by keyboard, and becomes the period', async () => {
  await page.goto('/history?from=today')
  await page.locator('.bars button[tabindex="0"]').focus()
  await page.keyboard.press('Shift+ArrowLeft')
  await page.keyboard.press('Enter')
  await expect
    .poll(() => page.getByLabel('From').inputValue())
    .toMatch(/^20\d\d-\d\d-\d\d \d\d:00$/)
  expect(await page.getByLabel('Until').inputValue()).toMatch(/ \d\d:00$/)
})

test('the past is searched by a photograph, for a reason that is recorded', async () => {
  await page.goto('/history/search')
  await page.getByLabel('Photograph').setInputFiles({
    ...{ name: 'face.jpg', mimeType: 'image/jpeg', buffer: face },
  })
  const search = page.getByRole('button', { name: 'Search', exact: true })
  expect(await search.isDisabled()).toBe(true)
  await page.getByLabel('Reason, for the record').fill('case 4711')
  await search.click()
  await page.getByText('1 walk was searched. Seen once.').waitFor()
  const found = page.locator('.sightings > li')
  expect(await found.textContent()).toMatch(/gate-7\/north.*, needed 0\.\d{3}/)
  expect(desk.acts('past.searched')).toEqual([['past.searched', 'vera', 'case 4711']])
})

test('figures say what came of it, how little that tells, and the same as a table', async () => {
  await page.goto('/figures?from=7d')
  await page.getByText('1 of 2 right: too few to say').first().waitFor()
  const days = page.locator('section', {
    has: page.getByRole('heading', { name: 'Alerts by day' }),
  })
  await days.getByText('As a table').click()
  const totals = await days
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.children].slice(2).map((cell) => Number(cell.textContent))),
    )
  const sums = totals.reduce((sum, row) => sum.map((value, i) => value + row[i]!))
  // Alerts: right, wrong, could not be told, not judged, withdrawn.
  expect(sums).toEqual([12, 1, 1, 0, 10, 0])
  await page.getByRole('link', { name: 'Transparency report' }).click()
  const saving = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save as a page' }).click()
  const saved = await readFile(await (await saving).path(), 'utf8')
  expect(saved).toContain('12 alerts: 1 right, 1 wrong')
  expect(saved).not.toMatch(/https?:|<script|<link|<img|url\(|Testmann/)
})

test('the record is searched by what was done, and followed as it is written', async () => {
  await page.goto('/record?kind=past')
  await expect.poll(() => page.locator('.acts tbody tr').count()).toBe(1)
  expect(await page.locator('.acts tbody tr').textContent()).toContain('case 4711')
  await page.getByLabel('Follow live').check()
  await expect.poll(() => desk.acts('audit.followed').length).toBe(1)
  const kind = 'alerts.listed' as const
  const hand = { by: 'otto', from: '127.0.0.1', why: 'a look at the night' }
  await desk.stored.store.audit.note({ kind, hand, at: Date.now(), about: {} })
  await page.getByText('a look at the night').waitFor()
})

test('the record is said to be whole, and where somebody tampered with it, not', async () => {
  await page.goto('/record/whole')
  await page.getByRole('button', { name: 'Verify it now' }).click()
  await page.getByText(/^The record is whole: \d+ acts\.$/).waitFor()
  const db = desk.stored.elsewhere()
  const [seq] = db
    .prepare("SELECT seq FROM acts WHERE kind = 'past.searched'")
    .pluck()
    .all() as number[]
  db.exec('DROP TRIGGER bodiesStand')
  db.prepare("UPDATE actBodies SET body = replace(body, '4711', '1234') WHERE seq = ?").run(seq)
  await page.getByRole('button', { name: 'Verify it now' }).click()
  await page.getByText('The record is NOT whole: 1 finding.').waitFor()
  await page.getByText(`Act ${seq} was edited (who, why or what about).`).waitFor()
  expect(browser.faults).toEqual([])
})
