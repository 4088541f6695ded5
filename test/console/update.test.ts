import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { holds, TestBrowser } from '../support/console-browser.ts'

const BUILT = fileURLToPath(new URL('../../server/console/dist', import.meta.url))
const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html',
}
const NOBODY = { code: 'session.missing', status: 401, detail: 'nobody is signed in' }

test('a newer console offers itself, and comes when somebody asks for it', async () => {
  const names = readdirSync(BUILT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  let more = ''
  const server = createServer(({ url = '/' }, response) => {
    if (url.startsWith('/api')) {
      response.writeHead(401, { 'content-type': 'application/problem+json' })
      return void response.end(JSON.stringify(NOBODY))
    }
    const known = names.find((name) => name === BUILT + url) ?? join(BUILT, 'index.html')
    const type = TYPES[extname(known)] ?? 'application/octet-stream'
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache' })
    response.end(url === '/worker.js' ? readFileSync(known, 'utf8') + more : readFileSync(known))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  await using browser = await TestBrowser.open()
  // Of this machine a browser trusts what is not encrypted, too.
  const page = await browser.bare(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  await page.goto('/')
  await holds(page, 'navigator.serviceWorker.controller !== null')
  await page.evaluate('window.same = true')
  more = '\n// newer'
  await page.evaluate('navigator.serviceWorker.ready.then((ready) => ready.update())')
  await page.getByText('A new version of the console is here.').waitFor()
  expect(await page.evaluate('window.same')).toBe(true)
  await page.getByRole('button', { name: 'Reload' }).click()
  await holds(page, 'window.same === undefined')
  expect(await page.evaluate('navigator.serviceWorker.controller !== null')).toBe(true)
  server.closeAllConnections()
  server.close()
})
