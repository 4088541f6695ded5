import { join } from 'node:path'
import type { SessionAnswer } from '@vedette/server/desk/answered/session'
import BetterSqlite3 from 'better-sqlite3'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test, vi } from 'vitest'
import { barriers, picture, signIn, TestBrowser } from '../support/console-browser.ts'
import { owning } from '../support/owning.ts'
import { Browser, PASSWORD, signable } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { jsonOf, openSight, TestDesk } from '../support/server-desk.ts'

const seen = vi.hoisted(() => ({ code: '' }))
vi.mock('@vedette/server/operators/captcha-picture', async (original) => {
  const real = await original<typeof import('@vedette/server/operators/captcha-picture')>()
  return {
    ...real,
    drawCode: (code: string) => {
      seen.code = code
      return real.drawCode(code)
    },
  }
})

const own = owning()
let browser: TestBrowser
let desk: TestDesk
let port: number

beforeAll(async () => {
  const deployment = own(await Deployment.found())
  const sight = own(await openSight())
  desk = own(await TestDesk.open(deployment, sight))
  await signable(desk, 'vera', 'admin')
  await signable(desk, 'olga', 'operator')
  await signable(desk, 'otto', 'operator')
  browser = own(await TestBrowser.open())
  port = desk.desk.consolePort
})

/** As after more guesses than a test has time for: none is taken for so long, ms. */
function heldOff(ms: number): void {
  const db = new BetterSqlite3(join(desk.stored.folder, 'operators.db'))
  db.prepare("UPDATE guesses SET notBefore = ? WHERE bucket = 'account olga'").run(Date.now() + ms)
  db.close()
}

const button = (page: Page) => page.locator('button[type=submit]')

test('a wrong password leads to a picture, then to a wait, and the right one still lets in', async () => {
  const page = await browser.seat(port)
  await page.goto('/')
  await page.getByLabel('Name').fill('olga')
  for (let wrong = 1; wrong <= 3; wrong++) {
    await page.getByLabel('Password').fill(`not this, ${wrong}`)
    await button(page).click()
    await page.getByText('name, password or code is wrong').waitFor()
    await expect.poll(() => page.getByLabel('Password').inputValue()).toBe('')
  }
  const busy = {
    code: 'password.busy',
    status: 503,
    title: 'Unavailable',
    detail: 'too many',
    retryAfter: 1,
  }
  await page.route('**/api/session', (route) => route.fulfill({ status: 503, json: busy }), {
    times: 1,
  })
  await page.getByLabel('Password').fill(PASSWORD)
  await button(page).click()
  // Nobody has looked at it: it need not be typed again.
  await page.getByRole('button', { name: 'Try again in 1 s' }).waitFor()
  expect(await page.getByLabel('Password').inputValue()).toBe(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  heldOff(2000)
  await page.getByLabel('Password').fill(PASSWORD)
  await button(page).click()
  await page.getByRole('button', { name: /Try again in \d s/ }).waitFor()
  await page.getByLabel('Password').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in' }).click()

  await page.getByText('Your browser has done its part.').waitFor()
  await picture(page, 'sign-in-puzzle-1280-light')
  expect(await barriers(page)).toEqual([])
  await page.getByLabel('What the picture shows').fill(seen.code.toLowerCase())
  await button(page).click()
  await page.locator('.shell').waitFor()
  expect(desk.acts('operator.sign-in-failed')).toHaveLength(2)
  expect(browser.faults).toEqual([])
  await page.context().close()
})

test('whoever is disabled loses the stream at once, and is asked to sign in', async () => {
  const page = await browser.seat(port)
  await signIn(page, 'otto', PASSWORD)
  await page.locator('.dot[data-state=up]').waitFor()
  await using vera = new Browser(port)
  await vera.signIn('vera')
  const headers = { 'x-vedette-password': encodeURIComponent(PASSWORD) }
  const answer = await vera.ask('/api/operators/otto/disable', {
    method: 'POST',
    body: {},
    headers,
  })
  expect(answer.status).toBe(200)
  const from = performance.now()
  await page.getByText('Your session has ended.').waitFor({ timeout: 2000 })
  expect(performance.now() - from).toBeLessThan(2000)
  await page.context().close()
})

test('somebody new gets a one-time password, must change it, and sets up a second factor', async () => {
  const page = await browser.seat(port, { width: 1280 })
  await signIn(page, 'vera', PASSWORD)
  await page.goto('/people')
  await page.getByRole('button', { name: 'Add somebody' }).click()
  await page.getByLabel('Name', { exact: true }).fill('nora')
  await page.getByLabel('Role').selectOption('enroller')
  await page.getByRole('button', { name: 'Add', exact: true }).click()
  await page.getByRole('textbox', { name: 'Your password' }).fill(PASSWORD)
  await page.getByRole('button', { name: 'Go on' }).click()
  const oneTime = (await page.locator('.one-time').innerText()).trim()
  await picture(page, 'people-one-time-1280-light')
  expect(oneTime).toMatch(/^[a-z2-9]{5}(-[a-z2-9]{5}){3}$/)

  const hers = await browser.seat(port, { width: 390, height: 844, theme: 'dark' })
  await hers.goto('/')
  await hers.getByLabel('Name').fill('nora')
  await hers.getByLabel('Password').fill(oneTime)
  await button(hers).click()
  await hers.getByText('Before you begin').waitFor()
  expect(await barriers(hers)).toEqual([])
  await picture(hers, 'owed-390-dark')
  await hers.getByLabel('Present password').fill(oneTime)
  await hers.getByLabel('New password', { exact: true }).fill('seven quiet herons wade')
  await hers.getByLabel('New password once more').fill('seven quiet herons wade')
  await button(hers).click()
  await hers.locator('.shell').waitFor()
  const session = await hers.evaluate(() => fetch('/api/session').then((answer) => answer.json()))
  expect(session as SessionAnswer).toMatchObject({ name: 'nora', role: 'enroller', owes: null })

  await hers.goto('/profile')
  await hers.getByRole('button', { name: 'Set it up' }).click()
  await hers.getByRole('textbox', { name: 'Your password' }).fill('seven quiet herons wade')
  await hers.getByRole('button', { name: 'Go on' }).click()
  const secret = (await hers.locator('.secret').innerText()).replaceAll(' ', '')
  await picture(hers, 'second-factor-390-dark')
  expect(await barriers(hers)).toEqual([])
  const { TOTP } = await import('otpauth')
  await hers.getByLabel('Code that the app shows now').fill(new TOTP({ secret }).generate())
  await hers.getByRole('button', { name: 'That is it' }).click()
  expect(await hers.locator('.codes li').count()).toBe(10)
  const [first] = await hers.locator('.codes li').allInnerTexts()
  await hers.getByRole('button', { name: 'I have kept them' }).click()
  await hers.getByText('10 recovery codes are left.').waitFor()

  await using elsewhere = new Browser(port)
  expect((await elsewhere.signIn('nora', 'seven quiet herons wade')).status).toBe(401)
  const more = { code: first }
  const answer = await elsewhere.signIn('nora', 'seven quiet herons wade', more)
  expect(jsonOf<SessionAnswer>(answer)).toMatchObject({ name: 'nora', secondFactor: true })
  expect((await elsewhere.signIn('nora', 'seven quiet herons wade', more)).status).toBe(401)
  expect(browser.faults).toEqual([])
})
