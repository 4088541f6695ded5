import process from 'node:process'

const EVERY_MS = 200
/** Where nobody watches a line being rewritten, a new one comes this often. */
const LOG_EVERY_MS = 10_000

/** Says on standard error how far a long job is; what was done before it began does not count for speed. */
export class Progress {
  readonly #what: string
  readonly #started = Date.now()
  readonly #every = process.stderr.isTTY ? EVERY_MS : LOG_EVERY_MS
  #first: number | undefined
  #shown = 0

  constructor(what: string) {
    this.#what = what
  }

  readonly show = (done: number, total: number): void => {
    this.#first ??= done
    const now = Date.now()
    if (done < total && now - this.#shown < this.#every) return
    this.#shown = now
    const perSecond = (done - this.#first) / Math.max(0.001, (now - this.#started) / 1000)
    const left = perSecond > 0 ? `, ${time((total - done) / perSecond)} left` : ''
    const share = total === 0 ? 100 : Math.floor((100 * done) / total)
    const line = `${this.#what} ${done} of ${total} (${share} %)${done < total ? left : ''}`
    process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `${line}\n`)
    if (done >= total && process.stderr.isTTY) process.stderr.write('\n')
  }
}

function time(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
}
