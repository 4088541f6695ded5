import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

const WORKER = 'worker.js'
/** Of what lies open beside the page: what is shown while nobody answers, and what names the app. */
const OPEN = /^(offline\.|icon|badge|manifest\.)/

/**
 * Tells the service worker what the shell is made of: the page, what it loads at once, its words, and
 * what says that nobody answers. Pages that are opened later are not among it.
 */
export function shellPlugin(root: string): Plugin {
  return {
    name: 'vedette-shell',
    apply: 'build',
    // Behind what writes the page.
    enforce: 'post',
    generateBundle(_options, bundle) {
      const worker = bundle[WORKER]
      if (worker?.type !== 'chunk') throw new TypeError('the service worker is not built')
      const needed = new Set<string>()
      const need = (name: string) => {
        const part = bundle[name]
        if (part === undefined || needed.has(name)) return
        needed.add(name)
        if (part.type !== 'chunk') return
        for (const other of part.imports) need(other)
        for (const style of part.viteMetadata?.importedCss ?? []) need(style)
      }
      for (const part of Object.values(bundle)) {
        if (part.type === 'chunk' && part.isEntry && part.fileName !== WORKER) need(part.fileName)
        if (
          part.type === 'chunk' &&
          /messages\/(en|de)\/shell\.json/.test(part.facadeModuleId ?? '')
        )
          need(part.fileName)
      }
      const open = readdirSync(join(root, 'public')).filter((name) => OPEN.test(name))
      const shell = [...needed, ...open].map((name) => `/${name}`).sort()
      const hash = createHash('sha256').update(shell.join())
      for (const name of open) hash.update(readFileSync(join(root, 'public', name)))
      hash.update(worker.code)
      const version = hash.digest('hex').slice(0, 12)
      worker.code = worker.code
        .replaceAll('__SHELL__', JSON.stringify(shell))
        .replaceAll('__VERSION__', JSON.stringify(version))
    },
  }
}
