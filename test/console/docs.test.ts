import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { barriers, signIn, TestBrowser } from '../support/console-browser.ts'
import { owning } from '../support/owning.ts'
import { PASSWORD, signable } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { openSight, TestDesk } from '../support/server-desk.ts'

const own = owning()
let browser: TestBrowser
let page: Page
let desk: TestDesk

beforeAll(async () => {
  const deployment = own(await Deployment.found())
  const sight = own(await openSight())
  desk = own(await TestDesk.open(deployment, sight))
  await signable(desk, 'vic', 'viewer')
  browser = own(await TestBrowser.open())
  page = await browser.seat(desk.desk.consolePort)
  await signIn(page, 'vic', PASSWORD)
})

test('the page of the interface finds a route, says what it needs, and asks it as whoever is signed in', async () => {
  await page.goto('/docs')
  await page.getByLabel('Find a route').fill('alerts')
  await page.locator('#get-lists').waitFor({ state: 'detached' })

  const resolve = page.locator('#post-alerts-id-resolve')
  await resolve.locator('summary').click()
  await resolve.getByText('not allowed to your role').waitFor()
  expect(await resolve.getByRole('table').allInnerTexts()).toEqual([
    expect.stringContaining('x-vedette-reason'),
    expect.stringMatching(/outcome.*required/s),
    expect.stringMatching(
      /Answer 200: application\/json, Alert.*entryId.*always.*box\s+\[ number/s,
    ),
  ])
  expect(await resolve.getByRole('button').count()).toBe(0)

  // What is within what is answered is told, too, and where it has a name, by that.
  const card = page.locator('#get-alerts-id-card')
  await card.locator('summary').click()
  await card.getByText('persons[].photo', { exact: true }).waitFor()
  await card.locator('.spoken', { hasText: 'Place' }).locator('summary').click()
  await card.getByText('latitude').waitFor()
  expect(await barriers(page)).toEqual([])

  const list = page.locator('#get-alerts')
  await list.locator('summary').click()
  await list.getByLabel('limit').fill('1')
  await list.getByRole('button', { name: 'Ask' }).click()
  await list.getByLabel('What was answered').waitFor()
  expect(await list.getByLabel('What was answered').inputValue()).toBe('[]')

  await list.getByLabel('limit').fill('0')
  await list.getByRole('button', { name: 'Ask' }).click()
  const alert = list.getByRole('alert')
  await alert.getByText('request.invalid').waitFor()
  const said = await alert.innerText()
  const refused = desk.book.of('desk.refused').at(-1)
  expect(said).toContain(`urn:uuid:${refused?.request}`)

  expect(await barriers(page)).toEqual([])
  expect(browser.faults).toEqual([])
})
