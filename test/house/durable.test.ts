import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Figure } from '@vedette/scripts/bench/measure'
import { beforeAll, describe, expect, it } from 'vitest'

const home = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

beforeAll(async () => {
  const require = createRequire(join(home, 'package.json'))
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  await run(process.execPath, [tsc, '-b', join(home, 'scripts')])
})

async function bench(...args: string[]): Promise<Figure[]> {
  const program = join(home, 'scripts', 'dist', 'bench.js')
  const { stdout } = await run(process.execPath, [program, ...args, '--json'])
  const lines = stdout.trim().split('\n')
  return lines.map((line) => JSON.parse(line) as Figure)
}

describe('what a store has acknowledged', () => {
  it('is there after a power cut, and where commits do not wait for the disk it is not', async () => {
    const [ours, control] = await bench('power', '--cuts', '3')
    expect(ours).toMatchObject({
      ...{ bench: 'power.lost', value: 0 },
      detail: { cuts: 3, twice: 0, damaged: 0 },
    })
    expect(ours!.detail!.acknowledged).toBeGreaterThan(3)
    if (ours!.detail!.kind === 'cut') expect(control!.value).toBeGreaterThan(0)
  })

  it('is there wherever its process is killed, and asking again does nothing twice', async () => {
    const figures = await bench('kills', '--stride', '90')
    for (const figure of figures.filter(({ detail }) => detail?.skipped === undefined)) {
      expect(figure).toMatchObject({ value: 0, detail: { twice: 0, damaged: 0, left: 0 } })
      expect(figure.detail!.points).toBeGreaterThan(0)
    }
  })
})

it('a server whose disk is full or fails goes on matching, and mends by itself', async () => {
  for (const { bench: name, value, detail } of await bench('disk', '--broken', '2')) {
    expect(value).toBeLessThan(30)
    expect(detail).toMatchObject({
      enrolling: name === 'disk.eio.recovered' ? 'store.failed' : 'store.full',
      ...{ enrollingAfterwards: 'enrolled', unanswered: 0 },
      ...{ lost: 0, twice: 0, whole: 'ok', broken: 0 },
    })
    expect(detail!.askedWhileBroken).toBeGreaterThan(3)
    expect(detail!.acknowledgedAlerts).toBe(detail!.alertsShown)
    // In the room that was kept for them.
    if (name === 'disk.full.recovered') expect(detail!.alertsWhileBroken).toBeGreaterThan(0)
  }
})
