import type { Locator, Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { barriers, picture, signIn, TestBrowser } from '../support/console-browser.ts'
import { faceOfNobody } from '../support/console-scene.ts'
import { owning } from '../support/owning.ts'
import { PASSWORD, signable } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { type DeskUser, openSight, TestDesk } from '../support/server-desk.ts'
import { newEntry, newPhoto } from '../support/server-store.ts'

// Two who sit at different consoles, and somebody at a command line.
const DAY_MS = 86_400_000
const own = owning()
const ids = new Map<string, string>()
const face = await faceOfNobody(2, 240)
let browser: TestBrowser
let desk: TestDesk
let otto: Page
let vera: Page
let anna: DeskUser
let eve: DeskUser

beforeAll(async () => {
  const deployment = own(await Deployment.found())
  desk = own(await TestDesk.open(deployment, own(await openSight())))
  browser = own(await TestBrowser.open())
  anna = desk.user(deployment.anna)
  const another = await deployment.another('operator', 'eve')
  await desk.account('eve', 'enroller')
  eve = desk.user(another.credentials)
  await anna.post('/lists', { id: 'grave', name: 'Two persons', approvals: 2 })
  await Promise.all([signable(desk, 'otto', 'enroller'), signable(desk, 'vera', 'admin')])
  for (const [i, name] of ['Adam', 'Bela', 'Cora', 'Dana', 'Egon'].entries()) await add(name, i)
  for (const [i, name] of ['Gina', 'Hugo', 'Ines'].entries()) await add(name, i + 10, 'grave')
  ;[otto, vera] = await Promise.all([
    browser.seat(desk.desk.consolePort),
    browser.seat(desk.desk.consolePort),
  ])
  await Promise.all([signIn(otto, 'otto', PASSWORD), signIn(vera, 'vera', PASSWORD)])
})

/** Somebody with three photographs. */
async function add(name: string, number: number, list = 'wanted'): Promise<void> {
  const photos = [1, 2, 3].map((one) => newPhoto(10 * number + one, { jpeg: face }))
  const { entry } = await desk.stored.store.entries.add(newEntry(name, { list }), photos)
  ids.set(name, entry.id)
}

const entryOf = (name: string) => `/entries/${ids.get(name)}`
const stored = (name: string) => desk.stored.store.entries.get(ids.get(name)!)
const patch = (user: DeskUser, name: string, body: object) =>
  user.send(entryOf(name), {
    method: 'PATCH',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
const rows = (page: Page) => page.locator('.wanted-table tbody tr')
const row = (page: Page, name: string) => rows(page).filter({ hasText: name })
const button = (inside: Page | Locator, name: string) =>
  inside.getByRole('button', { name, exact: true })
const placeOf = async (part: Locator) => (await part.boundingBox())?.y

test('a table follows what others do, and no row moves under the pointer', async () => {
  await otto.goto('/wanted?sort=name&list=wanted')
  await button(otto, 'Table').click()
  await row(otto, 'Cora').hover()
  const place = await placeOf(row(otto, 'Dana'))

  await patch(anna, 'Adam', { name: 'Zora', caseNumber: '4711' })
  await row(otto, 'Zora').getByText('4711').waitFor()
  await anna.send(entryOf('Bela'), { method: 'DELETE' })
  await row(otto, 'Bela').getByText('Gone', { exact: true }).waitFor()
  await anna.post(`${entryOf('Egon')}/expire`, {})
  await row(otto, 'Egon').getByText('Expired', { exact: true }).waitFor()
  expect(await rows(otto).locator('a').allTextContents()).toEqual([
    ...['Zora', 'Bela', 'Cora', 'Dana', 'Egon'],
  ])

  await vera.goto(`/wanted/${ids.get('Cora')}`)
  await button(vera, 'Split …').click()
  const dialog = vera.getByRole('dialog')
  await dialog.getByLabel('Photograph 2').check()
  await dialog.getByLabel('Photograph 3').check()
  await dialog.getByLabel('Who that is').fill('Anselm')
  await picture(vera, 'wanted-split-1280-light')
  await button(dialog, 'Split').click()
  await button(otto, '1 new: show').waitFor()
  await row(otto, 'Cora').locator('td.number', { hasText: '1' }).waitFor()
  expect(await placeOf(row(otto, 'Dana'))).toBeCloseTo(place!, 0)
  expect(await barriers(otto)).toEqual([])
  await picture(otto, 'wanted-news-1280-light')

  await button(otto, '1 new: show').click()
  await row(otto, 'Anselm').waitFor()
  expect(await rows(otto).locator('a').allTextContents()).toEqual([
    ...['Anselm', 'Cora', 'Dana', 'Egon', 'Zora'],
  ])
  const [anselm] = (await desk.stored.store.entries.all()).filter(({ name }) => name === 'Anselm')
  expect(anselm).toMatchObject({ photos: 2, createdBy: 'vera' })
  ids.set('Anselm', anselm!.id)
})

test('a page follows while somebody writes on it, and what they wrote is all that is changed', async () => {
  await otto.goto(`/wanted/${ids.get('Cora')}`)
  await button(otto, 'Edit …').click()
  const dialog = otto.getByRole('dialog')
  await dialog.getByLabel('Note').fill('walks with a stick')
  await patch(anna, 'Cora', { caseNumber: '99', name: 'Cora Two' })
  await dialog.getByText('Somebody else has changed this person meanwhile.').waitFor()
  await otto.locator('header h2', { hasText: 'Cora Two' }).first().waitFor()

  await vera.goto(`/wanted/${ids.get('Cora')}`)
  await button(vera, 'Merge …').click()
  const merging = vera.getByRole('dialog')
  await merging.getByRole('searchbox').fill('ansel')
  await merging.getByRole('button', { name: /Anselm/ }).click()
  await merging.getByLabel('Reason', { exact: true }).fill('the same after all')
  await picture(vera, 'wanted-merge-1280-light')
  await button(merging, 'Merge').click()
  await otto.locator('.wanted-photos > li').nth(2).waitFor()
  expect(desk.acts('entry.merged').map(([, by]) => by)).toContain('vera')

  await button(dialog, 'Save').click()
  await dialog.waitFor({ state: 'detached' })
  const { name, note, caseNumber, aliases } = await stored('Cora')
  expect([name, note, caseNumber, aliases]).toEqual([
    ...['Cora Two', 'walks with a stick', '99', ['Anselm']],
  ])

  await anna.send(entryOf('Cora'), { method: 'DELETE' })
  await otto.getByText('This entry is not on a list any more').waitFor()
  for (const act of ['Extend …', 'Edit …', 'Remove …']) {
    expect(await button(otto, act).count()).toBe(0)
  }
  await picture(otto, 'wanted-gone-1280-light')
})

test('approvals follow, and what is under the pointer is still what it was', async () => {
  const waits = (name: string) => vera.getByRole('listitem', { name: `New: ${name}` })
  await vera.goto('/wanted/approvals')
  await waits('Hugo').getByRole('button', { name: 'Consent …' }).hover()
  const place = await placeOf(waits('Hugo'))

  const [first] = await desk.stored.store.requests.pending(Date.now())
  await anna.post(`/requests/${first!.id}/refuse`, {}, { 'x-vedette-reason': 'not%20him' })
  await waits('Gina').getByText('This does not wait any more').waitFor()
  await eve.post('/imports', { photos: 7 }, { 'x-vedette-reason': 'the%20old%20list' })
  await button(vera, '1 more waits: show').waitFor()
  expect(await placeOf(waits('Hugo'))).toBeCloseTo(place!, 0)
  await picture(vera, 'wanted-approvals-news-1280-light')
  await button(vera, '1 more waits: show').click()
  await vera.getByRole('listitem', { name: 'Import of 7 photographs' }).waitFor()
  expect(await waits('Gina').count()).toBe(0)
})

test('a day is typed as the time until which somebody is looked for, within what the list allows', async () => {
  await vera.goto(`/wanted/${ids.get('Dana')}`)
  await button(vera, 'Extend …').click()
  const dialog = vera.getByRole('dialog')
  const day = dialog.getByLabel('Looked for until')
  const type = async (at: number) => {
    await day.blur()
    await day.focus()
    const [year, month, date] = dayOf(at).split('-')
    // A part after the other, as this browser writes days: it is one made for America.
    await vera.keyboard.type(`${month}${date}${year}`)
    expect(await day.inputValue()).toBe(dayOf(at))
  }
  expect(await day.getAttribute('min')).toBe(dayOf(Date.now()))
  expect(await day.getAttribute('max')).toBe(dayOf(Date.now() + 364 * DAY_MS))
  await type(Date.now() + 400 * DAY_MS)
  await dialog.getByText('The list does not allow that long.').waitFor()
  await type(Date.now() - 2 * DAY_MS)
  await dialog.getByText('Until then it is over already').waitFor()
  await type(Date.now() + 40 * DAY_MS)
  await picture(vera, 'wanted-until-1280-light')
  await vera.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  const { expiresAt } = await stored('Dana')
  expect([dayOf(expiresAt), expiresAt % 1000]).toEqual([dayOf(Date.now() + 40 * DAY_MS), 999])
})

/** YYYY-MM-DD by the clock on the wall here. */
function dayOf(at: number): string {
  return new Intl.DateTimeFormat('sv-SE').format(at)
}

test('a list is added and changed with every control, and is there for the other at once', async () => {
  await Promise.all([otto.goto('/wanted/lists'), vera.goto('/wanted/lists')])
  await otto.getByRole('listitem', { name: 'Two persons' }).waitFor()
  await button(vera, 'Add a list').click()
  const form = vera.getByRole('dialog')
  const field = (label: string) => form.getByLabel(label, { exact: true })
  const group = (name: string) => form.getByRole('group', { name, exact: true })
  expect(await button(form, 'Save').isDisabled()).toBe(true)
  await field('Id').fill('Night Shift')
  await form.getByText('inner hyphens').waitFor()
  await field('Id').fill('night')
  await field('Name').fill('Night shift')
  await field('Priority').selectOption('1')
  await field('Colour').fill('#1144aa')
  await field('Usual time, days').fill('40')
  await field('Longest time, days').fill('30')
  await form.getByText('Not longer than the longest').waitFor()
  expect(await button(form, 'Save').isDisabled()).toBe(true)
  await field('Usual time, days').fill('20')
  await field('Called for again after').fill('5')
  await field('Spoken and sounded').selectOption('Once')
  await field('The past is kept for').fill('12')
  await field('Who sees it').pressSequentially('vera, otto')
  await field('Two persons for whatever makes somebody matched').check()
  await field('Two persons to say of an alert that it is them').check()
  await field('Boards that everybody sees show names').uncheck()
  await field('Keep pictures of the past, too').check()
  await field('Legal basis').check()
  await field('Note').check()
  expect(await barriers(vera)).toEqual([])
  await group('Hours').getByLabel('At all hours').uncheck()
  await group('Hours').getByLabel('Saturday').check()
  await group('Hours').getByLabel('Monday').uncheck()
  await group('Hours').getByLabel('From').fill('20:00')
  await group('Hours').getByLabel('Until').fill('05:30')
  await group('Hours').getByText('until the next day').waitFor()
  await group('Hours').getByLabel('Time zone').selectOption('Europe/Berlin')
  await group('Quiet hours of the consoles').getByLabel('Never quiet').uncheck()
  await button(group('Quiet hours of the consoles'), 'Add hours').click()
  await button(group('Quiet hours of the consoles'), 'Remove hours 1').click()
  await field('Reason').fill('for the night')
  await picture(vera, 'wanted-list-1280-light')
  await button(form, 'Save').click()
  await form.waitFor({ state: 'detached' })

  const [zone, working] = ['Europe/Berlin', { from: '07:00', to: '19:00' }]
  const wanted = {
    ...{ name: 'Night shift', colour: '#1144aa', priority: 1, sound: 'once' },
    ...{ usualLife: 20 * DAY_MS, longestLife: 30 * DAY_MS, escalateAfter: 300_000 },
    ...{ keepFor: 12, keepPictures: true, boardNames: false, viewers: ['vera', 'otto'] },
    ...{ approvals: 2, confirmations: 2, demands: ['legalBasis', 'note'], cameras: null },
    hours: { zone, spans: [{ days: [2, 3, 4, 5, 6], from: '20:00', to: '05:30' }] },
    quiet: { spans: [{ days: [6, 7], ...working }] },
  }
  expect(desk.lists.find('night')).toMatchObject(wanted)
  const card = otto.getByRole('listitem', { name: 'Night shift' })
  await card.getByText('Priority 1').waitFor()

  await button(vera.getByRole('listitem', { name: 'Night shift' }), 'Edit …').click()
  await field('Priority').selectOption('4')
  await field('Who sees it').fill('')
  await field('Called for again after').fill('')
  await group('Quiet hours of the consoles').getByLabel('Never quiet').check()
  await button(form, 'Save').click()
  await form.waitFor({ state: 'detached' })
  await card.getByText('Priority 4').waitFor()
  const now = { ...wanted, priority: 4, viewers: null, escalateAfter: null, quiet: null }
  expect(desk.lists.find('night')).toMatchObject(now)
  expect(browser.faults).toEqual([])
})
