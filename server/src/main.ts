import process from 'node:process'
import { ConfigFault, Fault, IntegrityFault, messageOf } from '@vedette/shared/errors'
import { createLog } from '@vedette/shared/log'
import { createMetrics } from '@vedette/shared/metrics'
import { SOFTWARE } from '@vedette/shared/software'
import { Command } from 'commander'
import { readServerConfig } from './config.ts'
import { openMetricsPages } from './metrics-pages.ts'
import { Server } from './server.ts'

const EXIT_FAILURE = 1
/** EX_CONFIG of sysexits.h: a person must mend a file, starting again will not help. */
const EXIT_CONFIG = 78

const program = new Command('vedette-server')
  .description('Answers the cameras, holds the wanted database, and serves the control room.')
  .version(SOFTWARE, '-V, --version')
  .option('--home <folder>', 'folder of the deployment', process.env.VEDETTE_HOME ?? '.')
  .action(async ({ home }: { home: string }) => {
    const config = await readServerConfig(home)
    const stopped = new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, resolve)
    })
    const log = createLog('server', config.log)
    const metrics = createMetrics('server')
    let server: Server | undefined
    await using _pages = await openMetricsPages(config.metrics, {
      log,
      metrics,
      ready: () => server?.readiness() ?? { ready: false, why: 'starting' },
    })
    await using started = await Server.start(config, { log, metrics })
    server = started
    await stopped
  })

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`vedette-server: ${messageOf(error)}\n`)
  if (error instanceof Fault && error.hint) process.stderr.write(`  ${error.hint}\n`)
  const mustMend = error instanceof ConfigFault || error instanceof IntegrityFault
  process.exitCode = mustMend ? EXIT_CONFIG : EXIT_FAILURE
}
