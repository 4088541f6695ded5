import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { z } from 'zod'
import type { Metrics } from './metrics.ts'

/** Whether work is done, and in a few words why not. */
export type Readiness = { ready: boolean; why: string }

export type MetricsPagesOptions = {
  metrics: Metrics
  /** May take its time and may throw: then it is not ready. */
  ready: () => Readiness | Promise<Readiness>
}

/** `{ host, port }`, or `off`. Loopback unless a host is named: the pages ask nobody who they are. */
export const metricsConfig = (port: number) =>
  z.preprocess(
    (value) => (value === 'off' ? { enabled: false } : value),
    z
      .strictObject({
        enabled: z.boolean().default(true),
        host: z.string().min(1).default('127.0.0.1'),
        port: z.number().int().min(1).max(65535).default(port),
      })
      .prefault({}),
  )
export type MetricsConfig = z.output<ReturnType<typeof metricsConfig>>

/** A scraper asks for a page of a few words: whoever needs longer or sends more is none. */
const LIMITS: ServerOptions = {
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 60_000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 8192,
}
const MOST_CONNECTIONS = 16

type Page = { status: number; type: string; body: string }

const TEXT = 'text/plain; charset=utf-8'

/** Serves /metrics, /healthz and /readyz, once it is told where to listen. */
export function metricsPages(options: MetricsPagesOptions): Server {
  const server = createServer(LIMITS, (request, response) => {
    void pageOf(request, options).then((page) => answer(request, response, page))
  })
  server.maxConnections = MOST_CONNECTIONS
  return server
}

/** What is there for a request. Never throws. */
async function pageOf(
  { method, url }: IncomingMessage,
  { metrics, ready }: MetricsPagesOptions,
): Promise<Page> {
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET')
  try {
    switch (url?.split('?')[0]) {
      case '/metrics':
        return { status: 200, type: metrics.contentType, body: await metrics.metrics() }
      case '/healthz':
        return plain(200, 'alive')
      case '/readyz': {
        const { ready: is, why } = await ready()
        return plain(is ? 200 : 503, why)
      }
      default:
        return plain(404, 'there are /metrics, /healthz and /readyz')
    }
  } catch {
    return plain(503, 'cannot tell: see the log')
  }
}

function plain(status: number, body: string): Page {
  return { status, type: TEXT, body: `${body}\n` }
}

function answer(
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  { status, type, body }: Page,
): void {
  const sendsBody = headers['transfer-encoding'] !== undefined || headers['content-length']
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 405 && { allow: 'GET, HEAD' }),
    // What is sent along is not read: the connection is of no use any more.
    ...(sendsBody && { connection: 'close' }),
  })
  response.end(method === 'HEAD' ? undefined : body)
}
