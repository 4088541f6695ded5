import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { shellPlugin } from './shell-plugin.ts'

const root = fileURLToPath(new URL('.', import.meta.url))
const WORKER = 'worker'

export default defineConfig({
  root,
  plugins: [shellPlugin(root)],
  // One window: the desk serves what is built, and nothing else is ever asked for anything.
  build: {
    target: 'es2023',
    // For the test of what is fetched first; the desk serves no file whose name begins with a dot.
    manifest: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { index: `${root}index.html`, [WORKER]: `${root}worker/worker.ts` },
      output: {
        // What speaks for all pages of the origin has an address that stays.
        entryFileNames: ({ name }) => (name === WORKER ? '[name].js' : 'assets/[name]-[hash].js'),
      },
    },
  },
})
