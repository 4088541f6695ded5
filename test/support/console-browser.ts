import { accessSync, constants, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AxeBuilder } from '@axe-core/playwright'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { until } from './until.ts'

/** Where pictures of pages are left for people to look at. */
export const ARTEFACTS = fileURLToPath(new URL('../artefacts/', import.meta.url))

/** How long what a page shall show is waited for: less than a test may last, so that it says what was missing. */
const PATIENCE_MS = 30_000

/** Of axe's: what WCAG 2.2 AA asks, and what is good practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Debian's browser, or the one that VEDETTE_CHROMIUM names. */
function browserProgram(): string {
  const named = process.env.VEDETTE_CHROMIUM
  if (named !== undefined) return named
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = ['chromium', 'chromium-browser', 'google-chrome']
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isProgram)
  if (found === undefined) throw new Error('no browser: apt-get install chromium')
  return found
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export type Seat = {
  width?: number
  height?: number
  theme?: 'light' | 'dark'
  language?: string
  /** Run in every page before anything of its own. */
  before?: string
}

/** A real browser; each console in it is somebody else's, with nothing in common. */
export class TestBrowser {
  readonly #browser: Browser
  /** What pages said went wrong, and every request that left the console's own origin. */
  readonly faults: string[] = []

  /** `args` are Chromium's, such as what its camera shows. */
  static async open(...args: string[]): Promise<TestBrowser> {
    const browser = await chromium.launch({
      executablePath: browserProgram(),
      args: ['--no-sandbox', '--ignore-certificate-errors', '--disable-gpu', ...args],
    })
    return new TestBrowser(browser)
  }

  private constructor(browser: Browser) {
    this.#browser = browser
  }

  /** A page of the console at 127.0.0.1:`port`. */
  async seat(port: number, { width = 1280, height = 800, ...seat }: Seat = {}): Promise<Page> {
    const origin = `https://127.0.0.1:${port}`
    const context: BrowserContext = await this.#browser.newContext({
      baseURL: origin,
      ignoreHTTPSErrors: true,
      viewport: { width, height },
      colorScheme: seat.theme ?? 'light',
      locale: seat.language ?? 'en-GB',
      reducedMotion: 'reduce',
      permissions: ['camera', 'notifications'],
    })
    if (seat.before !== undefined) await context.addInitScript(seat.before)
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => this.faults.push(`${page.url()}: ${error.message}`))
    page.on('console', (message) => {
      // What the desk refuses is told by the page itself; the browser only repeats the status.
      if (message.type() !== 'error' || message.text().startsWith('Failed to load')) return
      this.faults.push(`${page.url()}: ${message.text()}`)
    })
    page.on('request', (request) => {
      const { origin: asked, protocol } = new URL(request.url())
      if (protocol.startsWith('http') && asked !== origin)
        this.faults.push(`asked ${request.url()}`)
    })
    return page
  }

  /** A page of somebody else's, at `origin`. */
  async bare(origin: string): Promise<Page> {
    const context = await this.#browser.newContext({ baseURL: origin, locale: 'en-GB' })
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    return page
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close()
  }
}

/** Types name and password as a person does, and waits for the shell. */
export async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.goto('/')
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('.shell').waitFor()
}

/**
 * Waits until an expression holds in the page. It is asked from outside each time: a page that
 * looks again by itself evaluates text, which its policy forbids.
 */
export function holds(page: Page, expression: string): Promise<void> {
  return until(async () => {
    try {
      return Boolean(await page.evaluate(expression))
    } catch (error) {
      if (/context was destroyed|navigat/.test(String(error))) return false
      throw error
    }
  }, PATIENCE_MS)
}

/**
 * What keeps people from using the page: rule and place of each serious or critical finding; of all
 * rules, or only of these.
 */
export async function barriers(page: Page, rules?: string[]): Promise<string[]> {
  const builder = new AxeBuilder({ page })
  const asked = rules ? builder.withRules(rules) : builder.withTags(RULES)
  const { violations } = await asked.analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
}

/** Leaves a picture of the page, which is looked at by people. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = join(ARTEFACTS, 'pages')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.jpg`), type: 'jpeg', quality: 85 })
}
