import { Unavailable } from '@vedette/shared/errors'
import { type Saying, wavOf } from './espeak.ts'

/** Who asks for words to be made sound while so many wait is asked to come again. */
const MOST_WAITING = 8
const COME_AGAIN_MS = 2000

/** Makes sound of words for consoles that have no voice of their own: one after the other. */
export class Voice {
  readonly #program: string
  readonly #stop = new AbortController()
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(program: string) {
    this.#program = program
  }

  /** WAV. Throws Unavailable `speech.missing`, `speech.busy`. */
  async say(saying: Saying): Promise<Buffer> {
    if (this.#waiting >= MOST_WAITING) {
      throw new Unavailable('speech.busy', 'too much is being said at once', {
        retryAfter: COME_AGAIN_MS,
        hint: 'ask again in a moment',
      })
    }
    this.#waiting++
    const said = this.#last.then(() => wavOf(this.#program, saying, this.#stop.signal))
    this.#last = said.catch(() => {})
    try {
      return await said
    } finally {
      this.#waiting--
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Unavailable('speech.busy', 'the server is stopping'))
    await this.#last
  }
}
