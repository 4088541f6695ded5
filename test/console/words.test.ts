import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROBLEM_CODES } from '@vedette/server/desk/problem-codes'
import { stepsOf as stepsOfDesk } from '@vedette/server/thresholds/words'
import { DOCTOR_CODES } from '@vedette/shared/doctor/findings'
import { createInstance } from 'i18next'
import type { Page } from 'playwright-core'
import { encode } from 'uqr'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { barriers, picture, TestBrowser } from '../support/console-browser.ts'
import { controlRoom } from '../support/console-scene.ts'
import { PASSWORD } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { openSight, type TestDesk } from '../support/server-desk.ts'

/** As the console has it: the page is built apart, and its types are its own. */
type Way = { when?: Record<string, string>; detail: string; hint: string; own?: true }
type Book = { said: Record<string, Way | Way[]> }
type Said = { detail: string; hint: string; own: boolean } | undefined
type Problem = { code: string; params?: Record<string, unknown>; retryAfter?: number }
type Saying = {
  sayingOf(book: Book, problem: Problem, locale: string): Said
  gapsOf(text: string): string[]
}
type Facts = Parameters<typeof stepsOfDesk>[0]
type Words = { t: unknown; locale: string }
type Steps = { stepsOf(facts: Facts, words: Words): string[] }

const sources = new URL('../../server/console/src/', import.meta.url)
const read = (file: string) =>
  JSON.parse(readFileSync(new URL(`messages/${file}`, sources), 'utf8'))
const { sayingOf, gapsOf } = (await import(new URL('saying.ts', sources).href)) as Saying
const steps = (await import(new URL('pages/figures/steps.ts', sources).href)) as Steps
const german = read('de/problems.json') as Book

/** What is wrong with the database is told of with codes of its own beside those of problems. */
const OF_THE_STORE = ['store.tampered', 'store.log-pinned']
/** What did not come of the desk at all. */
const OF_THE_CONSOLE = ['desk.unreadable']
/** What is said of photographs and of who would be enrolled with them. */
const OF_PHOTOS = ['size', 'sharpness', 'pose', 'exposure', 'shape', 'whole']
  .map((aspect) => `aspect.${aspect}`)
  .concat(
    ['ordinary', 'wolf', 'lamb', 'unknown'].map((kind) => `behaviour.${kind}`),
    'photo.good',
  )

describe('what the desk says', () => {
  const codes = [...new Set(Object.values(PROBLEM_CODES).flat())]

  it('has words for every code, and for none that there is not', () => {
    const all = [...codes, ...DOCTOR_CODES, ...OF_THE_STORE, ...OF_THE_CONSOLE, ...OF_PHOTOS]
    expect(Object.keys(german.said).sort()).toEqual([...all].sort())
  })

  it.each(codes)('%s is said whatever is sent along, with what to do', (code) => {
    const bare = sayingOf(german, { code }, 'de')
    expect(bare?.detail).toMatch(/^([A-ZÄÖÜ]|ffmpeg).*\.$/)
    expect(bare?.hint).toMatch(/\S/)
    for (const { when = {}, detail, hint } of [german.said[code] ?? []].flat()) {
      const gaps = [...new Set(gapsOf(detail + hint))]
      const params = { ...Object.fromEntries(gaps.map((gap) => [gap, `<${gap}>`])), ...when }
      const { retryAfter, ...rest } = { ...params, retryAfter: 7 }
      const said = sayingOf(german, { code, params: rest, retryAfter }, 'de')
      expect(`${said?.detail} ${said?.hint}`).not.toContain('{{')
    }
  })

  it('says names, numbers and states as the language does, and never half of a sentence', () => {
    const list = { code: 'list.not-empty', params: { list: 'urgent', entries: 1234 } }
    expect(sayingOf(german, list, 'de')?.detail).toBe(
      'Auf der Liste urgent stehen noch 1.234 Einträge.',
    )
    const params = { list: 'urgent', demands: ['legalBasis', 'caseNumber'] }
    expect(sayingOf(german, { code: 'entry.incomplete', params }, 'de')?.detail).toBe(
      'Die Liste urgent verlangt: Rechtsgrundlage und Aktenzeichen.',
    )
    const state = { code: 'alert.wrong-state', params: { state: 'false', by: 'resolved' } }
    expect(sayingOf(german, state, 'de')?.detail).toBe(
      'Dieser Alarm ist erledigt (war es nicht), zuletzt durch resolved.',
    )
    const half = { code: 'list.not-empty', params: { list: 'urgent' } }
    expect(sayingOf(german, half, 'de')?.detail).toBe('Auf dieser Liste steht noch jemand.')
    expect(sayingOf(german, { code: 'not.known' }, 'de')).toBeUndefined()
  })
})

describe('the steps to a threshold', () => {
  const usual: Facts = {
    ...{ agent: 'gate-7', camera: 'north', list: null, floor: 0.4, entries: 1 },
    ...{ threshold: 0.95123, wanted: 0.95123, origin: 'published' },
    budget: { budget: 1, scope: 'file', target: '' },
    forecast: { expected: 0.123, low: null, high: null },
    seen: { walks: 12, watchedMs: 1_500_000, since: null },
    week: { walks: 1000, measured: false },
    evidence: {
      ...{ exceedances: 3, needed: 50, comparisons: 3600, comparisonsNeeded: 123_456 },
      ...{ doubtful: 0, judgedTrue: 0, judgedFalse: 0, above: 0, fit: null },
    },
  } as Facts
  const fit = { from: 0.81234, shape: -0.127, scale: 0.01234 }
  const evidence = (more: Partial<Facts['evidence']>) => ({ ...usual.evidence, ...more })
  const others: Partial<Facts>[] = [
    {},
    { entries: 1200, budget: { ...usual.budget, budget: 0.25, scope: 'server' } },
    { budget: { ...usual.budget, budget: 20, scope: 'list', target: 'urgent' } },
    { budget: { ...usual.budget, scope: 'camera', target: 'gate-7/north' } },
    {
      seen: { walks: 12_345, watchedMs: 30_000_000, since: 1 },
      week: { walks: 7, measured: true },
    },
    { seen: { walks: 98_765, watchedMs: 900_000_000, since: 1 } },
    { evidence: evidence({ exceedances: 70 }), forecast: { expected: 1, low: 0.2, high: 123.4 } },
    { evidence: evidence({ fit, exceedances: 70, judgedTrue: 1 }) },
    { evidence: evidence({ fit, judgedFalse: 2, judgedTrue: 3, doubtful: 1 }), wanted: 1.1 },
    { evidence: evidence({ doubtful: 12, above: 4 }), origin: 'floor' },
  ]

  it('are said in English as the desk says them, and in German whole', async () => {
    const i18n = createInstance()
    const resources = {
      en: { figures: read('en/figures.json') as object },
      de: { figures: read('de/figures.json') as object },
    }
    await i18n.init({ lng: 'en', resources, interpolation: { escapeValue: false } })
    const words = (locale: string) => ({ t: i18n.getFixedT(locale, 'figures'), locale })
    for (const other of others) {
      const facts = { ...usual, ...other }
      const said = stepsOfDesk(facts)
      expect(steps.stepsOf(facts, words('en'))).toEqual(said)
      const inGerman = steps.stepsOf(facts, words('de'))
      expect(inGerman).toHaveLength(said.length)
      for (const step of inGerman) expect(step).not.toMatch(/steps\.|\{\{|undefined/)
    }
    expect(steps.stepsOf(usual, words('de'))[4]).toBe(
      'Nach der veröffentlichten Kalibrierung ist das eine Schwelle von 0,9512.',
    )
  })
})

describe('a console in German', () => {
  const opened: AsyncDisposable[] = []
  const own = <T extends AsyncDisposable>(part: T): T => {
    opened.push(part)
    return part
  }
  let browser: TestBrowser
  let desk: TestDesk
  let page: Page

  beforeAll(async () => {
    const deployment = own(await Deployment.found())
    await writeFile(join(deployment.home, 'server.yaml'), '')
    desk = own(await controlRoom(deployment, own(await openSight())))
    browser = own(await TestBrowser.open())
    page = await browser.seat(desk.desk.consolePort, { language: 'de-DE' })
  })

  afterAll(async () => {
    for (const part of opened.reverse()) await part[Symbol.asyncDispose]()
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })

  it('refuses, explains thresholds, and says whether all is well in German', async () => {
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.goto('/')
    await page.getByLabel('Name').fill('vera')
    await page.getByLabel('Passwort').fill('not this')
    await page.locator('button[type=submit]').waitFor()
    expect(asked.filter((path) => path.includes('problems'))).toEqual([])
    await page.locator('button[type=submit]').click()
    await page.getByText('Name, Passwort oder Code ist falsch.').waitFor()
    expect(asked.filter((path) => path.includes('problems'))).toHaveLength(1)
    await page.getByLabel('Passwort').fill(PASSWORD)
    await page.locator('button[type=submit]').click()
    await page.locator('.shell').waitFor()

    await page.goto('/people')
    await button('Jemanden hinzufügen').click()
    await page.getByLabel('Name', { exact: true }).fill('otto')
    await button('Hinzufügen').click()
    await page.getByRole('textbox', { name: 'Ihr Passwort' }).fill(PASSWORD)
    await button('Weiter').click()
    await page.getByText('Ein Konto otto gibt es schon.').waitFor()
    await picture(page, 'words-refused-1280-light')
    expect(await barriers(page)).toEqual([])

    await page.goto('/figures?from=7d')
    await page.locator('.camera-budget summary').first().click()
    await page
      .getByText(/^Höchstens 1 falscher Alarm je Woche/)
      .first()
      .waitFor()
    await picture(page, 'words-steps-1280-light')

    await page.goto('/fleet')
    const doctor = page.getByRole('region', { name: 'Ist mit dem Server alles in Ordnung?' })
    await doctor.getByText('Einträge mit').waitFor({ state: 'attached' })
    const rows = await doctor.locator('li').allInnerTexts()
    expect(rows.length).toBeGreaterThan(8)
    const { findings } = (await page.evaluate(() =>
      fetch('/api/doctor').then((answer) => answer.json()),
    )) as { findings: { state: string; found: string; todo?: string }[] }
    expect(rows).toHaveLength(findings.length)
    for (const { found, todo } of findings) {
      for (const row of rows) {
        expect(row).not.toContain(found)
        if (todo) expect(row).not.toContain(todo)
      }
    }
    // What is to be done about it stands beside what is wrong, before all that is well.
    const wrong = findings.filter(({ state }) => state !== 'ok').length
    expect(await doctor.locator('.remedy').count()).toBe(wrong)

    await button('Einen Agenten einladen').click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('textbox').first().fill('gate-new')
    await dialog.locator('button[type=submit]').click()
    const drawn = (await dialog.locator('.qr path').getAttribute('d')) ?? ''
    const code = await dialog.locator('textarea').first().inputValue()
    expect(code).toMatch(/^vj1\./)
    const { data } = encode(code, { ecc: 'M', border: 4 })
    const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`${x} ${y}`] : [])))
    expect(drawn.match(/\d+ \d+(?=h1v1h-1z)/g)).toEqual(dark)
    expect(await barriers(page)).toEqual([])
    expect(browser.faults).toEqual([])
  })
})
