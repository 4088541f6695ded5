import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const FILES = {
  vedette: 'server/bin/vedette.js',
  'vedette-server': 'server/bin/vedette-server.js',
  'vedette-agent': 'agent/bin/vedette-agent.js',
} as const

export type Program = keyof typeof FILES
type Line = Record<string, unknown>

/** Runs one of the programs to its end; gives its standard output, or throws with its complaint. */
export async function call(program: Program, args: string[], env: Line = {}): Promise<string> {
  const child = start(program, args, env)
  let [output, complaint] = ['', '']
  child.stdout?.on('data', (text) => {
    output += text
  })
  child.stderr?.on('data', (text) => {
    complaint += text
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${complaint}`)
  return output
}

/** One of the programs, running; its lines of JSON are handed to whoever asked for them. */
export class Running {
  readonly #child: ChildProcess
  readonly #name: Program
  #ended = false

  constructor(
    program: Program,
    args: string[],
    on: { output?: (line: Line) => void; log?: (line: Line) => void },
  ) {
    this.#name = program
    this.#child = start(program, args, {})
    this.#child.once('exit', () => {
      this.#ended = true
    })
    listen(this.#child.stdout, on.output)
    listen(this.#child.stderr, on.log)
  }

  /** Its process id. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Rejects when the program ends before it was told to. */
  async ended(): Promise<never> {
    const [code] = (await once(this.#child, 'exit')) as [number | null]
    throw new Error(`${this.#name} ended by itself with ${code}`)
  }

  /** Ends it at once, as a power cut would. */
  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGTERM')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#ended) return
    const gone = once(this.#child, 'exit')
    this.#child.kill(signal)
    await gone
  }
}

function start(program: Program, args: string[], env: Line): ChildProcess {
  const options = { env: { ...process.env, ...(env as NodeJS.ProcessEnv) } }
  return spawn(process.execPath, [`${root}${FILES[program]}`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  })
}

function listen(stream: NodeJS.ReadableStream | null, on?: (line: Line) => void): void {
  if (stream === null) return
  createInterface({ input: stream }).on('line', (text) => {
    if (on === undefined) return
    try {
      on(JSON.parse(text) as Line)
    } catch {
      process.stderr.write(`${text}\n`)
    }
  })
}
