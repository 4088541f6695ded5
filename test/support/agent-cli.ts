import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const home = fileURLToPath(new URL('../..', import.meta.url))
const program = join(home, 'agent', 'bin', 'vedette-agent.js')

/** Compiles the agent and what it stands on, where anything has changed. */
export async function buildAgent(): Promise<void> {
  const require = createRequire(join(home, 'package.json'))
  const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc')
  await promisify(execFile)(process.execPath, [tsc, '-b', join(home, 'agent')])
}

/** `output` is standard output as it came. */
export type Finished = { code: number | null; stdout: string; stderr: string; output: Buffer }

/** A `vedette-agent` that runs. */
export class RunningAgent {
  readonly #child
  stdout = ''
  stderr = ''
  readonly finished: Promise<Finished>

  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, input?: Uint8Array) {
    this.#child = spawn(process.execPath, [program, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    })
    this.#child.stdin.end(input)
    const chunks: Buffer[] = []
    this.#child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      this.stdout += chunk.toString()
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      this.#child.emit('written')
    })
    this.finished = once(this.#child, 'close').then(([code]) => ({
      code: code as number | null,
      stdout: this.stdout,
      stderr: this.stderr,
      output: Buffer.concat(chunks),
    }))
  }

  /** Resolves when it has written `text` to standard error, or has ended. */
  async wrote(text: string): Promise<void> {
    let ended = false
    const finished = this.finished.then(() => {
      ended = true
    })
    while (!this.stderr.includes(text) && !ended) {
      await Promise.race([once(this.#child, 'written'), finished])
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }
}

/** Runs `vedette-agent` to its end. */
export function runAgent(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Finished> {
  return new RunningAgent(args, env).finished
}
