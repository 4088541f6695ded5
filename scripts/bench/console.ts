import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { Office } from '@vedette/certs/office'
import type { Credentials } from '@vedette/shared/tls'
import { type Browser, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { Deployment } from '../demo/deployment.ts'
import { fill, MODEL } from './console/filling.ts'
import { FILTER, PAINTED, QUEUE, SCROLL } from './console/in-the-page.ts'
import { GateClient } from './gate-client.ts'
import { percentile, type Report } from './measure.ts'

const OPEN = 1000
const LIVE = 60
/** Between two alerts: as long as nothing of the one is under way with the next, milliseconds. */
const APART_MS = 250
const SCROLLED_MS = 4000
const WORDS = ['wanted 7', 'bench/c3', 'nobody', 'wanted 42', '']

type Painted = Record<string, number>
type Frames = { frames: number[] }

/**
 * The alerts page in a real browser before the server's own programs: how long from the moment an
 * alert is raised, before it is on disk, until it is painted; and 1,000 open alerts, scrolled and
 * filtered.
 */
export async function benchConsole(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-console-'))
  const browser = await chromium.launch({
    executablePath: process.env.VEDETTE_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    await measured(home, browser, report)
  } finally {
    await browser.close()
    await rm(home, { recursive: true, force: true })
  }
}

async function measured(home: string, browser: Browser, report: Report): Promise<void> {
  const deployment = await Deployment.found(home)
  const office = await Office.open(home)
  const { chain, key } = await office.issue({ role: 'agent', name: 'bench' })
  const agent: Credentials = { chain, key, trust: office.trust.roots }
  const live = await fill(home, { open: OPEN, live: LIVE })
  await using _server = await deployment.startServer()
  const { url, name, password } = await deployment.operator()
  const page = await seat(browser, url)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.locator('.shell').waitFor()
  const began = performance.now()
  await page.goto(`${url}alerts`)
  await page.locator('.alert-row').first().waitFor()
  const shown = performance.now() - began
  report({ bench: `console: ${OPEN} open alerts shown`, value: shown, unit: 'ms' })

  const asked = (await page.evaluate(QUEUE)) as { ms: number; bytes: number }
  const { ms, bytes } = asked
  report({ bench: 'console: queue answered', value: ms, unit: 'ms', detail: { bytes } })

  const { frames } = (await page.evaluate(`(${SCROLL})(${SCROLLED_MS})`)) as Frames
  const perSecond = 1000 / percentile(frames, 0.5)
  const late = frames.filter((ms) => ms > 20).length / frames.length
  report({
    bench: `console: scrolling ${OPEN}`,
    value: perSecond,
    unit: 'frames/s',
    p99: percentile(frames, 0.99),
    detail: { lateShare: late, frames: frames.length },
  })
  const filtered = (await page.evaluate(`(${FILTER})(${JSON.stringify(WORDS)})`)) as {
    script: number[]
    painted: number[]
  }
  report({
    bench: `console: filtering ${OPEN}, to painted`,
    value: percentile(filtered.painted, 0.5),
    unit: 'ms',
    p99: percentile(filtered.painted, 0.99),
    detail: {
      drawnMs: percentile(filtered.script, 0.5),
      drawnP99: percentile(filtered.script, 0.99),
    },
  })
  await told(page, { deployment, agent, live }, report)
}

type Asked = { deployment: Deployment; agent: Credentials; live: readonly Float32Array[] }

async function told(page: Page, { deployment, agent, live }: Asked, report: Report): Promise<void> {
  const chip = await sharp({ create: { width: 112, height: 112, channels: 3, background: '#876' } })
    .jpeg()
    .toBuffer()
  const client = await GateClient.dial(deployment.gatePort, agent, MODEL)
  await page.evaluate(PAINTED)
  for (const probe of live) {
    await client.run({ window: 1, requests: 1, probes: [probe], chip })
    await sleep(APART_MS)
  }
  await client.close()
  const painted = (await page.evaluate('window.painted')) as Painted
  const alerts = JSON.parse(
    await deployment.vedette('--json', 'alerts', 'list', '--limit', String(LIVE)),
  ) as { id: string; raisedAt: number }[]
  const taken = alerts.flatMap(({ id, raisedAt }) =>
    painted[id] === undefined ? [] : [painted[id] - raisedAt],
  )
  report({
    bench: 'console: raised to painted',
    value: percentile(taken, 0.5),
    unit: 'ms',
    p99: percentile(taken, 0.99),
    detail: { alerts: taken.length, of: live.length, most: Math.max(...taken) },
  })
}

async function seat(browser: Browser, url: string): Promise<Page> {
  const viewport = { width: 1280, height: 900 }
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport, locale: 'en-GB' })
  const page = await context.newPage()
  await page.goto(url)
  return page
}
