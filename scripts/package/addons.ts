import { existsSync, realpathSync } from 'node:fs'
import { copyFile, cp, mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Arch } from './arch.ts'
import { nodeRuntime } from './node-runtime.ts'
import { run, tell } from './run.ts'

/** An addon that npm brings for no processor, or brings broken: compiled from its package's source. */
type Addon = {
  name: string
  /** A room that asks for it. */
  room: string
  built: string
  /** Where its package looks for it. */
  place: string
  needs: readonly string[]
}

export const ADDONS: readonly Addon[] = [
  {
    name: 'better-sqlite3',
    room: 'server',
    built: 'better_sqlite3.node',
    place: 'build/Release/better_sqlite3.node',
    needs: [],
  },
  {
    // What its package brings ready-made dies while it is loaded (0.45.1, Node 20.20.2).
    name: 'argon2',
    room: 'certs',
    built: 'argon2.node',
    place: 'build/Release/argon2.node',
    needs: ['node-addon-api'],
  },
]

/** node-gyp as npm brings it. */
async function nodeGyp(): Promise<string> {
  const modules = (await run('npm', ['root', '--global'])).trim()
  return join(modules, 'npm', 'node_modules', 'node-gyp', 'bin', 'node-gyp.js')
}

/** The addon for `arch`, compiled with Debian's cross compiler; once into `cache`. */
export async function compileAddon(
  addon: Addon,
  arch: Arch,
  { root, cache }: { root: string; cache: string },
): Promise<string> {
  const { name, room, built, needs } = addon
  const source = packageFolder(name, join(root, room))
  const { version } = createRequire(import.meta.url)(join(source, 'package.json')) as {
    version: string
  }
  const file = join(cache, `${name}-${version}-${arch.debian}.node`)
  if (existsSync(file)) return file
  const headers = await nodeRuntime(arch, cache)
  const compiler = `${arch.gnu}-g++`
  if (!existsSync(join('/usr/bin', compiler))) {
    const wanted = `g++-${arch.gnu.replace('_', '-')}`
    throw new Error(`no ${compiler} here; install it: apt-get install ${wanted}`)
  }
  tell(`compiling ${name} ${version} for ${arch.debian}`)
  const work = join(cache, `compile-${name}-${arch.debian}`)
  await rm(work, { recursive: true, force: true })
  await mkdir(work, { recursive: true })
  const skipped = ['build', 'prebuilds', 'node_modules'].map((part) => join(source, part))
  await cp(source, work, { recursive: true, filter: (path) => !skipped.includes(path) })
  for (const need of needs) {
    const to = join(work, 'node_modules', need)
    await cp(packageFolder(need, source), to, { recursive: true, dereference: true })
  }
  await run(
    process.execPath,
    [await nodeGyp(), 'rebuild', '--release', `--arch=${arch.node}`, `--nodedir=${headers}`],
    {
      cwd: work,
      env: { CC: `${arch.gnu}-gcc`, CXX: compiler, AR: `${arch.gnu}-ar`, LINK: compiler },
    },
  )
  const made = join(work, 'build', 'Release', built)
  await run(`${arch.gnu}-strip`, ['--strip-unneeded', made])
  await copyFile(made, file)
  await rm(work, { recursive: true })
  return file
}

/** Where package `name` lies for whoever lies in `from`. */
function packageFolder(name: string, from: string): string {
  const require = createRequire(join(from, 'package.json'))
  for (const modules of require.resolve.paths(name) ?? []) {
    if (existsSync(join(modules, name, 'package.json'))) return realpathSync(join(modules, name))
  }
  throw new Error(`no ${name} for ${from}; run: npm run setup`)
}
