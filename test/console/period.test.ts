import { fileURLToPath } from 'node:url'
import * as line from '@vedette/server/cli/period'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'

const sources = new URL('../../server/console/src/', import.meta.url)
const load = (name: string): Promise<unknown> => import(fileURLToPath(new URL(name, sources)))

type Read = (text: string, now: number) => number | undefined
const { beginning, end, typed } = (await load('period.ts')) as {
  beginning: Read
  end: Read
  typed: (at: number) => string
}
const { edgesOf, stepOf } = (await load('plots/edges.ts')) as {
  edgesOf: (since: number, until: number) => number[]
  stepOf: (since: number, until: number) => number
}
const NOW = Date.UTC(2026, 9, 26, 11, 30)
const HOUR = 3_600_000

beforeEach(() => {
  vi.stubEnv('TZ', 'Europe/Berlin')
  vi.useFakeTimers({ now: NOW, toFake: ['Date'] })
})

afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

it.each([
  ...['2026-10-25', '2026-03-29', '2026-12-31', 'today', 'yesterday', '12h', '3d', '1.5h', '90s'],
  ...['2026-10-25T02:30', '2026-11-01T08:30:00Z', '2026-02-30', '2026-13-01', '', '3', '2w', 'T'],
])('reads %j as the command line does', (text) => {
  for (const [here, there] of [
    [beginning, line.beginning],
    [end, line.end],
  ] as const) {
    const said = (() => {
      try {
        return there(text)
      } catch {
        return undefined
      }
    })()
    expect(here(text, NOW)).toBe(said)
  }
})

it('takes days whole on which clocks are put back or forward', () => {
  expect(end('2026-10-25', NOW)! - beginning('2026-10-25', NOW)!).toBe(25 * HOUR)
  expect(end('2026-03-29', NOW)! - beginning('2026-03-29', NOW)!).toBe(23 * HOUR)
})

it('takes what it types itself, and what people type in German', () => {
  const at = Date.UTC(2026, 9, 20, 6, 5)
  expect(typed(at)).toBe('2026-10-20 08:05')
  expect(beginning(typed(at), NOW)).toBe(at)
  expect(beginning('Gestern', NOW)).toBe(line.beginning('yesterday'))
})

it('has bars that are local hours and days, whatever the clocks do', () => {
  const [since, until] = [Date.UTC(2026, 9, 23, 22), NOW]
  const hours = edgesOf(beginning('2026-10-25', NOW)!, end('2026-10-25', NOW)!)
  expect(hours.length - 1).toBe(25)
  const days = edgesOf(since, until + 48 * HOUR)
  expect(days.map((at) => new Date(at).getHours())).toEqual(days.map(() => 0))
  expect(days.length - 1).toBe(5)
  expect(stepOf(since, until)).toBe(HOUR)
  vi.stubEnv('TZ', 'Asia/Kathmandu')
  expect(stepOf(since, until)).toBe(HOUR / 4)
  expect(edgesOf(NOW - HOUR, NOW)[0]! % HOUR).toBe(HOUR / 4)
})
