import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Figure } from '@vedette/scripts/bench/measure'
import { beforeAll, expect, it } from 'vitest'

const home = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

beforeAll(async () => {
  const require = createRequire(join(home, 'package.json'))
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  await run(process.execPath, [tsc, '-b', join(home, 'scripts')])
})

it('without a network, killed ten times, an agent loses nothing and shows nothing twice', async () => {
  const short = ['--outage', '11', '--kills', '10', '--agents', '1', '--every', '100']
  const program = join(home, 'scripts', 'dist', 'bench.js')
  const { stdout } = await run(process.execPath, [program, 'offline', '--json', ...short])
  const figures = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Figure)
  const [lost, twice, unlabelled] = figures
  expect(lost).toMatchObject({ bench: 'offline.lost', value: 0, detail: { kills: 10, dropped: 0 } })
  expect(lost!.detail!.shown).toBeGreaterThan(10)
  // A kill takes no more with it than what was asked within the last 50 ms.
  expect(lost!.detail!.lostInTheLast50Ms).toBeLessThanOrEqual(10)
  expect(twice).toMatchObject({ bench: 'offline.shown-twice', value: 0 })
  expect(unlabelled).toMatchObject({ bench: 'offline.late-not-labelled', value: 0 })
  expect(unlabelled!.detail!.late).toBeGreaterThan(2)
})
