import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { Unavailable } from '@vedette/shared/errors'
import { type Answer, answering, END, type Question, ThreadFault } from './thread.ts'

/** A child that has not ended by then is killed. */
const PATIENCE_MS = 5000
/** Last bytes of its standard error that are kept, for the error when it dies. */
const KEPT_WORDS = 2000
/**
 * Lowers the limit of writable memory (KiB, private mappings that are in use), steps back behind others
 * (before there is a thread that would not) and becomes the program.
 */
const LIMITED = 'ulimit -d "$0" && exec nice -n "$@"'

export type ChildLimits = {
  /** Writable memory, MiB: beyond it allocations fail and the child dies. */
  memory: number
  /** One request may take so long, milliseconds; then the child is killed. */
  patience: number
  /** How far it stands behind this process, 0 to 19. */
  niceness: number
}

type Waiting<T> = { resolve: (value: T) => void; reject: (error: Error) => void }

/** It was never begun: whoever asked may ask another child. */
export class Unbegun extends Error {}

/**
 * Work done in a process of its own, one request after the other: for what must not be able to take
 * this one's memory along, nor its secrets. Owned like a thread: constructed is started, disposed is
 * gone.
 */
export class Child<Request, Reply> {
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, Waiting<Reply>>()
  readonly #limits: ChildLimits
  #nextId = 1
  #over: Error | undefined
  #said = ''
  #timer: NodeJS.Timeout | undefined

  /** `module` is a compiled file that calls `serve`; `data` is the one argument it gets, as JSON. */
  constructor(module: URL, data: unknown, limits: ChildLimits) {
    this.#limits = limits
    const program = [process.execPath, module.pathname, JSON.stringify(data)]
    const [memory, niceness] = [String(limits.memory * 1024), String(limits.niceness)]
    this.#process = spawn('/bin/sh', ['-c', LIMITED, memory, niceness, ...program], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
      // Nothing of this process's surroundings is for the child: no configuration, no credentials.
      // Freed memory goes back instead of lying about in many arenas.
      env: { MALLOC_ARENA_MAX: '2' },
    })
    this.#process.stderr?.setEncoding('utf8').on('data', (words: string) => {
      this.#said = (this.#said + words).slice(-KEPT_WORDS)
    })
    this.#process.on('message', (answer: Answer<Reply>) => this.#settle(answer))
    this.#process.on('error', (error) => this.#end(error))
    this.#process.on('exit', (code, signal) => {
      this.#end(new Error(`the process ended with ${signal ?? code} ${this.#said}`.trim()))
    })
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Requests sent and not answered. */
  get backlog(): number {
    return this.#waiting.size
  }

  /** True once it can answer no more. */
  get over(): boolean {
    return this.#over !== undefined
  }

  /**
   * Rejects with the handler's fault as ThreadFault, with Unavailable `worker.died` where the child died
   * of it, and with Unbegun where it died before.
   */
  ask(request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) return reject(new Unbegun(this.#over.message))
      const id = this.#nextId++
      this.#waiting.set(id, { resolve, reject })
      if (this.#waiting.size === 1) this.#watch()
      this.#process.send({ id, body: request } satisfies Question<Request>, (error) => {
        if (error) this.#end(error)
      })
    })
  }

  /** Ends the child after what it is doing now; what waits is rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = new Promise((resolve) => this.#process.once('exit', resolve))
    if (this.#process.connected) this.#process.send(END)
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), PATIENCE_MS)
    await gone
    clearTimeout(timer)
  }

  #settle(answer: Answer<Reply>): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    this.#watch()
    if ('failure' in answer) waiting?.reject(new ThreadFault(answer.failure))
    else waiting?.resolve(answer.body)
  }

  /** Gives what is under way its time. */
  #watch(): void {
    clearTimeout(this.#timer)
    if (this.#waiting.size === 0) return
    this.#timer = setTimeout(() => this.#process.kill('SIGKILL'), this.#limits.patience)
  }

  #end(cause: Error): void {
    clearTimeout(this.#timer)
    this.#over ??= cause
    const [first, ...others] = this.#waiting.values()
    this.#waiting.clear()
    first?.reject(
      new Unavailable('worker.died', `a worker process is gone: ${cause.message}`, { cause }),
    )
    for (const { reject } of others) reject(new Unbegun(cause.message))
  }
}

/** The other side of a Child: answers every request with what `handle` resolves to, in turn. */
export function serveParent<Request, Reply>(handle: (request: Request) => Promise<Reply>): void {
  const take = answering(handle, {
    answer: (reply: Answer<Reply>) => process.send?.(reply),
    end: () => process.disconnect(),
  })
  process.on('message', (message) => take(message as Parameters<typeof take>[0]))
  // A terminal's interrupt goes to the whole group: when to end is the parent's to say.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  process.once('disconnect', () => take(END))
}
