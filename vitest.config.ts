import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Tests read the sources themselves: nothing but workers, kernels and graphs need be built. */
const conditions = ['source', 'node', 'module', 'default']

/** Files of tests for which modules are read anew: they start whole programs, or need a sharp that reads SVG. */
const APART = [
  'test/{console,house,scripts}/**/*.test.ts',
  'test/agent/*.test.ts',
  'test/server/cli/**/*.test.ts',
  'test/server/{evaluate,thresholds}/plot.test.ts',
]

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    exclude: ['**/node_modules/**', '**/dist/**'],
    reporters: ['default', ['json', { outputFile: 'test/artefacts/report.json' }]],
    // Few cores must not wait for a file that waits itself; many leave one to the threads that tests start.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    pool: 'forks',
    // For what hangs, and for nothing else: how long anything takes depends on who else wants the cores.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000, interval: 20 } },
    projects: [
      { extends: true, test: { name: 'apart', include: APART } },
      // Reading modules anew for each of these would take longer than running them.
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: APART,
          isolate: false,
        },
      },
    ],
  },
})
