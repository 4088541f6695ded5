import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodePicture } from '@vedette/models/picture'
import { makeVideo, PASSER_BY, WANTED } from '@vedette/scripts/demo/video'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { barriers, holds, picture, signIn, TestBrowser } from '../support/console-browser.ts'
import { House } from '../support/house.ts'
import { owning } from '../support/owning.ts'
import { PASSWORD } from '../support/server-console.ts'
import { until } from '../support/until.ts'

type Act = { by: string; why: string; details: { name: string; sha256: string } }

const own = owning()
let house: House
let browser: TestBrowser
let page: Page

beforeAll(async () => {
  house = own(await House.found())
  const server = await house.startServer()
  const desk = await house.desk()
  await desk.json('PUT', '/operators/anna/password', { password: PASSWORD })
  await house.enrol(WANTED.name, [WANTED.photo], Number(WANTED.face))
  const video = join(house.home, 'passer-by.mp4')
  await makeVideo(video, PASSER_BY)
  await house.startAgent('north', `  gate: { source: { kind: file, path: ${video}, loop: true } }`)
  browser = own(await TestBrowser.open())
  page = await browser.seat(server.consolePort)
  await signIn(page, 'anna', PASSWORD)
})

/** Share of the picture's dots that are not black. */
const lit = () =>
  page.evaluate<number>(`(() => {
    const canvas = document.querySelector('.stage canvas')
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    let bright = 0
    for (let at = 0; at < data.length; at += 4) if (data[at] + data[at + 1] > 60) bright++
    return bright / (data.length / 4)
  })()`)

test('a camera is looked through: faces in boxes, the wanted one by name, the picture never older than it says', async () => {
  await page.goto('/live')
  await page.getByRole('button', { name: /north\/gate/ }).click()
  const tile = page.locator('.tile[data-camera="north/gate"]')
  await expect.poll(() => tile.getAttribute('data-state')).toBe('live')
  expect(new URL(page.url()).search).toContain('cameras=north/gate')
  expect(await lit()).toBeGreaterThan(0.3)

  const named = tile.locator('.box[data-said="alert"]', { hasText: WANTED.name })
  await named.first().waitFor()
  await picture(page, 'live-face')
  const [over, canvas] = await Promise.all([
    tile.locator('.over').boundingBox(),
    tile.locator('canvas').boundingBox(),
  ])
  expect(over!.width / over!.height).toBeCloseTo(16 / 9, 1)
  expect(over!.width).toBeLessThanOrEqual(canvas!.width + 1)
  // He walks on, and leaves the picture: his box is there only now and then.
  let box: { width: number } | null = null
  await until(async () => {
    const [first] = await tile.locator('.box').all()
    box = (await first?.boundingBox({ timeout: 200 }).catch(() => null)) ?? null
    return box !== null
  })
  expect(box!.width).toBeGreaterThan(over!.width / 50)
  expect(await barriers(page)).toEqual([])

  await page.keyboard.press('s')
  const reason = page.getByRole('dialog').getByRole('textbox')
  await reason.fill('somebody fell')
  const [download] = await Promise.all([page.waitForEvent('download'), reason.press('Enter')])
  const saved = await readFile(await download.path())
  expect(download.suggestedFilename()).toMatch(/^north-gate_\d{8}T\d{6}\.\d{3}Z\.jpg$/)
  const { width, height } = await decodePicture(saved)
  expect(width / height).toBeCloseTo(16 / 9, 1)
  const record = await house.desk()
  const [act] = await record.json<Act[]>('GET', '/audit?kind=live.saved')
  const sha256 = createHash('sha256').update(saved).digest('hex')
  expect(act).toMatchObject({ by: 'anna', why: 'somebody fell', details: { sha256 } })
  expect(act!.details.name).toBe(download.suggestedFilename())

  const count = async (kind: string) =>
    (await record.json<Act[]>('GET', `/audit?kind=${kind}`)).length
  const begun = () => count('live.begun')
  await page.keyboard.press('4')
  await until(async () => (await begun()) === 2)
  const next = tile.getByRole('button', { name: 'Move north/gate to the next tile' })
  await next.press('Enter')
  await holds(page, `location.search === '?cameras=,north/gate&tiles=4'`)
  await holds(page, `document.activeElement.dataset.move === 'ArrowRight'`)
  await page.keyboard.press('Shift+ArrowDown')
  await page.getByText('north/gate is in tile 4 of 4').waitFor()
  expect(new URL(page.url()).search).toBe('?cameras=,,,north/gate&tiles=4')
  // What is moved is looked through as before.
  await expect.poll(() => tile.getAttribute('data-state')).toBe('live')
  expect(await begun()).toBe(2)
  await page.keyboard.press('9')
  await picture(page, 'live-tiles')
  expect(await barriers(page)).toEqual([])
  await page.keyboard.press('1')

  await page.getByRole('button', { name: 'Pause' }).click()
  await tile.getByText('Paused').waitFor()
  await until(async () => (await count('live.ended')) === (await begun()))
  await page.keyboard.press('p')
  await expect.poll(() => tile.getAttribute('data-state')).toBe('live')

  await house.stopServer()
  await expect.poll(() => tile.getAttribute('data-state')).toBe('stale')
  await tile.getByText(/s old: not live/).waitFor()
  await picture(page, 'live-stale')
  expect(browser.faults.filter((fault) => !fault.includes('ERR_'))).toEqual([])
})
