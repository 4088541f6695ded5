import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Vault } from '@vedette/server/store/vault'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from '../../support/server-cli.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { NotifySocket } from '../../support/systemd-socket.ts'

const PROGRAM = fileURLToPath(new URL('../../../server/bin/vedette-server.js', import.meta.url))

let deployment: Deployment
let yaml: string

beforeAll(async () => {
  deployment = await Deployment.found()
  yaml = join(deployment.home, 'server.yaml')
  await Vault.create(join(deployment.home, 'vault.key'))
})

afterAll(() => deployment[Symbol.asyncDispose]())

const configured = (more: string) =>
  writeFile(yaml, `gate: { host: 127.0.0.1, port: 0 }\ndesk: { port: 0 }\nmetrics: off\n${more}\n`)

/** A `vedette-server` that runs. */
class RunningServer {
  readonly #child
  readonly #news = new EventEmitter()
  stderr = ''
  readonly finished: Promise<number | null>

  constructor(env: NodeJS.ProcessEnv, ...node: string[]) {
    const args = [...node, PROGRAM, '--home', deployment.home]
    this.#child = spawn(process.execPath, args, {
      stdio: ['ignore', 'inherit', 'pipe'],
      env: { PATH: process.env.PATH, ...env },
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#news.emit('text')
    })
    this.finished = once(this.#child, 'close').then(([code]) => code as number | null)
  }

  async wrote(text: string): Promise<void> {
    while (!this.stderr.includes(text)) await once(this.#news, 'text')
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }
}

describe('vedette-server as a service', () => {
  it('is ready, fed, takes over its configuration at SIGHUP or goes on as it was, and stops', async () => {
    await using socket = await NotifySocket.open()
    await configured('')
    // The key is handed over by systemd: the server never reads the file that is root's alone.
    const credentials = join(deployment.home, 'handed-over')
    await mkdir(credentials)
    await copyFile(join(deployment.home, 'vault.key'), join(credentials, 'vault.key'))
    await rm(join(deployment.home, 'vault.key'))
    const server = new RunningServer({
      NOTIFY_SOCKET: socket.path,
      WATCHDOG_USEC: '4000000',
      CREDENTIALS_DIRECTORY: credentials,
    })
    await socket.word('WATCHDOG=1 | STATUS=serving 0 agents')
    await configured('match: { budget: none }')
    server.kill('SIGHUP')
    await server.wrote('config.refused')
    await configured('match: { budget: 3 }')
    server.kill('SIGHUP')
    await server.wrote('config.reloaded')
    server.kill('SIGTERM')
    expect(await server.finished).toBe(0)
    const words = socket.heard.filter((word) => !word.startsWith('WATCHDOG'))
    expect(words.map((word) => word.split(' | ')[0])).toEqual([
      'READY=1',
      ...['RELOADING=1', 'READY=1'],
      ...['RELOADING=1', 'READY=1'],
      'STOPPING=1',
    ])
    expect(server.stderr).toContain('server.yaml:4:18: match.budget: ')
    await copyFile(join(credentials, 'vault.key'), join(deployment.home, 'vault.key'))
  })

  it('writes what nobody caught into its log, and ends with 70', async () => {
    await configured('')
    const bomb = join(deployment.home, 'bomb.mjs')
    await writeFile(bomb, `process.on('SIGUSR2', () => { throw new TypeError('a bomb') })`)
    const server = new RunningServer({}, '--import', bomb)
    await server.wrote('server.ready')
    server.kill('SIGUSR2')
    expect(await server.finished).toBe(70)
    const line = server.stderr.split('\n').find((text) => text.includes('server.crash'))
    expect(JSON.parse(line ?? '')).toMatchObject({ level: 'fatal', message: 'a bomb' })
  })

  it('says what is wrong with its configuration without starting', async () => {
    await configured('match: { budgets: 3 }')
    const args = ['--home', deployment.home, 'check']
    const bad = await run(args, { program: 'vedette-server' })
    expect(bad).toMatchObject({ status: 78, out: '' })
    expect(bad.err).toContain('server.yaml:4:10: match.budgets: unknown key')
    await configured('match: { budget: 3 }')
    expect(await run(args, { program: 'vedette-server' })).toMatchObject({ status: 0, out: 'ok\n' })
  })

  it('shows its unit, and what installing it would do', async () => {
    await configured('vaultKey: /etc/vedette/vault.key')
    const { home } = deployment
    const env = { VEDETTE_PROGRAM: '/usr/bin/vedette-server' }
    const ask = (...args: string[]) =>
      run(['--home', home, 'service', ...args], { program: 'vedette-server', env })
    const shown = await ask('show', '--user', 'watch')
    expect(shown).toMatchObject({ status: 0, err: '' })
    expect(shown.out).toContain(`ExecStart=/usr/bin/vedette-server --home ${home}\n`)
    expect(shown.out).toContain('LoadCredential=vault.key:/etc/vedette/vault.key\n')
    expect(shown.out).toContain(`ReadWritePaths=${home}\n`)
    expect(shown.out).toContain('User=watch\n')
    const dry = await ask('install', '--user', 'watch', '--dry-run')
    expect(dry.out).toContain(shown.out)
    expect(dry.out).toContain(`chown -R watch:watch ${home}/certs`)
    expect(await readFile('/etc/systemd/system/vedette-server.service').catch(() => 'none')).toBe(
      'none',
    )
  })
})
