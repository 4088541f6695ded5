import { spawn } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { PASSPHRASE, TemporaryFolder } from '../../support/certs-deployment.ts'
import { run } from '../../support/server-cli.ts'

const SERVER = fileURLToPath(new URL('../../../server/bin/vedette-server.js', import.meta.url))

/** Lines of base64 of every private key below `home`, and the modes of the files they lie in. */
async function keysBelow(home: string): Promise<{ lines: string[]; modes: Set<string> }> {
  const lines: string[] = []
  const modes = new Set<string>()
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const text = await readFile(path, 'utf8')
    if (!text.includes('PRIVATE KEY')) continue
    modes.add(((await stat(path)).mode & 0o777).toString(8))
    lines.push(...text.split('\n').filter((line) => line.length > 15 && !line.startsWith('-')))
  }
  return { lines, modes }
}

describe('the keys of a deployment', () => {
  it('are in no argument, no environment and no log of the programs that hold them', async () => {
    await using folder = await TemporaryFolder.make()
    const home = folder.path
    const env = { VEDETTE_PASSPHRASE: PASSPHRASE }
    await run(['init', '--home', home, '--gate-port', '1', '--desk-port', '1'], { env })
    const place = '{ host: 127.0.0.1, port: 0 }'
    await writeFile(
      join(home, 'server.yaml'),
      `gate: ${place}\ndesk: ${place}\nmetrics: off\nlog: debug\n`,
    )
    const rotated = await run(['certs', 'rotate', 'prepare', '--home', home], { env })
    expect(rotated.status).toBe(0)

    const child = spawn(process.execPath, [SERVER, '--home', home], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH },
    })
    let said = rotated.out + rotated.err
    const ready = new Promise<void>((resolve) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          said += text
          if (said.includes('server.ready')) resolve()
        })
      }
    })
    await ready
    const seen = await Promise.all(
      ['cmdline', 'environ'].map((file) => readFile(`/proc/${child.pid}/${file}`, 'utf8')),
    )
    child.kill('SIGTERM')
    await new Promise((resolve) => child.once('close', resolve))

    const { lines, modes } = await keysBelow(home)
    expect(lines.length).toBeGreaterThanOrEqual(8)
    expect([...modes]).toEqual(['600'])
    for (const line of lines) expect(said + seen.join()).not.toContain(line)
  })
})
