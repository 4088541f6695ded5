import type { ServerResponse } from 'node:http'

/** A comment this often keeps proxies and clients from taking the stream for dead, milliseconds. */
const HEARTBEAT_MS = 15_000
/** Whoever leaves more unread is hung up on, and resumes where they were, bytes. */
const MOST_UNREAD = 4 * 2 ** 20

export type EventStream = {
  readonly closed: boolean
  /** Without an id: whoever resumes does not resume behind it. */
  send(id: number | undefined, event: string, data: unknown): void
  /** The same of what is JSON already. */
  sendText(id: number | undefined, event: string, text: string): void
  /** Resolves when there is room for more, or nobody to read it. */
  drained(): Promise<void>
  end(): void
}

/**
 * Server-sent events on `response`.
 * Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function eventStream(response: ServerResponse): EventStream {
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  })
  response.write(': welcome\n\n')
  let unread = false
  const heartbeat = setInterval(() => {
    // Nothing was taken from one beat to the next.
    if (unread && response.writableNeedDrain) response.destroy()
    unread = response.writableNeedDrain
    if (!unread) response.write(': still here\n\n')
  }, HEARTBEAT_MS).unref()
  response.once('close', () => clearInterval(heartbeat))
  const sendText = (id: number | undefined, event: string, text: string) => {
    const number = id === undefined ? '' : `id: ${id}\n`
    response.write(`${number}event: ${event}\ndata: ${text}\n\n`)
    if (response.writableLength > MOST_UNREAD) response.destroy()
  }
  return {
    get closed() {
      return response.closed || response.destroyed || response.writableEnded
    },
    send(id, event, data) {
      sendText(id, event, JSON.stringify(data))
    },
    sendText,
    async drained() {
      if (!response.writableNeedDrain || response.closed) return
      await new Promise<void>((resolve) => {
        const done = () => {
          response.off('drain', done).off('close', done)
          resolve()
        }
        response.on('drain', done).on('close', done)
      })
    },
    end() {
      clearInterval(heartbeat)
      if (!response.writableEnded) response.end()
    },
  }
}
