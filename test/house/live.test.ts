import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certsLayout } from '@vedette/certs/files'
import { decodePicture } from '@vedette/models/picture'
import { makeVideo, PASSER_BY } from '@vedette/scripts/demo/video'
import type { ActRecord } from '@vedette/server/store/audit-search'
import { readCredentials } from '@vedette/shared/credentials'
import { createMetrics } from '@vedette/shared/metrics'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { House } from '../support/house.ts'
import { figureOf, parseFigures } from '../support/scrape.ts'
import { type LivePart, lookThrough } from '../support/server-live.ts'
import { until } from '../support/until.ts'

let folder: TemporaryFolder
let passerBy: string

beforeAll(async () => {
  folder = await TemporaryFolder.make()
  passerBy = join(folder.path, 'passer-by.mp4')
  await makeVideo(passerBy, PASSER_BY)
})

afterAll(() => folder[Symbol.asyncDispose]())

const camera = (name: string, more = '') =>
  `  ${name}: { source: { kind: file, path: ${passerBy}, loop: true }, detect: { fps: 10 } }${more}`

async function filesOf(path: string): Promise<Buffer[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))))
}

describe('looking through cameras', () => {
  it('shows what two agents see, with the faces, until nobody looks, and leaves nothing behind', async () => {
    await using house = await House.found()
    await house.startServer()
    const figures = createMetrics('agent')
    await house.startAgent('north', camera('gate'), figures)
    const south = await house.startAgent('south', camera('yard'))
    await house.startAgent('west', camera('door', '\nlive: off'))
    const desk = await house.desk()
    const cameras = async () => (await desk.json<{ cameras: object[] }>('GET', '/cameras')).cameras
    await until(async () => (await cameras()).length === 3)

    const anna = certsLayout(house.home).credentials({ role: 'operator', name: 'anna' })
    const leaving = new AbortController()
    const query = 'cameras=north/gate,south/yard,west/door&fps=10&side=480'
    const seen: LivePart[] = []
    const { port } = house.config.desk
    const parts = lookThrough(port, await readCredentials(anna), query, leaving.signal)
    const looking = (async () => {
      for await (const part of parts) seen.push(part)
    })()
    const pictures = (of: string) =>
      seen.filter(({ head, picture }) => {
        return picture.length > 0 && head.kind === 'picture' && head.camera === of
      })
    const facesOf = (of: string) =>
      pictures(of).flatMap(({ head }) => (head.kind === 'picture' ? head.faces : []))
    const enough = () =>
      facesOf('north/gate').length > 4 &&
      facesOf('north/gate').some(({ asked }) => asked > 0) &&
      pictures('south/yard').length > 5
    await until(enough)

    const states = seen.flatMap(({ head }) => (head.kind === 'state' ? [head] : []))
    expect(states.filter((state) => state.camera === 'west/door').at(-1)).toMatchObject({
      state: 'off',
    })
    const shown = pictures('north/gate')
    const heads = shown.flatMap(({ head }) => (head.kind === 'picture' ? [head] : []))
    expect(await decodePicture(shown[0]!.picture)).toMatchObject({ width: 480, height: 270 })
    expect(heads.every((head) => head.width === 640 && head.height === 360)).toBe(true)
    const faces = facesOf('north/gate')
    expect(faces.every(({ quality, asked }) => asked === 0 || quality !== undefined)).toBe(true)
    for (const {
      box: [x, y, width, height],
    } of faces) {
      expect(x + width > 0 && y + height > 0 && x < 640 && y < 360).toBe(true)
    }
    const ages = heads
      .map(({ capturedAt, receivedAt }) => receivedAt - capturedAt)
      .sort((p, q) => p - q)
    expect(ages[ages.length >> 1]).toBeLessThan(1000)

    await house.stopAgent(south)
    await until(() => seen.some(({ head }) => head.kind === 'state' && head.state === 'away'))
    const before = pictures('north/gate').length
    await until(() => pictures('north/gate').length > before + 5)

    leaving.abort()
    await looking
    await until(async () => {
      const samples = parseFigures(await figures.metrics())
      return figureOf(samples, 'vedette_live_cameras') === 0
    })
    const acts = await desk.json<ActRecord[]>('GET', '/audit?kind=live.ended')
    expect(acts).toHaveLength(3)

    await house.stopServer()
    const files = await filesOf(house.home)
    expect(files.length).toBeGreaterThan(4)
    for (const { picture } of [...shown, ...pictures('south/yard')]) {
      const middle = picture.subarray(picture.length >> 1, (picture.length >> 1) + 32)
      expect(files.some((file) => file.includes(middle))).toBe(false)
    }
  })
})
