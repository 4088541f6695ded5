import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import {
  type MetricsConfig,
  type MetricsPagesOptions,
  metricsPages,
} from '@vedette/shared/metrics-pages'

export type OpenPages = AsyncDisposable & { port: number }

/**
 * Serves the server's figures until disposed. Gives nothing where they are switched off, and where
 * nobody can listen there: the gate is open all the same, and the log says so.
 */
export async function openMetricsPages(
  { enabled, host, port }: MetricsConfig,
  { log, ...options }: MetricsPagesOptions & { log: Log },
): Promise<OpenPages | undefined> {
  if (!enabled) return undefined
  const server = metricsPages(options)
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    const hint = 'set another metrics.port in server.yaml, or: metrics: off'
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
