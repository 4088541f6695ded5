import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

const RING_LINES = 20
const RING_LINE_LENGTH = 300
const GRACE_MS = 2000

/**
 * All that a program finds in its environment. Two arenas: each reserves address space, which is
 * limited.
 */
export const ENVIRONMENT = { LC_ALL: 'C', MALLOC_ARENA_MAX: '2' }

export type ChildOptions = {
  /** What it finds on its standard input. */
  script?: string | undefined
  /** Lines of standard error that are kept. */
  keep?: number
}

/**
 * A program that writes to its standard output, owned like a file handle: constructed is started,
 * disposed is gone. Its last lines on standard error are kept for the error that ends it.
 */
export class Child {
  readonly #child: ChildProcess & { stdout: Readable; stderr: Readable }
  readonly #lines: string[] = []
  readonly #keepLines: number
  readonly #exited: Promise<void>
  /** Everything that it complained of was read: a program may have ended before that. */
  readonly #heard: Promise<unknown>
  #rest = ''

  constructor(program: string, args: readonly string[], options: ChildOptions = {}) {
    const { script, keep = RING_LINES } = options
    const env = ENVIRONMENT
    this.#keepLines = keep
    this.#child =
      script === undefined
        ? spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdin?.on('error', () => {}).end(script)
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#keep(text))
    this.#heard = new Promise((resolve) => this.#child.stderr.once('close', resolve))
    // 'error' is a program that could not be started: it has no exit.
    this.#exited = Promise.race([
      once(this.#child, 'exit').then(() => {}),
      new Promise<void>((resolve) => {
        this.#child.on('error', (error) => {
          this.#keep(`${error.message}\n`)
          resolve()
        })
      }),
    ])
    this.#child.stdout.on('error', () => {})
  }

  get output(): Readable {
    return this.#child.stdout
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** The last lines it wrote to standard error, oldest first. */
  get complaints(): string {
    return [...this.#lines, this.#rest].filter(Boolean).join('\n')
  }

  /** Ends it at once, whatever it is doing. */
  kill(): void {
    this.#child.kill('SIGKILL')
  }

  /** Resolves when it has ended and all that it wrote was read. */
  async ended(): Promise<void> {
    this.#child.stdout.resume()
    await Promise.all([this.#exited, this.#heard])
  }

  /**
   * How it ended, its complaints read. It is made to end when it has not of itself within the grace;
   * what its own children still hold open is waited for no longer than that either.
   */
  async exit(): Promise<{ code: number | null; signal: string | null }> {
    const killer = setTimeout(() => {
      this.#child.kill('SIGKILL')
      this.#child.stderr.destroy()
    }, GRACE_MS)
    await Promise.all([this.#exited, this.#heard])
    clearTimeout(killer)
    return { code: this.#child.exitCode, signal: this.#child.signalCode }
  }

  /** Asks it to end, then makes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.pid === undefined) return
    const running = () => this.#child.exitCode === null && this.#child.signalCode === null
    if (running()) {
      this.#child.kill('SIGTERM')
      await this.exit()
    }
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
  }

  #keep(text: string): void {
    const lines = (this.#rest + text).split(/[\r\n]+/)
    this.#rest = (lines.pop() ?? '').slice(0, RING_LINE_LENGTH)
    this.#lines.push(...lines.filter(Boolean).map((line) => line.slice(0, RING_LINE_LENGTH)))
    this.#lines.splice(0, Math.max(0, this.#lines.length - this.#keepLines))
  }
}
