import type { CameraPlace } from '@vedette/server/store/places'
import type { FloorPlan } from '@vedette/server/store/plans'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { signIn, TestBrowser } from '../support/console-browser.ts'
import { floorOfNowhere } from '../support/console-floor.ts'
import { controlRoom } from '../support/console-scene.ts'
import { owning } from '../support/owning.ts'
import { troubleOf } from '../support/server-cameras.ts'
import { PASSWORD } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { openSight, type TestDesk } from '../support/server-desk.ts'
import { eventually } from '../support/until.ts'

const PERSON = 'Dora Beispiel'
const own = owning()
let deployment: Deployment
let desk: TestDesk
let browser: TestBrowser
let page: Page
let person: string

beforeAll(async () => {
  deployment = own(await Deployment.found())
  const sight = own(await openSight())
  desk = own(await controlRoom(deployment, sight))
  await desk.cameras.announced('gate-7', ['cellar', 'yard'])
  const entries = await desk.stored.store.entries.all({})
  person = entries.find(({ name }) => name === PERSON)!.id
  browser = own(await TestBrowser.open())
  page = await browser.seat(desk.desk.consolePort)
  await signIn(page, 'vera', PASSWORD)
})

const pin = (camera: string) => page.locator(`.pin-icon[data-name="${camera}"]`)
const listed = (camera: string) =>
  page.locator('.camera-list').getByRole('button', { name: camera })
const alertsAt = async (camera: string) =>
  Number(/open alerts: (\d+)/.exec((await pin(camera).getAttribute('aria-label')) ?? '')?.[1])

async function placeOf(camera: string): Promise<CameraPlace | undefined> {
  const all = await desk.stored.store.places.all()
  return all.find((one) => `${one.agent}/${one.camera}` === camera)
}

async function toast(words: string): Promise<void> {
  await page.locator('.toast', { hasText: words }).first().waitFor()
}

describe('the map', () => {
  test('shows every camera and its open alerts, and a new one as it is raised', async () => {
    await page.goto('/map')
    await pin('hall/escalator').waitFor()
    await eventually(async () => expect(await alertsAt('hall/escalator')).toBeGreaterThan(0))
    const before = await alertsAt('hall/escalator')
    await page.getByLabel('Go to every new alert').check()
    const probe = { agent: 'hall', camera: 'escalator', track: 'new', capturedAt: Date.now() }
    await desk.alert(person, { probe })
    const card = page.getByRole('region', { name: 'Camera hall/escalator' })
    await card.getByRole('link', { name: PERSON }).first().waitFor()
    expect(await alertsAt('hall/escalator')).toBe(before + 1)
    expect(await card.textContent()).toContain('Its agent is away')
    await page.getByLabel('Go to every new alert').uncheck()
  })

  test('says all of it in a table, too', async () => {
    await page.getByRole('button', { name: 'As a table' }).click()
    const row = page.getByRole('row', { name: 'gate-7/north' })
    expect(await row.textContent()).toMatch(/amber.*52\.52510, 13\.36940.*0°, 70° wide, 30 m far/)
    await page.getByRole('button', { name: 'As a table' }).click()
  })

  test('places a camera by numbers', async () => {
    await page.getByLabel('Place and move cameras').check()
    await listed('gate-7/cellar').click()
    const form = page.getByRole('form', { name: 'Place of gate-7/cellar' })
    await form.getByLabel('Latitude').fill('52.523')
    await form.getByLabel('Longitude').fill('13.38')
    await form.getByLabel('Looks towards').fill('45')
    await form.getByLabel('How far').pressSequentially('12.05')
    await form.getByRole('button', { name: 'Save' }).click()
    await toast('gate-7/cellar is placed.')
    expect(await placeOf('gate-7/cellar')).toMatchObject({
      place: { latitude: 52.523, longitude: 13.38 },
      view: { bearing: 45, fieldOfView: null, range: 12.05 },
    })
    await pin('gate-7/cellar').waitFor()
  })

  test('takes a floor plan, and a camera dragged on it', async () => {
    await page.getByRole('button', { name: 'Add a floor plan' }).click()
    const file = { name: 'hall.png', mimeType: 'image/png', buffer: await floorOfNowhere() }
    await page.getByLabel('Picture').setInputFiles(file)
    await page.getByLabel('Name').fill('Main hall')
    await page.getByLabel('Width in metres').fill('60')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.locator('.ground[data-layer="plan"] img.leaflet-image-layer').waitFor()
    const [plan] = (await desk.stored.store.plans.all()) as [FloorPlan]
    expect(plan).toMatchObject({ name: 'Main hall', width: 900, metres: 60 })
    await listed('gate-7/cellar').click()
    await page.getByRole('combobox', { name: 'What the map shows' }).selectOption(plan.id)
    const form = page.getByRole('form', { name: 'Place of gate-7/cellar' })
    await form.getByRole('button', { name: 'Take the middle of the map' }).click()
    await form.getByRole('button', { name: 'Save' }).click()
    await pin('gate-7/cellar').waitFor()
    const middle = (await placeOf('gate-7/cellar'))!
    expect(middle.plan!.plan).toBe(plan.id)
    expect(middle.plan!.x).toBeCloseTo(0.5, 1)
    // Saving draws it anew: whoever points at it takes the one that is there then.
    await pin('gate-7/cellar').hover()
    const box = (await pin('gate-7/cellar').boundingBox())!
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.mouse.down()
    await page.mouse.move(box.x + 100, box.y - 60, { steps: 5 })
    // What is told meanwhile must not take it out of her hand.
    const probe = { agent: 'gate-7', camera: 'cellar', track: 'meanwhile', capturedAt: Date.now() }
    await desk.alert(person, { probe })
    await listed('gate-7/cellar').getByText('Open alerts: 1').waitFor()
    await page.mouse.move(box.x + 110, box.y - 60)
    await page.mouse.up()
    await toast('gate-7/cellar is placed there now.')
    const moved = (await placeOf('gate-7/cellar'))!
    expect(moved.plan!.x).toBeGreaterThan(middle.plan!.x + 0.03)
    expect(moved.plan!.y).toBeLessThan(middle.plan!.y - 0.03)
    // Where it is on the earth, and how it looks, stay as they were.
    expect(moved).toMatchObject({
      place: { latitude: 52.523 },
      view: { bearing: 45, range: 12.05 },
    })
  })

  test('takes a camera that is dragged onto it from the list', async () => {
    const [plan] = (await desk.stored.store.plans.all()) as [FloorPlan]
    const ground = page.locator('.ground-map')
    const { width, height } = (await ground.boundingBox())!
    const to = { x: width / 2, y: height / 2 }
    await listed('gate-7/yard').dragTo(ground, { targetPosition: to })
    await toast('gate-7/yard is placed there now.')
    await pin('gate-7/yard').waitFor()
    expect((await placeOf('gate-7/yard'))?.plan?.plan).toBe(plan.id)
    const box = (await pin('gate-7/yard').boundingBox())!
    const at = (await ground.boundingBox())!
    expect(Math.abs(box.x + box.width / 2 - at.x - to.x)).toBeLessThan(3)
  })

  test("walks a person's trail through time", async () => {
    await page.goto(`/map?person=${person}`)
    const stops = page.locator('.trail-list li')
    await stops.first().waitFor()
    const count = await stops.count()
    expect(count).toBeGreaterThan(1)
    expect(await page.locator('.trail-list [aria-current]').textContent()).toContain(
      'gate-7/cellar',
    )
    await page.getByRole('button', { name: 'The sighting before' }).click()
    expect(await stops.nth(count - 2).getAttribute('aria-current')).toBe('step')
    await page.getByRole('slider', { name: 'Moment on the trail' }).press('Home')
    expect(await stops.first().getAttribute('aria-current')).toBe('step')
    expect(await page.locator('.step-icon').count()).toBeGreaterThan(0)
    expect(desk.acts('entry.trailed').map(([, by]) => by)).toContain('vera')
  })
})

describe('the fleet', () => {
  test('shows a red camera first, and why, as it turns', async () => {
    await page.goto('/fleet')
    await page.locator('.machine').first().waitFor()
    await desk.cameras.troubled('gate-7', troubleOf({ camera: 'south', kind: 'covered' }))
    const row = page.locator('.machine').first().getByRole('row').nth(1)
    await eventually(async () =>
      expect(await row.textContent()).toMatch(/south.*red.*It is covered/),
    )
    await row.getByRole('button', { name: 'south' }).click()
    const dialog = page.getByRole('dialog', { name: 'gate-7/south' })
    await dialog.getByText('Look at what it shows, and at the camera itself.').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).click()
  })

  test('invites an agent with a code that is shown once, and takes that back', async () => {
    await page.getByRole('button', { name: 'Invite an agent' }).click()
    await page.getByLabel('Name of the agent').fill('Gate 9')
    await page.getByRole('button', { name: 'Make the code' }).click()
    await page.getByText('expected lower-case letters, digits and inner hyphens').waitFor()
    await page.getByLabel('Name of the agent').fill('gate-9')
    await page.getByRole('button', { name: 'Make the code' }).click()
    const code = await page.getByLabel('Code', { exact: true }).inputValue()
    expect(code).toMatch(/^vj1\./)
    expect(await page.getByLabel('Command').inputValue()).toContain(`vedette-agent join ${code}`)
    await page.getByRole('button', { name: 'I have it' }).click()
    const row = page.getByRole('row', { name: 'gate-9' })
    await row.getByText('Good for another').waitFor()
    expect(await page.content()).not.toContain(code)
    await row.getByRole('button', { name: 'Withdraw' }).click()
    await row.getByText('withdrawn', { exact: true }).waitFor()
  })

  test('revokes an agent for a reason, once the password is given', async () => {
    const { serial } = await deployment.issue('agent', 'gate-7')
    await page.reload()
    const machine = page.getByRole('region', { name: 'Agent gate-7' })
    await machine.getByRole('button', { name: 'Revoke' }).click()
    await page.getByLabel('Reason, for the record').fill('stolen')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByLabel('Your password', { exact: true }).fill('not this one')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.locator('.problem', { hasText: 'password' }).waitFor()
    expect((await deployment.ledger.find(serial))?.revocation).toBeUndefined()
    await page.getByLabel('Your password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Go on' }).click()
    await toast('gate-7 is cut off.')
    expect((await deployment.ledger.find(serial))?.revocation?.reason).toBe('stolen')
  })

  test('lets nobody else place, invite or revoke', async () => {
    const otto = await browser.seat(desk.desk.consolePort)
    await signIn(otto, 'otto', PASSWORD)
    await otto.goto('/fleet')
    await otto.locator('.machine').first().waitFor()
    expect(await otto.getByRole('button', { name: /Invite|Revoke|Retire/ }).count()).toBe(0)
    await otto.goto('/map')
    await otto.locator('.camera-list').waitFor()
    expect(await otto.getByLabel('Place and move cameras').count()).toBe(0)
    expect(await otto.getByRole('button', { name: 'Add a floor plan' }).count()).toBe(0)
    expect(browser.faults).toEqual([])
  })
})
