import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { codeOf, messageOf } from '../errors.ts'
import type { Log } from '../log.ts'
import { type MetricsConfig, type MetricsPagesOptions, metricsPages } from '../metrics-pages.ts'

export type OpenPages = AsyncDisposable & { port: number }

export type OpenPagesOptions = MetricsPagesOptions & {
  log: Log
  /** The configuration that names the port, for whoever must choose another. */
  file: string
}

/**
 * Serves a daemon's figures until disposed. Gives nothing where they are switched off, and where
 * nobody can listen there: the daemon does its work all the same, and the log says so.
 */
export async function openMetricsPages(
  { enabled, host, port }: MetricsConfig,
  { log, file, ...options }: OpenPagesOptions,
): Promise<OpenPages | undefined> {
  if (!enabled) return undefined
  const server = metricsPages(options)
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    const hint = `set another metrics.port in ${file}, or: metrics: off`
    log.error(
      { host, port, code: codeOf(error), message: messageOf(error), hint },
      'metrics.failed',
    )
    return undefined
  }
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
