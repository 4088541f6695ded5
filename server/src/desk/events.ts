import type { ServerResponse } from 'node:http'

/** A comment this often keeps proxies and clients from taking the stream for dead, milliseconds. */
const HEARTBEAT_MS = 15_000

export type EventStream = {
  readonly closed: boolean
  /** Without an id: whoever resumes does not resume behind it. */
  send(id: number | undefined, event: string, data: unknown): void
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
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT_MS).unref()
  response.once('close', () => clearInterval(heartbeat))
  return {
    get closed() {
      return response.closed || response.writableEnded
    },
    send(id, event, data) {
      const number = id === undefined ? '' : `id: ${id}\n`
      response.write(`${number}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    },
    end() {
      clearInterval(heartbeat)
      if (!response.writableEnded) response.end()
    },
  }
}
