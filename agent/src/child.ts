import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'

const RING_LINES = 20
const RING_LINE_LENGTH = 300
const GRACE_MS = 2000

/**
 * A program that writes to its standard output, owned like a file handle: constructed is started,
 * disposed is gone. Its last lines on standard error are kept for the error that ends it.
 */
export class Child {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #lines: string[] = []
  readonly #exited: Promise<void>
  #rest = ''

  constructor(program: string, args: readonly string[]) {
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => this.#keep(text))
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

  /** How it ended. It is made to end when it has not of itself within the grace. */
  async exit(): Promise<{ code: number | null; signal: string | null }> {
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS)
    await this.#exited
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
    this.#lines.splice(0, Math.max(0, this.#lines.length - RING_LINES))
  }
}
