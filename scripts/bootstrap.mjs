// Sets up everything that the programs and the tests need, and does nothing when all is there.
// Plain JavaScript: it runs before anything is installed.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
/** The tests drive a real browser. */
const forTests = process.argv.includes('--tests')
const packages = [
  'shared',
  'models',
  'certs',
  'agent',
  'server',
  'server/console',
  'scripts',
  'test',
]

process.chdir(root)
checkNode()
install()
build()
ensurePrograms()

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  fail(`Node ${process.versions.node} is too old.`, 'Install Node 20.19 or newer.')
}

/** Installs what the lockfile says, unless that was done with these very files. */
function install() {
  const stamp = join('node_modules', '.vedette-bootstrap')
  const files = [
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    ...packages.map((p) => `${p}/package.json`),
  ]
  const hash = createHash('sha256')
  for (const file of ['package.json', ...files]) hash.update(readFileSync(file))
  hash.update(process.version)
  const wanted = hash.digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  step('installing packages')
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], {
    CI: 'true',
    ONNXRUNTIME_NODE_INSTALL: 'skip',
  })
  writeFileSync(stamp, wanted)
}

function build() {
  step('building')
  run(bin('tsc'), ['-b', ...packages])
  for (const [folder, name] of [
    ['models', 'resample'],
    ['server', 'search'],
  ]) {
    const [source, target] = [`${folder}/kernels/${name}.ts`, `${folder}/dist/${name}.wasm`]
    if (existsSync(target) && statSync(target).mtimeMs >= statSync(source).mtimeMs) continue
    const flags = ['-O3', '--noAssert', '--enable', 'simd', '--runtime', 'stub']
    run(join(folder, 'node_modules', '.bin', 'asc'), [source, '--outFile', target, ...flags])
  }
  run(process.execPath, ['models/dist/compile/main.js'])
  buildConsole()
}

/** What browsers are served; made anew only where something of it changed. */
function buildConsole() {
  const folder = join('server', 'console')
  const built = join(folder, 'dist', 'index.html')
  const sources = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/node_modules|dist/.test(entry.parentPath))
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs)
  if (existsSync(built) && statSync(built).mtimeMs >= Math.max(...sources)) return
  run(join(folder, 'node_modules', '.bin', 'vite'), ['build', folder, '--logLevel', 'warn'])
}

/** Programs of the system: installed, where that is allowed, else named with the command that does it. */
function ensurePrograms() {
  const missing = [
    { any: ['ffmpeg'], from: 'ffmpeg', or: () => isProgram(packagedFfmpeg()), needed: true },
    { any: ['espeak-ng'], from: 'espeak-ng', needed: false, without: 'alerts are not spoken' },
    ...(forTests
      ? [{ any: ['chromium', 'chromium-browser', 'google-chrome'], from: 'chromium', needed: true }]
      : []),
  ].filter(({ any, or }) => !any.some(onPath) && !or?.())
  if (missing.length === 0) return
  const wanted = missing.map(({ from }) => from)
  const command = `apt-get install -y ${wanted.join(' ')}`
  const allowed = process.getuid?.() === 0 && onPath('apt-get')
  if (allowed) installPrograms(wanted)
  for (const { any, needed, without } of missing) {
    if (any.some(onPath)) continue
    const how = allowed ? `Install it by hand: ${command}` : `Install it: sudo ${command}`
    if (needed) fail(`There is no ${any[0]} on this machine.`, how)
    step(`there is no ${any[0]}: ${without}\n  ${how}`)
  }
}

function installPrograms(wanted) {
  step(`installing ${wanted.join(', ')}`)
  const quiet = {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }
  spawnSync('apt-get', ['update'], quiet)
  // One by one: what there is none of must not keep the others away.
  for (const name of wanted) {
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', name], quiet)
  }
}

function packagedFfmpeg() {
  try {
    return createRequire(join(root, 'agent', 'package.json'))('ffmpeg-static')
  } catch {
    return undefined
  }
}

function onPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) => isProgram(join(folder, program)))
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function bin(name) {
  return join('node_modules', '.bin', name)
}

function run(program, args, env = {}) {
  try {
    execFileSync(program, args, { stdio: ['ignore', 2, 2], env: { ...process.env, ...env } })
  } catch (error) {
    fail(`${program} ${args.join(' ')} failed: ${error.message}`, 'What it printed above says why.')
  }
}

function step(words) {
  process.stderr.write(`vedette: ${words}\n`)
}

function fail(what, todo) {
  process.stderr.write(`vedette: ${what}\n  ${todo}\n`)
  process.exit(1)
}
