import process from 'node:process'
import type { Worker } from 'node:worker_threads'

/** Worker threads that are started from here on. */
export class Threads {
  /** Exit codes of those that ended: 0 by themselves, 1 by force or a failure. */
  readonly exits: number[] = []
  readonly #running = new Set<Worker>()
  readonly #started = (worker: Worker) => {
    this.#running.add(worker)
    worker.once('exit', (code) => {
      this.#running.delete(worker)
      this.exits.push(code)
    })
  }

  constructor() {
    process.on('worker', this.#started)
  }

  get running(): number {
    return this.#running.size
  }

  /** Makes each fail with an error that it does not expect, behind what it was asked before. */
  async crash(): Promise<void> {
    await new Promise(setImmediate) // Node tells of a new thread a little later
    const crashing = [...this.#running].map(async (worker) => {
      const gone = new Promise((resolve) => worker.once('exit', resolve))
      worker.postMessage(null)
      await gone
    })
    await Promise.all(crashing)
  }

  [Symbol.dispose](): void {
    process.off('worker', this.#started)
  }
}
