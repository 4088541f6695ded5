import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ErasureCertificate, isGenuine } from '@vedette/server/erasure/certificate'
import type { Locator, Page } from 'playwright-core'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { barriers, picture, signIn, TestBrowser } from '../support/console-browser.ts'
import { sampleFile } from '../support/models-samples.ts'
import { owning } from '../support/owning.ts'
import { PASSWORD, signable } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { openSight, TestDesk } from '../support/server-desk.ts'
import { jpegOf, landscape, oneFace } from '../support/server-photos.ts'
import { zipOf } from '../support/zip.ts'

// A whole story each, with a browser and the models beside one another on few cores.
const own = owning()
const jpeg = (name: string, buffer: Buffer) => ({ name, mimeType: 'image/jpeg', buffer })
const [left, middle, right] = await Promise.all(
  ([1, 2, 3] as const).map(async (face) => jpegOf(await oneFace(face))),
)
const group = jpeg('group.jpg', await sampleFile(3))
let browser: TestBrowser
let desk: TestDesk
/** An enroller, and an approver who sits elsewhere. */
let otto: Page
let vera: Page

beforeAll(async () => {
  const film = await filmOf(right!)
  browser = own(
    await TestBrowser.open(
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ),
  )
  const deployment = own(await Deployment.found())
  desk = own(await TestDesk.open(deployment, own(await openSight())))
  const anna = desk.user(deployment.anna)
  await anna.post('/lists', { id: 'grave', name: 'Two persons', approvals: 2, demands: ['reason'] })
  await signable(desk, 'otto', 'enroller')
  await signable(desk, 'vera', 'approver')
  ;[otto, vera] = await Promise.all([
    browser.seat(desk.desk.consolePort),
    browser.seat(desk.desk.consolePort),
  ])
  await Promise.all([signIn(otto, 'otto', PASSWORD), signIn(vera, 'vera', PASSWORD)])
})

async function folderOf(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `vedette-${name}-`))
  own({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) })
  return folder
}

/** Drops a file, or a folder, as somebody does who drags it from their desktop. */
async function drop(page: Page, path: string): Promise<void> {
  await page.locator('.wanted-drop').scrollIntoViewIfNeeded()
  const { x, y, width, height } = (await page.locator('.wanted-drop').boundingBox())!
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [path], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    const at = { x: x + width / 2, y: y + height / 2 }
    await session.send('Input.dispatchDragEvent', { type, ...at, data })
  }
  await session.detach()
}

/** What a camera of the browser shows: pictures one after the other are a film, as Chromium reads it. */
async function filmOf(face: Buffer): Promise<string> {
  const folder = await folderOf('film')
  const frame = await sharp(face)
    .resize({ width: 640, height: 480, fit: 'contain', background: '#8899aa' })
    .jpeg({ quality: 92 })
    .toBuffer()
  const file = join(folder, 'face.mjpeg')
  await writeFile(file, Buffer.concat(Array.from({ length: 30 }, () => frame)))
  return file
}

async function rightmostOf(photo: Buffer): Promise<Buffer> {
  const { width, height } = await sharp(photo).metadata()
  const left = Math.round(width * 0.78)
  return sharp(photo)
    .extract({ left, top: 0, width: width - left, height: Math.round(height * 0.6) })
    .jpeg()
    .toBuffer()
}

const entries = () => desk.stored.store.entries.all()
const named = async (name: string) => (await entries()).find((entry) => entry.name === name)

async function adding(page: Page, ...files: ReturnType<typeof jpeg>[]): Promise<Locator> {
  await page.goto('/wanted/add')
  await page.locator('input[type=file]').setInputFiles(files)
  return page.locator('.wanted-shot')
}

async function giveWord(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Your password, please' })
  await dialog.getByLabel('Your password').fill(PASSWORD)
  await dialog.getByRole('button', { name: 'Go on' }).click()
}

const submit = (page: Page) => page.getByRole('button', { name: /^(Put on the list|Add \d)/ })

describe('at the console somebody is put on a list', () => {
  test('by upload: judged before anything is stored, and once though the answer is lost', async () => {
    const text = { name: 'x.heic', mimeType: '', buffer: Buffer.from('0000ftypheic0000heic') }
    const shots = await adding(otto, jpeg('front.jpg', middle!), text)
    await shots.nth(0).getByText('good', { exact: true }).waitFor()
    await shots.nth(1).getByText('HEIC format').waitFor()
    expect(await shots.nth(0).locator('meter').count()).toBe(6)
    expect(await entries()).toHaveLength(0)
    await otto.getByLabel('Name (needed)').fill('Middle Person')

    let lost = 0
    await otto.route('**/api/entries', async (route) => {
      if (lost++ > 0) return route.continue()
      await route.fetch()
      await route.abort('connectionreset')
    })
    await submit(otto).dblclick()
    await otto.getByText('The server was not reached.').waitFor()
    await submit(otto).click()
    await otto.getByRole('status', { name: 'Enrolled' }).waitFor()
    await otto.unroute('**/api/entries')
    expect(lost).toBe(2)
    expect((await entries()).map(({ name, photos }) => [name, photos])).toEqual([
      ['Middle Person', 1],
    ])
  })

  test('by choosing one face of several', async () => {
    const shots = await adding(otto, group)
    await shots.getByText('there are 3 faces in it').waitFor()
    expect(await submit(otto).isDisabled()).toBe(true)
    await shots.getByRole('button', { name: /^Face 1,/ }).click()
    await shots.getByText('Face 1 of 3:').waitFor()
    await shots.getByText('good', { exact: true }).waitFor()
    await picture(otto, 'wanted-faces-1280-light')
    await otto.getByLabel('Name (needed)').fill('Left Person')
    await submit(otto).click()
    await otto.getByRole('status', { name: 'Enrolled' }).waitFor()
    expect(await named('Left Person')).toMatchObject({ photos: 1, state: 'live' })
  })

  test('with what was dropped and pasted, made smaller and cropped where it must be', async () => {
    const shot = await adding(otto, group)
    await shot.getByText('there are 3 faces in it').waitFor()
    await shot.getByRole('button', { name: 'Crop …' }).click()
    const crop = otto.getByRole('dialog', { name: 'Crop' })
    const frame = (await crop.locator('.wanted-crop').boundingBox())!
    await otto.mouse.move(frame.x + 0.9 * frame.width, frame.y + 2)
    await otto.mouse.down()
    await otto.mouse.move(frame.x + frame.width, frame.y + 0.3 * frame.height)
    await otto.mouse.up()
    expect(Number(await crop.getByLabel('From the left').inputValue())).toBeCloseTo(0.9, 1)
    await crop.getByLabel('From the left').fill('0.78')
    await crop.getByLabel('Width').fill('0.22')
    await crop.getByLabel('Height').fill('0.6')
    await picture(otto, 'wanted-crop-1280-light')
    await crop.getByRole('button', { name: 'Crop' }).click()
    await shot.nth(0).getByText('good', { exact: true }).waitFor()

    const large = join(await folderOf('large'), 'large.jpg')
    await writeFile(large, Buffer.concat([right!, Buffer.alloc(9 * 2 ** 20)]))
    await drop(otto, large)
    await shot
      .nth(1)
      .getByText(/^9\.\d MB: at most 8 MB are taken\./)
      .waitFor()
    await picture(otto, 'wanted-large-1280-light')
    await shot.nth(1).getByRole('button', { name: 'Make it smaller' }).click()
    await shot.nth(1).getByText('good', { exact: true }).waitFor()

    await otto.evaluate(`(() => {
      const bytes = Uint8Array.from(atob('${right!.toString('base64')}'), (one) => one.charCodeAt(0))
      const clipboardData = new DataTransfer()
      clipboardData.items.add(new File([bytes], 'pasted.jpg', { type: 'image/jpeg' }))
      window.dispatchEvent(new ClipboardEvent('paste', { clipboardData }))
    })()`)
    await shot.nth(2).getByText('good', { exact: true }).waitFor()
    await submit(otto).click({ trial: true })
    expect(await submit(otto).textContent()).toContain('3')
  })

  test('not twice: who looks the same stands beside it, and gets the photograph instead', async () => {
    await adding(otto, jpeg('again.jpg', left!))
    const alike = otto.locator('.wanted-alikes li', { hasText: 'Left Person' })
    await alike.getByText('taken for one person').waitFor()
    await otto.getByLabel('Name (needed)').fill('Double')
    expect(await submit(otto).isDisabled()).toBe(true)
    expect(await barriers(otto)).toEqual([])
    await picture(otto, 'wanted-double-1280-light')
    await alike.getByRole('link', { name: 'Same person: add to it' }).click()
    await otto.getByText('More photographs of Left Person').waitFor()
    await submit(otto).click()
    await otto.getByText('Left Person has 2 photographs').waitFor()
    expect(await named('Double')).toBeUndefined()
  })

  test('by the camera of the device, which is off again afterwards, with a second person', async () => {
    await otto.goto('/wanted/add')
    await otto.getByLabel('List', { exact: true }).selectOption('grave')
    await otto.getByRole('button', { name: "Take with this device's camera" }).click()
    await otto.getByRole('button', { name: 'Take a picture' }).click()
    await otto.getByRole('img', { name: 'Picture 1' }).waitFor()
    await picture(otto, 'wanted-webcam-1280-light')
    const live = `(window.tracks ??= document.querySelector('video').srcObject.getTracks())
      .filter((track) => track.readyState === 'live').length`
    expect(await otto.evaluate(live)).toBe(1)
    await otto.getByRole('button', { name: 'Use 1 picture' }).click()
    expect(await otto.evaluate(live)).toBe(0)
    await otto.locator('.wanted-shot').getByText('good', { exact: true }).waitFor()
    await otto.getByLabel('Name (needed)').fill('Right Person')
    await submit(otto).click()
    await otto.getByText('The list demands this.').waitFor()
    await otto.getByLabel('Why they are looked for (needed)').fill('order 4711')
    await submit(otto).click()
    await otto.getByText('A second person must consent first').waitFor()
    expect(await named('Right Person')).toMatchObject({ state: 'pending', reason: 'order 4711' })

    await otto.goto('/wanted/approvals')
    await otto.getByText('You asked for this: somebody else decides.').waitFor()
    expect(await otto.getByRole('button', { name: 'Consent …' }).count()).toBe(0)
    await vera.goto('/wanted/approvals')
    const request = vera.getByRole('listitem', { name: 'New: Right Person' })
    await request.getByText('order 4711').waitFor()
    await request.getByText('times as many strangers resemble it').waitFor()
    expect(await barriers(vera)).toEqual([])
    await picture(vera, 'wanted-approvals-1280-light')
    await request.getByRole('button', { name: 'Consent …' }).click()
    await giveWord(vera)
    await vera.getByText('Nothing waits for a second person').waitFor()
    expect(await named('Right Person')).toMatchObject({ state: 'live' })
    // Whoever watches sees it without asking again.
    await otto.getByText('Nothing waits for a second person').waitFor()
  })
})

test('a folder, or a ZIP of one, is imported with leave, goes on where it was when the page was closed, and is told of row by row', async () => {
  const [folder, elsewhere] = [await folderOf('folder'), await folderOf('zip')]
  await mkdir(join(folder, 'New_Person'))
  const files: [string, Buffer][] = [
    ['Middle Again.jpg', middle!],
    ['New_Person/1.jpg', await rightmostOf(await sampleFile(6))],
    ['Nobody.jpg', await landscape()],
    ['notes.txt', Buffer.from('not a photograph')],
  ]
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes)
  const before = (await entries()).length
  const choose = () => otto.getByLabel('Choose a folder').first().setInputFiles(folder)
  const row = (name: string) => otto.getByRole('row', { name: new RegExp(name) })

  await otto.goto('/wanted/import')
  await drop(otto, folder)
  await otto.getByText('3 people with 3 photographs').waitFor()
  await otto.getByText('(1 file is no photograph)').waitFor()
  const packed = files.map(([name, bytes]) => ({ name: `all/${name}`, bytes }))
  const give = async (...more: typeof packed) => {
    await writeFile(join(elsewhere, 'all.zip'), zipOf([...packed, ...more]))
    await otto.getByLabel('Choose a ZIP').first().setInputFiles(join(elsewhere, 'all.zip'))
  }
  await give({ name: '../out.jpg', bytes: left! })
  await otto.getByText('The ZIP has files whose paths lead out of it').waitFor()
  expect(await otto.getByRole('button', { name: 'Check first' }).count()).toBe(0)
  await give()
  await otto.getByText('3 people with 3 photographs').waitFor()
  await otto.getByRole('button', { name: 'Check first' }).click()
  await otto.getByText('It is over.').waitFor()
  await row('Middle Again').getByText('entry.duplicate').waitFor()
  await row('Nobody').getByText('photo.no-face').waitFor()
  await row('New Person').getByText('Could be enrolled').waitFor()
  expect(await entries()).toHaveLength(before)
  expect(await barriers(otto)).toEqual([])
  await picture(otto, 'wanted-import-1280-light')

  await otto.getByRole('button', { name: 'Import …' }).click()
  const why = otto.getByRole('dialog', { name: 'Leave for 3 photographs' })
  await why.getByLabel('Reason, for the record').fill('the old list')
  await why.getByRole('button', { name: 'Go on' }).click()
  await otto.getByText('Who could: anna, vera').waitFor()
  await otto.reload()
  await otto.getByRole('button', { name: 'Go on with it' }).click()
  await choose()
  await otto.getByRole('button', { name: 'Go on', exact: true }).click()
  await otto.getByText('Who could: anna, vera').waitFor()
  expect(await entries()).toHaveLength(before)

  await vera.goto('/wanted/approvals')
  const asked = vera.getByRole('listitem', { name: 'Import of 3 photographs' })
  await asked.getByRole('button', { name: 'Consent …' }).click()
  await giveWord(vera)
  await row('New Person').getByText('Enrolled').waitFor()
  await otto.getByText('It is over.').waitFor()
  expect(await entries()).toHaveLength(before + 1)
  expect(await named('New Person')).toMatchObject({ createdBy: 'otto', state: 'live' })
  await expect
    .poll(async () => (await desk.stored.store.imports.all(Date.now()))[0]?.state)
    .toBe('closed')
})

test('many are extended at once, each told of, and the picture of a sighting becomes a photograph', async () => {
  await vera.goto('/wanted?q=person')
  await vera.getByLabel('Mark Middle Person').check()
  await vera.getByLabel('Mark Right Person').check()
  await vera.getByRole('button', { name: 'Extend …' }).click()
  await vera.getByRole('button', { name: '30 days' }).click()
  await vera.getByLabel('Reason', { exact: true }).fill('looked at again')
  await vera.getByRole('button', { name: 'Extend', exact: true }).click()
  // The list of one of them asks for a second person.
  await vera.getByText('1 waits for a second person.').waitFor()
  await vera.getByRole('button', { name: 'Close' }).last().click()
  const { id, expiresAt } = (await named('Middle Person'))!
  expect(expiresAt).toBeLessThan(Date.now() + 32 * 86_400_000)
  expect(desk.acts('entry.extended')).toEqual([['entry.extended', 'vera', 'looked at again']])

  await desk.alert(id, { probe: { chip: middle! } })
  await vera.goto(`/wanted/${id}`)
  await vera.getByRole('link', { name: 'Add this picture to the photographs' }).click()
  await vera.locator('.wanted-shot').getByText('good', { exact: true }).waitFor()
  await submit(vera).click()
  await vera.getByText('Middle Person has 2 photographs').waitFor()
  const [, second] = await desk.stored.store.entries.photos(id)
  expect(second?.source).toContain('sighting of alert')
})

test('an entry is erased for a reason and a password, and a genuine certificate is handed over', async () => {
  const { id } = (await named('Left Person'))!
  await vera.goto(`/wanted/${id}`)
  await vera.getByRole('heading', { name: 'Left Person' }).waitFor()
  await vera.getByText('times as many strangers resemble it').waitFor()
  expect(await barriers(vera)).toEqual([])
  await picture(vera, 'wanted-entry-1280-light')
  await vera.getByRole('button', { name: 'Erase …' }).click()
  const dialog = vera.getByRole('dialog', { name: 'Erase Left Person' })
  const erase = dialog.getByRole('button', { name: 'Erase for good' })
  expect(await erase.isDisabled()).toBe(true)
  await dialog.getByLabel('Reason (needed)').fill('warrant withdrawn')
  await dialog.getByLabel('I know that all of Left Person is destroyed.').check()
  await erase.click()
  const coming = vera.waitForEvent('download')
  await giveWord(vera)
  await vera.getByRole('link', { name: 'Download the certificate' }).click()
  const file = await (await coming).path()
  const certificate = JSON.parse(await readFile(file, 'utf8')) as ErasureCertificate
  expect(certificate).toMatchObject({ entry: id, by: 'vera', why: 'warrant withdrawn' })
  expect(isGenuine(certificate)).toBe(true)
  expect(await named('Left Person')).toBeUndefined()
  await vera.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
  await vera.locator('.wanted-cards', { hasText: 'Middle Person' }).waitFor()
  expect(await vera.getByText('Left Person').count()).toBe(0)
  expect(browser.faults).toEqual([])
})
