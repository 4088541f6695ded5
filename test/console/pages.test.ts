import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { barriers, holds, picture, signIn, TestBrowser } from '../support/console-browser.ts'
import { controlRoom } from '../support/console-scene.ts'
import { owning } from '../support/owning.ts'
import { PASSWORD } from '../support/server-console.ts'
import { Deployment } from '../support/server-deployment.ts'
import { openSight, type TestDesk } from '../support/server-desk.ts'
import { PAGES } from './pages.ts'

const WIDTHS = [1280, 768, 390]
/** How far the page reaches beyond what can be seen of it sideways, pixels. */
const OVER = `Math.max(...[document.documentElement, document.querySelector('#page')]
  .filter(Boolean).map((part) => part.scrollWidth - part.clientWidth))`
const THEMES = ['light', 'dark'] as const

const own = owning()
let browser: TestBrowser
let desk: TestDesk
let page: Page

beforeAll(async () => {
  const deployment = own(await Deployment.found())
  const sight = own(await openSight())
  desk = own(await controlRoom(deployment, sight))
  browser = own(await TestBrowser.open())
  page = await browser.seat(desk.desk.consolePort)
  await picture(await shown('/', 'form'), 'sign-in-1280-light')
  await signIn(page, 'vera', PASSWORD)
})

async function shown(path: string, selector: string): Promise<Page> {
  await page.goto(path)
  await page.locator(selector).first().waitFor()
  await holds(page, '[...document.images].every((image) => image.complete)')
  return page
}

describe.each(PAGES)('$path', ({ name, path, shows }) => {
  test('keeps nobody out, fits every screen, and asks nobody else for anything', async () => {
    browser.faults.length = 0
    await shown(path, shows)
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      // Another theme changes colours, and nothing else.
      const rules = theme === 'dark' ? ['color-contrast'] : undefined
      expect(await barriers(page, rules), theme).toEqual([])
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: width < 500 ? 844 : 800 })
        await picture(page, `${name}-${width}-${theme}`)
        expect(await page.evaluate(OVER), `${width} pixels`).toBeLessThanOrEqual(0)
      }
      await page.setViewportSize({ width: 1280, height: 800 })
    }
    expect(browser.faults).toEqual([])
  })
})
