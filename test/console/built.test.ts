import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const DIST = fileURLToPath(new URL('../../server/console/dist/', import.meta.url))
/** What is fetched before the first alert is seen, bytes. */
const MOST = 300 * 1024

/** Names that look like addresses, and what libraries tell people to read: none is ever asked. */
const NAMED = new Set(['http://www.w3.org', 'https://leafletjs.com', 'https://github.com'])

type Chunk = {
  file: string
  imports?: string[]
  css?: string[]
}

const manifest = JSON.parse(await readFile(join(DIST, '.vite/manifest.json'), 'utf8')) as Record<
  string,
  Chunk
>

/** The chunk of `key`, and all that it cannot be run without. */
function needed(key: string, files = new Set<string>()): Set<string> {
  const { file, imports = [], css = [] } = manifest[key]!
  if (files.has(file)) return files
  for (const one of [file, ...css]) files.add(one)
  for (const one of imports) needed(one, files)
  return files
}

const size = async (file: string) =>
  (await promisify(gzip)(await readFile(join(DIST, file)), { level: 9 })).length

describe('the console as it is built', () => {
  it('is there with its alerts in 300 KB', async () => {
    const files = needed('index.html')
    for (const key of ['src/pages/alerts/index.tsx', 'src/messages/en/alerts.json']) {
      needed(key, files)
    }
    const sizes = await Promise.all(['index.html', ...files].map(size))
    const all = sizes.reduce((sum, one) => sum + one, 0)
    expect(all).toBeGreaterThan(20 * 1024)
    expect(all).toBeLessThanOrEqual(MOST)
  })

  it('asks nobody but the desk for anything, and runs nothing that is not a file of its own', async () => {
    const files = await readdir(DIST, { recursive: true })
    const texts = files.filter((file) => /^\.(js|css|html|svg|webmanifest)$/.test(extname(file)))
    expect(texts.length).toBeGreaterThan(10)
    for (const file of texts) {
      const text = await readFile(join(DIST, file), 'utf8')
      const hosts = [...text.matchAll(/\b(?:https?|wss?):\/\/[a-z\d][\w.:-]*/gi)].map(
        ([url]) => url,
      )
      expect([file, hosts.filter((host) => !NAMED.has(host))]).toEqual([file, []])
      expect([file, /\beval\(|\bnew Function\(/.test(text)]).toEqual([file, false])
    }
    const page = await readFile(join(DIST, 'index.html'), 'utf8')
    expect(page).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=/)
  })
})
