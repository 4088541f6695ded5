import { parentPort, type ResourceLimits, type TransferListItem, Worker } from 'node:worker_threads'
import { codeOf, Fault, messageOf, Unavailable } from '@vedette/shared/errors'

export type Failure = { kind: string; code: string; message: string; hint: string | undefined }
export type Question<T> = { id: number; body: T }
export type Answer<T> = { id: number; body: T } | { id: number; failure: Failure }
/** Said to a thread: finish, and exit by emptying. */
export const END = 'end'
/** A thread that has not ended by then is terminated, which may end the process: native code. */
const PATIENCE_MS = 5000

type Waiting<T> = { resolve: (value: T) => void; reject: (error: Error) => void }

/** A fault that happened on another thread: same code and words, this side of the boundary. */
export class ThreadFault extends Fault {
  readonly retryable = false
  /** Its class over there: `Refusal`, `IntegrityFault` … */
  readonly kind: string

  constructor({ kind, code, message, hint }: Failure) {
    super(code, message, hint === undefined ? {} : { hint })
    this.kind = kind
  }
}

/**
 * Work done on another thread, one request after the other, so that this one stays free. Owned like
 * a child process: constructed is started, disposed is gone.
 */
export class Thread<Request, Reply> {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting<Reply>>()
  #nextId = 1
  #over: Error | undefined

  /** `module` is a compiled file that calls `serve`; `data` is its workerData. */
  constructor(module: URL, data: unknown, limits: ResourceLimits = {}) {
    // What this process was told about finding modules is not for compiled files.
    this.#worker = new Worker(module, { workerData: data, resourceLimits: limits, execArgv: [] })
    this.#worker.on('message', (answer: Answer<Reply>) => this.#settle(answer))
    this.#worker.on('error', (error) => this.#end(error))
    this.#worker.on('exit', (code) => this.#end(new Error(`the thread ended with ${code}`)))
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
   * What is in `given` is the thread's from then on. Rejects with the handler's fault as ThreadFault,
   * or Unavailable `worker.died`.
   */
  ask(request: Request, given: readonly TransferListItem[] = []): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) return reject(died(this.#over))
      const id = this.#nextId++
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ id, body: request } satisfies Question<Request>, given)
    })
  }

  /** Ends the thread after what it is doing now; what waits is rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#over !== undefined) return
    const gone = new Promise((resolve) => this.#worker.once('exit', resolve))
    this.#worker.postMessage(END)
    const timer = setTimeout(() => void this.#worker.terminate(), PATIENCE_MS)
    await gone
    clearTimeout(timer)
  }

  #settle(answer: Answer<Reply>): void {
    const waiting = this.#waiting.get(answer.id)
    this.#waiting.delete(answer.id)
    if ('failure' in answer) waiting?.reject(new ThreadFault(answer.failure))
    else waiting?.resolve(answer.body)
  }

  #end(error: Error): void {
    this.#over ??= error
    for (const { reject } of this.#waiting.values()) reject(died(this.#over))
    this.#waiting.clear()
  }
}

/** The other side of a Thread: answers every request with what `handle` resolves to, in turn. */
export function serve<Request, Reply>(handle: (request: Request) => Promise<Reply>): void {
  const port = parentPort
  if (port === null) throw new TypeError('serve is for worker threads')
  const take = answering(handle, {
    answer: (reply: Answer<Reply>) => port.postMessage(reply),
    end: () => port.close(),
  })
  port.on('message', take)
}

/** What takes requests in turn, handles them, and answers; after END it is done. */
export function answering<Request, Reply>(
  handle: (request: Request) => Promise<Reply>,
  { answer, end }: { answer: (reply: Answer<Reply>) => void; end: () => void },
): (message: Question<Request> | typeof END) => void {
  let last = Promise.resolve()
  let ended = false
  return (message) => {
    if (message === END) {
      ended = true
      void last.then(end)
      return
    }
    const { id, body } = message
    last = last.then(async () => {
      if (ended) return
      try {
        answer({ id, body: await handle(body) })
      } catch (error) {
        const kind = error instanceof Error ? error.name : 'Error'
        const hint = error instanceof Fault ? error.hint : undefined
        answer({ id, failure: { kind, code: codeOf(error), message: messageOf(error), hint } })
      }
    })
  }
}

/**
 * Where the compiled thread `name` beside the module at `here` lies. A thread cannot run sources:
 * from `src` it is the one in `dist`.
 */
export function threadModule(name: string, here: string): URL {
  const compiled = here.endsWith('.ts') ? here.replace(/^(.*)\/src\//, '$1/dist/') : here
  return new URL(`./${name}.js`, compiled)
}

function died(cause: Error): Unavailable {
  return new Unavailable('worker.died', `a worker thread is gone: ${cause.message}`, { cause })
}
