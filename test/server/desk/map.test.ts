import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseServerConfig } from '@vedette/server/config'
import type { MapSettings } from '@vedette/server/desk/answered/map'
import { originOf } from '@vedette/server/desk/console-config'
import { ConsoleFiles, consolePages } from '@vedette/server/desk/console-files'
import { mapRoutes } from '@vedette/server/desk/routes/map'
import { ConfigFault } from '@vedette/shared/errors'
import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { LogBook } from '../../support/server-log.ts'
import { thrownBy } from '../../support/thrown.ts'

const TILES = { url: 'https://tiles.example:8443/{z}/{x}/{y}.png?v=2', attribution: '© Example' }

const tilesOf = (tiles: object) => {
  const yaml = `console: { map: { tiles: ${JSON.stringify(tiles)} } }`
  return parseServerConfig(yaml, '/home/server.yaml').console.map.tiles
}

/** What a browser is told of the map, and what it may ask for pictures. */
async function shown(tiles: typeof TILES | undefined): Promise<[MapSettings, string]> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-map-'))
  try {
    await writeFile(join(folder, 'index.html'), '<title>Vedette</title>')
    const app = fastify()
    const files = await ConsoleFiles.read(new LogBook().log, folder)
    consolePages(app, files, tiles && originOf(tiles))
    await mapRoutes(app as never, { tiles } as never)
    const [settings, page] = [await app.inject('/map'), await app.inject('/index.html')]
    return [settings.json<MapSettings>(), String(page.headers['content-security-policy'])]
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('tiles of the map', () => {
  it('are nobody else’s unless that is configured: then pictures may come from there, and nothing else', async () => {
    const [without, strict] = await shown(undefined)
    expect(without).toEqual({ tiles: null })
    expect(strict).not.toContain('example')
    const [settings, policy] = await shown(tilesOf(TILES))
    expect(settings).toEqual({ tiles: TILES })
    expect(policy.replace(' https://tiles.example:8443', '')).toBe(strict)
    expect(policy).toMatch(/img-src [^;]* https:\/\/tiles\.example:8443;/)
  })

  it.each([
    'https://tiles.example/{z}/{x}.png',
    'ftp://tiles.example/{z}/{x}/{y}',
    "https://tiles.example 'unsafe-inline'/{z}/{x}/{y}",
    'https://{s}.tiles.example/{z}/{x}/{y}',
    'https://anna:secret@tiles.example/{z}/{x}/{y}',
    '/{z}/{x}/{y}',
  ])('are not taken from %s', (url) => {
    const error = thrownBy(() => tilesOf({ ...TILES, url }), ConfigFault)
    expect(error.message).toContain('console.map.tiles.url')
  })
})
