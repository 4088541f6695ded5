import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeJpeg } from '@vedette/models/picture'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { portraitOf } from '../../support/agent-faces.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { run } from '../../support/server-cli.ts'

const folder = await TemporaryFolder.make()
const images = join(folder.path, 'images')
const evaluate = (...args: string[]) =>
  run(['evaluate', ...args], { env: { TMPDIR: folder.path, HOME: folder.path } })

beforeAll(async () => {
  const pictures = [
    ['woman/1', 'woman', 110],
    ['woman/2', 'woman', 80],
    ['man/1', 'man', 110],
  ] as const
  for (const [name, person, side] of pictures) {
    const file = join(images, `${name}.jpg`)
    await mkdir(join(file, '..'), { recursive: true })
    await writeFile(file, await encodeJpeg(await portraitOf(person, side)))
  }
  const rows = ['left,right,same', 'woman/1.jpg,woman/2.jpg,1', 'woman/2.jpg,man/1.jpg,0']
  const again = rows.slice(1).map((row) => row.replace(/^([^,]+),([^,]+)/, '$2,$1'))
  await writeFile(join(folder.path, 'pairs.csv'), [...rows, ...again].join('\n'))
  await writeFile(join(folder.path, 'bad.csv'), 'left,right,same\na.jpg,b.jpg,perhaps\n')
})

afterAll(() => folder[Symbol.asyncDispose]())

describe('vedette evaluate', () => {
  it('judges pairs: data on standard output, progress beside it, a plot, and no faces left', async () => {
    const [pairs, svg] = [join(folder.path, 'pairs.csv'), join(folder.path, 'pairs.svg')]
    const args = ['pairs', '--images', images, '--pairs', pairs, '--plot', svg, '--json']
    const { status, out, err } = await evaluate(...args)
    expect([status, err]).toEqual([0, expect.stringContaining('looked at 3 of 3 (100 %)')])
    expect(JSON.parse(out)).toMatchObject({
      kind: 'pairs',
      images: 3,
      failuresToEnrol: [],
      photographs: { pairs: 4, genuine: 2, impostors: 2, accuracy: 1, auc: 1, eer: 0 },
      camera: { accuracy: 1 },
    })
    expect(await readFile(svg, 'utf8')).toMatch(/^<svg[\s\S]*two photographs/)
    const left = await readdir(folder.path, { recursive: true })
    expect(left.filter((name) => name.endsWith('.jsonl'))).toEqual([])
  })

  it('judges lists, in words', async () => {
    const { status, out } = await evaluate('identify', '--images', images, '--threads', '1')
    expect(status).toBe(0)
    expect(out).toContain('2 people, 3 pictures')
    expect(out).toMatch(/1 +1 photo +100\.0 % +0\.00 % from 0\.\d+/)
  })

  it('shows how recognition falls off', async () => {
    const { status, out, err } = await evaluate('degrade', '--images', images, '--json')
    expect([status, err]).toEqual([0, expect.stringContaining('damaged and looked at')])
    const { kind, entries, strangers, rows } = JSON.parse(out)
    expect([kind, entries, strangers]).toEqual(['degrade', 1, 1])
    expect(rows[0]).toEqual({ fnir: 0, fpir: 0, failures: 0 })
    expect(rows.find(row('size', 24))).toMatchObject({ fnir: 0, failures: 0 })
    expect(rows.find(row('darkness', 5))).toMatchObject({ fnir: 0, failures: 0 })
    expect(rows.find(row('h264', 23))).toMatchObject({ fnir: 0, failures: 0 })
    expect(Math.max(...rows.map(({ fnir }: { fnir: number }) => fnir))).toBe(1)
  })

  it.each([
    ['no such folder', ['identify', '--images', '/nowhere'], 3, 'evaluate.not-found'],
    [
      'no such list of pairs',
      ['pairs', '--images', '.', '--pairs', '/none'],
      3,
      'evaluate.not-found',
    ],
    ['pairs that are none', ['pairs', '--images', '.', '--pairs', 'BAD'], 7, 'bad.csv:2: '],
    [
      'nobody with pictures enough',
      ['identify', '--images', 'IMAGES', '--templates', '5'],
      7,
      'nobody has more than 5 photos',
    ],
    ['half a thread', ['identify', '--images', '.', '--threads', '0.5'], 2, 'whole number above 0'],
    ['no pictures named', ['pairs', '--pairs', 'x.csv'], 2, '--images'],
  ])('refuses %s', async (_what, args, expected, words) => {
    const bad = join(folder.path, 'bad.csv')
    const named = args.map((arg) => (arg === 'BAD' ? bad : arg === 'IMAGES' ? images : arg))
    const { status, out, err } = await evaluate(...named)
    expect([status, out]).toEqual([expected, ''])
    expect(err).toContain(words)
  })
})

const row = (kind: string, level: number) => (one: { damage?: { kind: string; level: number } }) =>
  one.damage?.kind === kind && one.damage.level === level
