import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { Bell } from './bell.ts'
import type { Parse } from './body.ts'
import { EnvelopeReader, encodeEnvelope, WELCOME_LIMIT } from './envelope.ts'
import { encodeMessage, type FromAgent, type FromServer } from './message.ts'

/** When there may be more to read, or no more at all. */
const NEWS = ['readable', 'end', 'error', 'close'] as const

/**
 * Messages over a stream that somebody else opened. Pulling is the flow control: nothing is read
 * ahead of the loop over `messages`, and `send` waits while the peer is slow to take.
 */
export class Channel<In extends FromAgent | FromServer, Out extends FromAgent | FromServer> {
  readonly #stream: Duplex
  readonly #parse: Parse<In>
  readonly #reader = new EnvelopeReader()

  constructor(stream: Duplex, parse: Parse<In>) {
    this.#stream = stream
    this.#parse = parse
    // The loop over `messages` throws it; a late one has no reader. TLS only tells of a record that was
    // changed on the way, and would wait for a better one.
    stream.on('error', (error) => stream.destroy(error))
  }

  /** Lifts the limit for strangers: the peer has been welcomed. */
  welcome(): void {
    this.#reader.limit = WELCOME_LIMIT
  }

  /**
   * Every message until the peer ends the stream. Throws ProtocolFault for what is not one, and the
   * stream's own error when it breaks. Leaving the loop destroys the stream, unless `leaveOpen` says
   * that `close` will: then there can be a last word. `onWait` is told when there is nothing to read,
   * and how many bytes of an envelope have come by then.
   */
  async *messages({
    leaveOpen = false,
    onWait = (_begun: number) => {},
  } = {}): AsyncGenerator<In, void, undefined> {
    const stream = this.#stream
    const news = new Bell()
    const ring = () => news.ring()
    for (const event of NEWS) stream.on(event, ring)
    try {
      for (;;) {
        const chunk = stream.read() as Buffer | null
        if (chunk !== null) {
          for (const body of this.#reader.push(chunk)) yield this.#parse(body)
        } else if (stream.errored !== null) {
          throw stream.errored
        } else if (stream.readableEnded || stream.destroyed) {
          break
        } else {
          onWait(this.#reader.begun)
          await news.wait()
        }
      }
      this.#reader.finish()
    } finally {
      for (const event of NEWS) stream.off(event, ring)
      if (leaveOpen)
        stream.resume() // whatever else comes is dropped: behind it is the peer's end
      else stream.destroy()
    }
  }

  /** Sends one message and resolves when the stream has room for another. */
  async send(message: Out): Promise<void> {
    if (!this.post(message)) await this.drained()
  }

  /** Sends without waiting; false when the peer has fallen behind by more than the buffer. */
  post(message: Out): boolean {
    if (this.#stream.destroyed || this.#stream.writableEnded) return true
    return this.#stream.write(encodeEnvelope(encodeMessage(message)))
  }

  /** Whether the stream itself broke. */
  get broken(): boolean {
    return this.#stream.errored !== null
  }

  /** Bytes accepted for sending that the peer has not taken yet. */
  get backlog(): number {
    return this.#stream.writableLength
  }

  /** Sends `last` if given and ends the stream; resolves when it is gone, at most `graceMs` later. */
  async close(last?: Out, graceMs = 500): Promise<void> {
    if (this.#stream.destroyed) return
    if (last !== undefined) this.post(last)
    const closed = new Promise((resolve) => this.#stream.once('close', resolve))
    const timer = setTimeout(() => this.#stream.destroy(), graceMs)
    this.#stream.end()
    await closed
    clearTimeout(timer)
  }

  /** Resolves when the peer has taken all that waits, or the stream is over. */
  async drained(): Promise<void> {
    const ended = new AbortController()
    const stop = () => ended.abort()
    this.#stream.once('close', stop)
    try {
      await once(this.#stream, 'drain', { signal: ended.signal })
    } catch (error) {
      if (!ended.signal.aborted) throw error
    } finally {
      this.#stream.off('close', stop)
    }
  }
}
