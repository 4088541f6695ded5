import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Unavailable } from '@vedette/shared/errors'
import type { ClerkOrder } from './clerk.ts'
import type { Deed, Done } from './deeds.ts'

const PROGRAM = fileURLToPath(new URL('clerk.js', import.meta.url))

export type Failed = { failed: Deed; person: number; code: string }
type Said = Done | Failed | { ready: true } | { over: true }

/** A clerk in a process of its own (clerk.ts), and all that it has said. */
export class ClerkProcess {
  readonly done: Done[] = []
  readonly failed: Failed[] = []
  /** True once it came to its end. */
  over = false
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  #ready = () => {}
  readonly ready = new Promise<void>((resolve) => {
    this.#ready = resolve
  })

  /** `environment` is added to this process's own. */
  constructor(order: ClerkOrder, environment: Record<string, string> = {}) {
    this.#child = spawn(process.execPath, [PROGRAM, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...environment },
    })
    const lines = createInterface({ input: this.#child.stdout! })
    lines.on('line', (line) => this.#hear(line))
    this.#ended = Promise.all([once(this.#child, 'close'), once(lines, 'close')])
    void this.#ended.then(() => this.#ready())
  }

  /** As a power cut does: it does nothing from here on. Resolves when all that it said is known. */
  async stop(): Promise<void> {
    this.#child.kill('SIGSTOP')
    for (let heard = -1; heard !== this.done.length; ) {
      heard = this.done.length
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  /** Ends it; resolves when all that it said is known. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    await this.#ended
  }

  #hear(line: string): void {
    const said = parse(line)
    if ('ready' in said) this.#ready()
    else if ('over' in said) this.over = true
    else if ('failed' in said) this.failed.push(said)
    else this.done.push(said)
  }
}

function parse(line: string): Said {
  try {
    return JSON.parse(line) as Said
  } catch (cause) {
    // Half a line is of a deed that was not said.
    throw new Unavailable('service.failed', `a clerk said ${line}`, { cause })
  }
}
