import { createECDH, randomBytes } from 'node:crypto'
import type { Page } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { barriers, holds, picture, signIn, TestBrowser } from '../support/console-browser.ts'
import { owning } from '../support/owning.ts'
import { Receiver } from '../support/server-channels.ts'
import { PASSWORD, signable } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { openSight, TestDesk } from '../support/server-desk.ts'
import { until } from '../support/until.ts'

const own = owning()
let browser: TestBrowser
let desk: TestDesk
let receiver: Receiver
let page: Page

/** What a browser has from its push service, which is nowhere near a test. */
const subscribing = (endpoint: string) => {
  const keys = createECDH('prime256v1')
  const p256dh = keys.generateKeys().toString('base64url')
  const said = { endpoint, keys: { p256dh, auth: randomBytes(16).toString('base64url') } }
  return `{
    const made = { endpoint: ${JSON.stringify(endpoint)}, toJSON: () => (${JSON.stringify(said)}),
      unsubscribe: async () => { localStorage.removeItem('pushed'); return true } }
    PushManager.prototype.subscribe = async () => (localStorage.setItem('pushed', '1'), made)
    PushManager.prototype.getSubscription = async () => localStorage.getItem('pushed') ? made : null
  }`
}

beforeAll(async () => {
  const deployment = own(await Deployment.found())
  const sight = own(await openSight())
  desk = own(await TestDesk.open(deployment, sight))
  receiver = own(await Receiver.open())
  await signable(desk, 'vera', 'admin')
  await signable(desk, 'theo', 'auditor')
  browser = own(await TestBrowser.open())
  const before = subscribing(`${receiver.url}/push`)
  page = await browser.seat(desk.desk.consolePort, { before })
  await signIn(page, 'vera', PASSWORD)
})

test('a webhook is added, its secret shown once, tested, and what it could not be told tried again', async () => {
  await page.goto('/channels')
  await page.getByText('Nobody is told outside this console').waitFor()
  await page.getByRole('button', { name: 'Webhook' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Name', { exact: true }).fill('Duty system')
  await dialog.getByLabel('Address').fill('http://elsewhere.example/hook')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await password()
  await dialog.getByRole('alert').getByText('encrypted').waitFor()
  await dialog.getByLabel('Address').fill(`${receiver.url}/hook?token=geheim`)
  await dialog.getByLabel("Say the person's name").check()
  await dialog.getByText('Is there a legal basis').waitFor()
  await dialog.getByLabel('Never quiet').uncheck()
  expect(await barriers(page)).toEqual([])
  await picture(page, 'channels-dialog-1280-light')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await password()
  const secret = await dialog.getByLabel('Secret').inputValue()
  expect(secret).toMatch(/^whsec_/)
  await dialog.getByRole('button', { name: 'I have it' }).click()
  const card = page.getByRole('article', { name: 'Duty system' })
  await card.getByText(`${receiver.url}/…`).waitFor()
  expect(await page.content()).not.toContain('geheim')
  expect(await page.content()).not.toContain(secret)
  await card.getByRole('button', { name: 'Test' }).click()
  await card.getByText('The test arrived:').waitFor()
  receiver.next(400)
  const [{ id } = { id: '' }] = await desk.channels.all()
  await desk.channels.change(
    id,
    { rules: { quiet: null } },
    { by: 'vera', from: '127.0.0.1', why: null },
  )
  await desk.alert(await desk.entry())
  await until(async () => (await desk.channels.get(id)).tally.dead === 1)
  await page.reload()
  await card.getByText('One message could not be told').waitFor()
  const row = page.getByRole('row').filter({ hasText: 'http.400' })
  await row.getByRole('button', { name: 'Try again' }).click()
  await until(async () => (await desk.channels.get(id)).tally.dead === 0)
  await page.getByRole('row').filter({ hasText: 'New alert' }).getByText('told').waitFor()
  expect(receiver.received.at(-1)!.body.toString()).toContain('Anna Example')
})

test('an auditor sees channels and changes none', async () => {
  const other = await browser.seat(desk.desk.consolePort)
  await signIn(other, 'theo', PASSWORD)
  await other.goto('/channels')
  await other.getByRole('article', { name: 'Duty system' }).waitFor()
  for (const name of ['Test', 'Edit', 'Remove', 'Turn off']) {
    expect(await other.getByRole('button', { name }).count()).toBe(0)
  }
  await other.context().close()
})

test('a device is told while no console is open, and a press on what it shows leads to the alert', async () => {
  const settings = { subject: 'mailto:desk@house.example' }
  const { rulesSchema } = await import('@vedette/server/channels/rules')
  const rules = rulesSchema.parse({})
  const hand = { by: 'vera', from: '127.0.0.1', why: null }
  await desk.channels.add({ kind: 'push', name: 'Phones', rules, settings }, hand)
  await page.goto('/profile')
  await page.getByRole('switch', { name: 'Tell this device' }).click()
  await page.getByText('This device is told, until you sign out here').waitFor()
  const before = receiver.received.length
  await desk.alert(await desk.entry('Bert'))
  await until(() => receiver.received.slice(before).some(({ path }) => path === '/push'))
  const worker = await workerOf(page)
  await worker.push({
    ...{ title: 'Alert', body: 'list wanted', tag: 'a', path: '/alerts?id=1', stays: true, at: 1 },
  })
  expect(await worker.shown(1)).toEqual(['Alert'])
  await worker.push({
    ...{ title: 'Withdrawn', body: '', tag: 'a', path: '/alerts?id=1', stays: false, at: 2 },
  })
  expect(await worker.shown(2)).toEqual(['Withdrawn'])
  await worker.thread.evaluate(`registration.getNotifications().then(([notification]) =>
    void self.dispatchEvent(new NotificationEvent('notificationclick', { notification })))`)
  await page.waitForURL(/\/alerts\?id=1$/)
  await page.goto('/profile')
  await page.getByRole('switch', { name: 'Tell this device no more' }).click()
  await page.getByText('This device is not told.').waitFor()
  expect(await desk.channels.subscribing.of('vera')).toEqual([])
})

test('nothing of the desk is kept, and where nobody answers it is said that nothing can be seen', async () => {
  await page.goto('/channels')
  await page.getByRole('article', { name: 'Duty system' }).waitFor()
  await holds(page, 'navigator.serviceWorker.controller !== null')
  const kept = (await page.evaluate(`(async () => {
    const names = await caches.keys()
    const all = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
    return all.flat().map(({ url }) => new URL(url).pathname)
  })()`)) as string[]
  expect(kept).toContain('/offline.html')
  expect(kept.filter((path) => path.startsWith('/api') || path === '/')).toEqual([])
  await page.context().setOffline(true)
  await page.goto('/alerts').catch(() => {})
  await page.getByText('Nothing can be seen here now').waitFor()
  await picture(page, 'offline-1280-light')
  expect(await page.content()).not.toMatch(/Duty system|Anna/)
  await page.context().setOffline(false)
  await page.goto('/channels')
  await page.getByRole('article', { name: 'Duty system' }).waitFor()
})

/** Types one's own password where it is asked for. */
async function password(): Promise<void> {
  const asked = page.getByLabel('Your password', { exact: true })
  await asked.fill(PASSWORD)
  await asked.press('Enter')
  await asked.waitFor({ state: 'detached' })
}

/**
 * The service worker of the page, to which a push service would speak. What it shows is asked only
 * when it has shown it: Chromium forgets what it is asked about while it is being shown.
 */
async function workerOf(page: Page) {
  const session = await page.context().newCDPSession(page)
  const registered = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations
      if (first) resolve(first.registrationId)
    })
  })
  await session.send('ServiceWorker.enable')
  const registrationId = await registered
  const origin = new URL(page.url()).origin
  const [thread] = page.context().serviceWorkers()
  if (thread === undefined) throw new Error('no service worker is running')
  await thread.evaluate(`{
    self.shows = 0
    const show = registration.showNotification.bind(registration)
    registration.showNotification = (...all) => show(...all).then(() => void self.shows++)
  }`)
  return {
    thread,
    push: (message: object) =>
      session.send('ServiceWorker.deliverPushMessage', {
        ...{ origin, registrationId, data: JSON.stringify(message) },
      }),
    /** Titles of what is to be seen after `shows` pushes were shown. */
    shown: async (shows: number) => {
      await until(async () => (await thread.evaluate('self.shows')) === shows)
      return thread.evaluate(
        'registration.getNotifications().then((all) => all.map(({ title }) => title))',
      )
    },
  }
}
