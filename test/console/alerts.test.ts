import type { Page } from 'playwright-core'
import { beforeAll, beforeEach, expect, it } from 'vitest'
import { picture, signIn, TestBrowser } from '../support/console-browser.ts'
import { faceOfNobody } from '../support/console-scene.ts'
import { owning } from '../support/owning.ts'
import { PASSWORD, signable } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { openSight, TestDesk } from '../support/server-desk.ts'
import { sightingOf } from '../support/server-sightings.ts'
import { newEntry, newPhoto } from '../support/server-store.ts'
import { until } from '../support/until.ts'

/** A machine with a voice: what it is asked to say is kept, and is said at once. */
const VOICE = `
  const voices = ['en-GB', 'de-DE'].map((lang) => ({ lang, localService: true, default: false, name: lang, voiceURI: lang }))
  const said = []
  class Utterance extends EventTarget { constructor(text) { super(); this.text = text } }
  let stopped = 0
  const speech = {
    getVoices: () => voices,
    speak: (one) => { said.push({ text: one.text, lang: one.lang, voice: one.voice?.lang }); window.ending = one },
    cancel: () => { stopped++; window.ending?.dispatchEvent(new Event('end')) },
  }
  Object.defineProperty(window, 'speechSynthesis', { value: speech })
  Object.defineProperty(window, 'SpeechSynthesisUtterance', { value: Utterance })
  window.heard = () => ({ said, stopped })
`
type Heard = { said: { text: string; lang: string; voice: string }[]; stopped: number }

const hand = { by: 'anna', from: 'here', why: null }
const own = owning()
let desk: TestDesk
let olga: Page
let piet: Page
let browser: TestBrowser
let wanted: string
let urgent: string

beforeAll(async () => {
  const deployment = own(await Deployment.found())
  const sight = own(await openSight())
  desk = own(await TestDesk.open(deployment, sight))
  await desk.lists.add('urgent', { name: 'Urgent', priority: 1, confirmations: 2 }, hand)
  const add = async (name: string, seed: number, list?: string) => {
    const photo = newPhoto(seed, { jpeg: await faceOfNobody(seed) })
    const entry = newEntry(name, list === undefined ? {} : { list })
    return (await desk.stored.store.entries.add(entry, [photo])).entry.id
  }
  wanted = await add('Aurel Testmann', 1)
  urgent = await add('Ulla Dringend', 2, 'urgent')
  await signable(desk, 'olga', 'operator')
  await signable(desk, 'piet', 'operator')
  browser = own(await TestBrowser.open())
  const { consolePort } = desk.desk
  olga = await browser.seat(consolePort, { before: VOICE, height: 700 })
  piet = await browser.seat(consolePort, { before: VOICE, height: 700, language: 'de-DE' })
  await piet.clock.install()
  await signIn(olga, 'olga', PASSWORD)
  await signInGerman(piet)
  await Promise.all([olga, piet].map((page) => page.goto('/alerts')))
})

async function signInGerman(page: Page): Promise<void> {
  await page.goto('/')
  await page.locator('input').first().fill('piet')
  await page.locator('input[type=password]').fill(PASSWORD)
  await page.locator('button[type=submit]').click()
  await page.locator('.shell').waitFor()
}

beforeEach(async () => {
  await Promise.all([olga, piet].map((page) => page.locator('.alerts').waitFor()))
})

let walks = 0
const chips = await Promise.all([1, 2].map((face) => faceOfNobody(face, 120, 70)))

/** Raises one; gives its id and its row at each console. */
async function raise(entry = wanted, more: Parameters<TestDesk['alert']>[1] = {}): Promise<string> {
  const chip = chips[entry === wanted ? 0 : 1]!
  const capturedAt = Date.now()
  const list = entry === urgent ? 'urgent' : 'wanted'
  const track = `walk-of-${++walks}`
  const probe = { camera: 'north', track, chip, capturedAt, receivedAt: capturedAt + 50 }
  await desk.alert(entry, { list, ...more, probe: { ...probe, ...more.probe } })
  return (await desk.stored.store.alerts.list({ limit: 1 }))[0]!.id
}

const row = (page: Page, id: string) => page.locator(`[id="row-${id}"]`)
/** Asks for what is new, where it waits so as to move nothing. */
async function look(page: Page, id: string): Promise<void> {
  const button = page.locator('.news button')
  await row(page, id).or(button).first().waitFor()
  if (await button.isVisible()) await page.keyboard.press('n')
  await row(page, id).waitFor()
}

const heard = (page: Page) => page.evaluate('window.heard()') as Promise<Heard>
const stateOf = async (id: string) => (await desk.stored.store.alerts.get(id)).state

it('an alert is there by itself, is spoken in the language of whoever listens, and is triaged by keys alone', async () => {
  await until(async () => (await olga.locator('[data-state=up]').count()) > 0)
  // What the keys of signing in have unlocked is locked again when the page is loaded anew.
  await olga.getByRole('button', { name: 'Sound is off: press' }).waitFor()
  await olga.keyboard.press('Shift')
  await piet.keyboard.press('Shift')
  const id = await raise()
  await row(olga, id).waitFor()
  await until(async () => (await heard(olga)).said.length > 0)
  await until(async () => (await heard(piet)).said.length > 0)
  expect((await heard(olga)).said[0]).toEqual({
    text: 'Aurel Testmann, list wanted, at camera north of gate-7.',
    lang: 'en-GB',
    voice: 'en-GB',
  })
  expect((await heard(piet)).said[0]?.text).toContain('Aurel Testmann, Liste wanted, an Kamera')
  expect(await olga.title()).toContain('(1)')
  await olga.locator('.unseen', { hasText: 'Aurel Testmann' }).waitFor({ state: 'attached' })

  await olga.keyboard.press('j')
  await olga.keyboard.press('Enter')
  await until(async () => (await stateOf(id)) === 'acknowledged')
  await row(piet, id).getByText('Bei olga').waitFor()
  // Taken at one console, it is silent at every other.
  await until(async () => (await heard(piet)).stopped > 0)
  await row(olga, id).getByText('In hand: olga').waitFor()
  await picture(olga, 'alerts-card-1280-light')

  await olga.keyboard.press('z')
  await until(async () => (await stateOf(id)) === 'open')
  await olga.keyboard.press('p')
  await olga.locator('dialog').waitFor()
  await olga.keyboard.press('3')
  await row(olga, id).getByText('Parked until').waitFor()
  await until(async () => (await stateOf(id)) === 'parked')

  await olga.keyboard.press('x')
  await olga.locator('dialog').waitFor()
  await olga.keyboard.press('1')
  await until(async () => (await stateOf(id)) === 'resolved')
  const { outcome, resolvedBy } = await desk.stored.store.alerts.get(id)
  expect([outcome, resolvedBy]).toEqual(['false', 'olga'])
  await row(piet, id).getByText('War es nicht').waitFor()
  const life = await desk.stored.store.alerts.life(id)
  expect(life.at(-1)?.note).toBe('Both pictures compared: another person')
})

it('where the list asks for two persons, the first cannot be the second', async () => {
  const id = await raise(urgent)
  await look(olga, id)
  await row(olga, id).click()
  await olga.keyboard.press('c')
  await olga.locator('dialog').getByText('This list asks for two persons').waitFor()
  await olga.keyboard.press('1')
  await row(olga, id).getByText('Second person needed, first: olga').waitFor()
  await olga.getByText('somebody else must say so, too').waitFor()
  expect(await olga.locator('[data-verdict=true]').count()).toBe(0)
  await row(piet, id).getByText('Zweite Person nötig').waitFor()
  expect(await stateOf(id)).toBe('awaiting')
  await row(piet, id).click()
  await piet.keyboard.press('c')
  await piet.locator('dialog').waitFor()
  await piet.keyboard.press('2')
  await until(async () => (await stateOf(id)) === 'resolved')
  expect(await desk.stored.store.alerts.get(id)).toMatchObject({
    ...{ outcome: 'true', affirmedBy: 'olga', resolvedBy: 'piet' },
  })
  await row(olga, id).getByText('It was them').waitFor()
})

it('a new alert never moves the row under the cursor, and a burst is decided at once', async () => {
  const ids: string[] = []
  for (let i = 0; i < 4; i++) ids.push(await raise(wanted, { probe: { camera: `c${i}` } }))
  await look(olga, ids[3]!)
  const under = row(olga, ids[1]!)
  await under.click()
  await under.hover()
  const before = await under.boundingBox()
  // Of a more urgent list: it belongs above.
  const above = await raise(urgent, { probe: { camera: 'hall' } })
  await olga.getByRole('button', { name: /1 new alert/ }).waitFor()
  expect(await row(olga, above).count()).toBe(0)
  expect(await under.boundingBox()).toEqual(before)
  await olga.keyboard.press('n')
  await row(olga, above).waitFor()
  expect(await row(olga, above).getAttribute('data-current')).toBe('true')

  await row(olga, ids[0]!).click()
  await olga.keyboard.press('Shift+J')
  await olga.keyboard.press('Shift+J')
  await olga.keyboard.press('Shift+J')
  await olga.getByText('4 alerts marked').waitFor()
  await picture(olga, 'alerts-burst-1280-light')
  await olga.keyboard.press('u')
  await olga.locator('dialog').waitFor()
  await olga.keyboard.press('1')
  await until(async () => (await stateOf(ids[3]!)) === 'resolved')
  expect(await Promise.all(ids.map(stateOf))).toEqual(Array(4).fill('resolved'))

  await olga.keyboard.press('/')
  await olga.keyboard.type('ulla')
  const others = olga.locator('.alert-row').getByText('Aurel Testmann')
  await until(async () => (await others.count()) === 0)
  expect(await row(olga, above).count()).toBe(1)
  await olga.keyboard.press('Escape')
})

it('what is withdrawn is marked at every console, and leaves when it was seen', async () => {
  const probe = { track: 'withdrawn-walk', camera: 'hall' }
  const id = await raise(wanted, { probe })
  await Promise.all([olga, piet].map((page) => look(page, id)))
  const fallen = { ...probe, capturedAt: Date.now() }
  await desk.alerts.consider(sightingOf(wanted, { standing: 'fallen', probe: fallen }))
  await row(olga, id).getByText('Withdrawn').waitFor()
  await row(piet, id).getByText('Zurückgezogen').waitFor()
  await new Promise((resolve) => setTimeout(resolve, 600))
  expect(await row(piet, id).count()).toBe(1)
  await piet.clock.fastForward(6000)
  await row(piet, id).waitFor({ state: 'detached' })
})

it('what comes in above the window moves nothing in it, and what was decided is found by its address', async () => {
  const before = await desk.stored.store.alerts.list({ limit: 1, outcome: 'true' })
  for (let i = 0; i < 16; i++) await raise(wanted, { probe: { camera: `row-${i}` } })
  const height = () => olga.evaluate("document.querySelector('.rows .all').offsetHeight / 68")
  await until(async () => Number(await height()) >= 16)
  await olga.keyboard.press('End')
  const [last] = await desk.stored.store.alerts.list({ limit: 1 })
  const under = row(olga, last!.id)
  await under.click()
  const box = await under.boundingBox()
  const count = await olga.locator('.alert-row').count()
  const above = await raise(urgent, { probe: { camera: 'roof' } })
  await olga.locator('.unseen', { hasText: 'camera roof' }).waitFor({ state: 'attached' })
  await olga.waitForTimeout(100)
  expect(await under.boundingBox()).toEqual(box)
  expect(await olga.locator('.news button').count()).toBe(0)
  expect(count).toBeGreaterThan(7)
  await olga.keyboard.press('Home')
  await row(olga, above).waitFor()

  await olga.goto(`/alerts?id=${before[0]!.id}`)
  await olga.getByRole('button', { name: 'Open again' }).waitFor()
  await olga.getByText('Resolved', { exact: true }).waitFor()
  await olga.goto('/alerts?id=none')
  await olga.locator('.detail').getByText('no alert none').waitFor()
  await olga.goto('/alerts')
})

it('names a camera whose test face is overdue and what to do, aloud once, until one has come', async () => {
  const place = { agent: 'gate-7', camera: 'west' }
  const { here, cameras } = desk
  desk.connected.push('gate-7')
  here.cameras.push(place)
  here.checkable.push(place)
  await cameras.announced('gate-7', ['west'])
  await cameras.passed(place, 900)
  const banner = (page: Page) => page.locator('.banner [data-warning=overdue]')
  const later = (ms: number) => {
    here.clock.advance(ms)
    cameras.review()
  }
  later(80_000)
  expect(await banner(olga).count()).toBe(0)
  later(10_000)
  await banner(olga).waitFor()
  const said =
    /1 of 1 cameras raises no alert now\.\s*gate-7\/west since .*\. Machine gate-7 is connected.*vedette-agent doctor/s
  expect(await banner(olga).innerText()).toMatch(said)
  const section = olga.getByRole('region', { name: 'Overdue test faces' })
  expect(await section.innerText()).toMatch(/gate-7\/west since .*, the last one came at /)
  await banner(piet).waitFor()
  expect(await banner(piet).innerText()).toMatch(/gate-7\/west seit .*Kamerarechner gate-7/s)

  // A page that was loaded anew makes no sound before somebody has pressed something.
  await olga.keyboard.press('Home')
  // What was being said of alerts comes to its end first.
  const spoken = async () => {
    await olga.evaluate("window.ending?.dispatchEvent(new Event('end'))")
    const { said } = (await olga.evaluate('heard()')) as Heard
    return said.filter(({ text }) => text.includes('test face')).map(({ text }) => text)
  }
  const words = 'Attention. The test face of camera west at gate-7 is overdue.'
  await until(async () => (await spoken()).includes(words))
  await picture(olga, 'alerts-overdue-1280-light')
  desk.connected.splice(0)
  later(60_000)
  await olga.locator('.banner', { hasText: 'Machine gate-7 is not connected' }).waitFor()
  await picture(piet, 'alerts-overdue-1280-light-de')
  desk.connected.push('gate-7')
  await cameras.passed(place, 900)
  await banner(olga).waitFor({ state: 'detached' })
  await section.waitFor({ state: 'detached' })
  expect(await spoken()).toEqual([words])
})

it('says that it cannot be believed when a camera is red, and when the desk is not there', async () => {
  expect(await olga.locator('.banner [data-warning=cameras]').count()).toBe(0)
  desk.here.cameras.push({ agent: 'gate-7', camera: 'north' })
  await desk.cameras.announced('gate-7', ['north'])
  const at = Date.now()
  const covered = {
    kind: 'covered' as const,
    camera: 'north',
    since: at - 5000,
    at,
    over: false,
    seq: 1,
  }
  await desk.cameras.troubled('gate-7', { type: 'trouble', ...covered, picture: Buffer.from('x') })
  await olga.locator('.banner [data-warning=cameras]').waitFor()
  expect(await olga.locator('.banner').textContent()).toContain('gate-7/north, it sees nothing')
  expect(browser.faults).toEqual([])
  // The desk is gone: last of all.
  await desk.desk[Symbol.asyncDispose]()
  const lost = olga.locator('.banner [data-warning=link]')
  await lost.waitFor()
  expect(await lost.textContent()).toMatch(/No connection to the server.*Since \d\d:\d\d:\d\d/)
})
