import { existsSync } from 'node:fs'
import { cp, lstat, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { ADDONS, compileAddon } from './addons.ts'
import type { Arch } from './arch.ts'
import { nodeRuntime } from './node-runtime.ts'
import { run } from './run.ts'

export type Program = 'server' | 'agent'

/** Paths in the tree that no program reads; `node_modules/` is left out of what is matched. */
const UNUSED = [
  /(^|\/)\.(bin|modules\.yaml|pnpm)$/,
  /\.(map|tsbuildinfo|d\.[cm]?ts|md|markdown|h|hpp|cc|cpp|gyp|gypi)$/,
  /(^|\/)(test|tests|__tests__|benchmark|benchmarks|docs|example|examples|\.github)$/,
  /^@types$/,
  /^(ffmpeg-static|node-gyp|@mapbox\/node-pre-gyp|@tensorflow\/tfjs-node)$/,
  /^better-sqlite3\/(deps|src)$/,
  /^argon2\/(prebuilds|argon2)$/,
  /^@vladmandic\/face-api\/(demo|src|types|build\.js|typedoc)$/,
  /^onnxruntime-node\/bin\/napi-v\d+\/(darwin|win32)$/,
  /\.musl\.node$/,
]
/** Of tfjs only what Node loads: everything in its packages' dist besides this goes. */
const TFJS_KEPT = /^@tensorflow\/[^/]+\/(package\.json|LICENSE|dist\/[^/]+\.(node\.js|wasm))$/

/** Makes the program's folder as it is installed: its code, what it stands on, and Node itself. */
export async function makeTree(
  program: Program,
  arch: Arch,
  { root, cache, target }: { root: string; cache: string; target: string },
): Promise<void> {
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    packageManager: string
  }
  await rm(target, { recursive: true, force: true })
  await run(
    'npx',
    [
      ...['--yes', packageManager, `--filter=@vedette/${program}`, 'deploy', '--legacy', '--prod'],
      ...[`--cpu=${arch.node}`, '--os=linux', '--libc=glibc', '--config.node-linker=hoisted'],
      ...['--ignore-scripts', target],
    ],
    { cwd: root, env: { CI: 'true' } },
  )
  const modules = join(target, 'node_modules')
  await prune(modules, modules, arch)
  await prune(join(target, 'dist'), join(target, 'dist'), arch)
  for (const addon of ADDONS) {
    const folder = join(modules, addon.name)
    if (!existsSync(folder)) continue
    await mkdir(dirname(join(folder, addon.place)), { recursive: true })
    await cp(await compileAddon(addon, arch, { root, cache }), join(folder, addon.place))
  }
  await cp(join(await nodeRuntime(arch, cache), 'bin', 'node'), join(target, 'node'))
}

/** Removes from `folder` what no program on `arch` reads; true when nothing is left of it. */
async function prune(folder: string, modules: string, arch: Arch): Promise<boolean> {
  let left = 0
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const inside = relative(modules, path).replaceAll(/(^|\/)node_modules\//g, '$1')
    const isFolder = (await lstat(path)).isDirectory()
    if (isUnused(inside, isFolder, arch)) await rm(path, { recursive: true })
    else if (isFolder && (await prune(path, modules, arch))) await rm(path, { recursive: true })
    else left++
  }
  return left === 0
}

function isUnused(path: string, isFolder: boolean, arch: Arch): boolean {
  if (UNUSED.some((pattern) => pattern.test(path))) return !isLicence(path)
  if (/^@tensorflow\/[^/]+\/./.test(path) && !isFolder) return !TFJS_KEPT.test(path)
  const [, processor] = /^onnxruntime-node\/bin\/napi-v\d+\/linux\/([^/]+)$/.exec(path) ?? []
  return processor !== undefined && processor !== arch.node
}

function isLicence(path: string): boolean {
  return /^(licen[cs]e|copying|notice)/i.test(basename(path))
}
