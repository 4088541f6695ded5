import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { Command, Option } from 'commander'
import { ARCHES } from './package/arch.ts'
import { type Deb, makeDeb } from './package/deb.ts'
import { run, tell } from './package/run.ts'
import type { Program } from './package/tree.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, 'node_modules', '.cache', 'vedette-package')
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  version: string
}

type Options = { out: string; arch: string[]; only: Program[]; trial?: true; json?: true }

const program = new Command('package')
  .description('Builds the Debian packages of server and agent.')
  .option('--out <folder>', 'where they go', join(root, 'dist', 'packages'))
  .addOption(several('--arch <arch...>', 'for which processors', ['amd64', 'arm64']))
  .addOption(several('--only <program...>', 'of which programs', ['server', 'agent']))
  .option('--trial', 'install, run, upgrade and purge them in a Debian of their own (as root)')
  .option('--json', 'figures as JSON')

program.parse()
const options = program.opts<Options>()

try {
  const debs = await build(options, version)
  for (const deb of debs) show(deb)
  if (options.trial) {
    const { tryPackages } = await import('./package/trial.ts')
    const figures = await tryPackages(debs, cache)
    process.stdout.write(`${JSON.stringify(figures)}\n`)
  }
} catch (error) {
  process.stderr.write(`package: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}

function several(flags: string, words: string, all: string[]): Option {
  return new Option(flags, words).choices(all).default(all)
}

async function build({ arch, only, out }: Options, wanted: string): Promise<Deb[]> {
  const epoch = Number(await run('git', ['log', '-1', '--format=%ct'], { cwd: root }))
  const debs: Deb[] = []
  for (const one of ARCHES.filter(({ debian }) => arch.includes(debian))) {
    for (const name of only) {
      debs.push(await makeDeb(name, one, { root, cache, out, version: wanted, epoch }))
    }
  }
  return debs
}

function show(deb: Deb): void {
  if (options.json) return void process.stdout.write(`${JSON.stringify(deb)}\n`)
  const [packed, installed] = [deb.bytes, deb.installedBytes].map((n) => (n / 1e6).toFixed(1))
  process.stdout.write(`${deb.file}\n`)
  tell(`${packed} MB, installed ${installed} MB, ${deb.elf} ELF files, ${deb.seconds} s`)
}
