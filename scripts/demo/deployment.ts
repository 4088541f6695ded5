import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NamedChange } from '@vedette/server/desk/routes/alerts'
import { freePort } from '../free-port.ts'
import { call, Running } from './program.ts'

export const AGENT = 'north-gate'

/** A throw-away deployment in `home`, run as its users run it: by the programs themselves. */
export class Deployment {
  readonly home: string
  readonly gatePort: number
  readonly consolePort: number
  #joined = false

  private constructor(home: string, gatePort: number, consolePort: number) {
    this.home = home
    this.gatePort = gatePort
    this.consolePort = consolePort
  }

  /** Certificates, vault key and configuration. */
  static async found(home: string): Promise<Deployment> {
    const [gatePort, deskPort, joinPort] = [await freePort(), await freePort(), await freePort()]
    const deployment = new Deployment(home, gatePort, await freePort())
    const ports = {
      '--gate-port': gatePort,
      '--desk-port': deskPort,
      '--join-port': joinPort,
      '--console-port': deployment.consolePort,
    }
    await deployment.vedette('init', ...Object.entries(ports).flat().map(String))
    return deployment
  }

  /** Runs the admin command line; gives what it prints. */
  vedette(...args: string[]): Promise<string> {
    const env = { VEDETTE_PASSPHRASE: 'for this demonstration only' }
    return call('vedette', ['--home', this.home, ...args], env)
  }

  /** Resolves when the server is ready. */
  async startServer(): Promise<Running> {
    const ready = signal<void>()
    const server = new Running('vedette-server', ['--home', this.home], {
      log: ({ event }) => event === 'server.ready' && ready.set(),
    })
    await Promise.race([ready.promise, server.ended()])
    return server
  }

  /** Gives the first operator a password, for the console. The server must be running. */
  async operator(): Promise<{ url: string; name: string; password: string }> {
    const password = randomBytes(12).toString('base64url')
    const file = join(this.home, 'password')
    await writeFile(file, password, { mode: 0o600 })
    await this.vedette('users', 'password', '--new-password-file', file)
    return { url: `https://127.0.0.1:${this.consolePort}/`, name: 'admin', password }
  }

  /** Has a folder of this machine join as the agent, once; gives that folder. */
  async join(): Promise<string> {
    const home = join(this.home, 'box')
    if (this.#joined) return home
    const code = await this.vedette('agents', 'invite', AGENT, '--server', '127.0.0.1')
    await call('vedette-agent', ['join', code.trim(), '--home', home])
    this.#joined = true
    return home
  }

  /**
   * Resolves with the time of the first frame, epoch milliseconds. `cameras` is YAML; the server is
   * dialled at `port`.
   */
  async startAgent(
    cameras: string,
    { port = this.gatePort } = {},
  ): Promise<{ agent: Running; firstFrame: number }> {
    const file = join(await this.join(), 'agent.yaml')
    const server = `server: { host: 127.0.0.1, port: ${port} }`
    await writeFile(file, `${server}\ncredentials: credentials\ncameras:\n${cameras}\n`)
    const open = signal<number>()
    const agent = new Running('vedette-agent', ['--config', file], {
      log: ({ event, time }) => event === 'camera.open' && open.set(Date.parse(String(time))),
    })
    return { agent, firstFrame: await Promise.race([open.promise, agent.ended()]) }
  }

  /** Calls `on` with every change of an alert and the milliseconds since its frame was taken. */
  watch(on: (change: NamedChange, latencyMs: number) => void): Running {
    const args = ['--home', this.home, '--json', 'alerts', 'watch', '--since', '0']
    return new Running('vedette', args, {
      output: (line) => {
        if (line.alert === undefined) return // of cameras, and of the link
        const change = line as unknown as NamedChange
        on(change, Date.now() - change.alert.capturedAt)
      },
    })
  }
}

/** A promise and the function that settles it. */
export function signal<T>(): { promise: Promise<T>; set: (value: T) => void } {
  let set: (value: T) => void = () => {}
  const promise = new Promise<T>((resolve) => {
    set = resolve
  })
  return { promise, set }
}
