import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** Tests read the sources themselves: nothing but workers, kernels and graphs need be built. */
const conditions = ['source', 'node', 'module', 'default']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    reporters: ['default', ['json', { outputFile: 'test/artefacts/report.json' }]],
    // Few cores must not wait for a file that waits itself; many leave one to the threads that tests start.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
