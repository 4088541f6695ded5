import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import { Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { FastifyInstance } from 'fastify'
import { consoleHeaders } from './answer-headers.ts'

const FOLDER = fileURLToPath(new URL('../../console/dist', import.meta.url))
const PAGE = '/index.html'
/** Built with their content in their names: they never change. */
const FOREVER = 'public, max-age=31536000, immutable'
/** Compressing less than that saves nothing, bytes. */
const LEAST = 512

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}
const COMPRESSED = new Set(['.css', '.html', '.js', '.json', '.svg', '.txt', '.webmanifest'])

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)
type Coding = 'br' | 'gzip' | 'identity'

/** One file of the built console; what it is compressed to is made when it is first asked for. */
class ConsoleFile {
  readonly type: string
  readonly etag: string
  readonly forever: boolean
  readonly #bytes: Buffer
  readonly #compresses: boolean
  readonly #made = new Map<Coding, Promise<Buffer>>()

  constructor(path: string, bytes: Buffer) {
    const extension = extname(path)
    this.type = TYPES[extension] ?? 'application/octet-stream'
    this.etag = createHash('sha256').update(bytes).digest('base64url').slice(0, 22)
    this.forever = path.startsWith('/assets/')
    this.#bytes = bytes
    this.#compresses = COMPRESSED.has(extension) && bytes.length >= LEAST
  }

  /** Of those that `accepted` names the shortest. */
  coding(accepted: string): Coding {
    if (!this.#compresses) return 'identity'
    if (/\bbr\b/.test(accepted)) return 'br'
    return /\bgzip\b/.test(accepted) ? 'gzip' : 'identity'
  }

  as(coding: Coding): Promise<Buffer> {
    if (coding === 'identity') return Promise.resolve(this.#bytes)
    const known = this.#made.get(coding)
    if (known !== undefined) return known
    const made =
      coding === 'br'
        ? brotli(this.#bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
        : zip(this.#bytes, { level: 9 })
    this.#made.set(coding, made)
    return made
  }
}

/** The console as it was built: a map of what there is. No path that is asked for meets the disk. */
export class ConsoleFiles {
  readonly #files: ReadonlyMap<string, ConsoleFile>

  /** Where nothing is built there is no page; the desk is there all the same, and says so. */
  static async read(log: Log, folder = FOLDER): Promise<ConsoleFiles> {
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
    const files = await Promise.all(
      found
        // What the build says of itself is for tests.
        .filter(
          (entry) => entry.isFile() && !join(entry.parentPath, entry.name).includes(`${sep}.`),
        )
        .map(async (entry) => {
          const file = join(entry.parentPath, entry.name)
          const path = `/${relative(folder, file).split(sep).join('/')}`
          return [path, new ConsoleFile(path, await readFile(file))] as const
        }),
    )
    const all = new Map(files)
    if (!all.has(PAGE)) log.warn({ folder, hint: 'node scripts/bootstrap.mjs' }, 'console.unbuilt')
    return new ConsoleFiles(all)
  }

  private constructor(files: ReadonlyMap<string, ConsoleFile>) {
    this.#files = files
  }

  get paths(): string[] {
    return [...this.#files.keys()]
  }

  /** The file at `path`; a path of the page's own gives the page. */
  at(path: string): ConsoleFile | undefined {
    const file = this.#files.get(path)
    if (file !== undefined) return file
    const own = !path.includes('.') && !/^\/(api|assets)(\/|$)/.test(path)
    return own ? this.#files.get(PAGE) : undefined
  }
}

/** Serves `files` to whoever asks: they are the same for everybody, and say nothing of anybody. */
export function consolePages(app: FastifyInstance, files: ConsoleFiles, tiles?: string): void {
  const headers = consoleHeaders(tiles)
  // Whoever is not signed in is not told what there is.
  app.get('/api/*', { config: { needs: 'status.view' } }, () => {
    throw new Refusal('route.not-found', 'no such route')
  })
  app.get('/*', { config: { open: true } }, async (request, reply) => {
    const [path = '/'] = request.url.split('?', 1)
    const file = files.at(path)
    if (file === undefined) throw new Refusal('route.not-found', 'no such route')
    const coding = file.coding(String(request.headers['accept-encoding'] ?? ''))
    const etag = `"${file.etag}-${coding}"`
    reply.headers({
      ...headers,
      'cache-control': file.forever ? FOREVER : 'no-cache',
      vary: 'accept-encoding',
      etag,
    })
    if (request.headers['if-none-match'] === etag) return reply.code(304).send()
    if (coding !== 'identity') reply.header('content-encoding', coding)
    return reply.type(file.type).send(await file.as(coding))
  })
}
