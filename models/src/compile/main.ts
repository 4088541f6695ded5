import process from 'node:process'
import { readManifest } from '../manifest.ts'
import { compile, ensureCompiled } from './compile.ts'

for (const row of await readManifest()) {
  if (process.argv.includes('--print')) {
    process.stdout.write(`${row.id} ${(await compile(row)).sha256}\n`)
  } else if (await ensureCompiled(row)) {
    process.stderr.write(`compiled ${row.id}\n`)
  }
}
