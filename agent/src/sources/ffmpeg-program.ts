import { execFile } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { FfmpegConfig } from '../config.ts'
import { ENVIRONMENT } from './child.ts'
import type { Needs } from './ffmpeg-input.ts'
import { jailArguments, librariesHere } from './jail.ts'

export type Command = { program: string; args: string[] }

/** How a program is started that may see only what it needs. */
export type Launcher = { command(needs: Needs, args: readonly string[]): Promise<Command> }

/** What runs here. */
export type FfmpegFacts = {
  path: string
  /** As ffmpeg gives it. */
  version: string
  /** What keeps it in: bubblewrap, or the limits of a process alone. */
  jail: 'bubblewrap' | 'none'
  /** Why there is no jail, where one was wanted. */
  why?: string
}

/** How nice it is to everything else on the machine. */
const NICENESS = '5'
const MOST_FILES = 64
const TRIAL_MS = 10_000
/** An older one lacks what is asked of it. */
const LEAST_VERSION = 5.1
const NOTHING: Needs = { network: false, files: [], devices: [] }

type Found = { facts: FfmpegFacts; command: (needs: Needs, args: readonly string[]) => Command }

const run = promisify(execFile)

/** ffmpeg, with limits on what it may take, and in a jail where this machine can make one. */
export class FfmpegProgram implements Launcher {
  readonly #config: FfmpegConfig
  readonly #log: Log
  readonly #path: string
  #found: Promise<Found> | undefined

  /** Programs are looked for on `path`. */
  constructor(config: FfmpegConfig, log: Log, path = process.env.PATH ?? '') {
    this.#config = config
    this.#log = log
    this.#path = path
  }

  /** Throws Unavailable `camera.ffmpeg-…` and `camera.jail-missing`. */
  async command(needs: Needs, args: readonly string[]): Promise<Command> {
    return (await this.#find()).command(needs, args)
  }

  /** What was found; throws as `command` does. */
  async facts(): Promise<FfmpegFacts> {
    return (await this.#find()).facts
  }

  /** Looks once; again only when nothing was found. */
  #find(): Promise<Found> {
    this.#found ??= this.#look().catch((error) => {
      this.#found = undefined
      throw error
    })
    return this.#found
  }

  async #look(): Promise<Found> {
    const found = await this.#confine()
    const { path, version } = found.facts
    // Builds of no release carry a date or a commit: they are new enough until they fail.
    const [, release] = /^n?(\d+\.\d+)/.exec(version) ?? []
    if (Number(release ?? LEAST_VERSION) >= LEAST_VERSION) return found
    throw new Unavailable('camera.ffmpeg-old', `${path} is of version ${version}`, {
      hint: `install ${LEAST_VERSION} or newer, or name another: ffmpeg: { path: … }`,
    })
  }

  async #confine(): Promise<Found> {
    const { jail, memory, path } = this.#config
    const ffmpeg = path ?? findFfmpeg(this.#path)
    const limits = limitsOf(memory, this.#path)
    const bwrap = jail === 'never' ? undefined : findProgram('bwrap', this.#path)
    let why = bwrap === undefined ? 'bubblewrap is not installed' : ''
    if (bwrap !== undefined) {
      const libraries = await librariesHere()
      const command = (needs: Needs, args: readonly string[]): Command =>
        chained([...limits, bwrap, ...jailArguments(ffmpeg, needs, libraries), ...args])
      try {
        const facts = {
          path: ffmpeg,
          version: await versionBy(command),
          jail: 'bubblewrap',
        } as const
        this.#log.info({ ...facts }, 'ffmpeg.found')
        return { facts, command }
      } catch (error) {
        why = firstLine(error)
      }
    }
    if (jail === 'always') {
      throw new Unavailable('camera.jail-missing', `ffmpeg cannot be jailed: ${why}`, {
        hint: 'apt-get install bubblewrap, and allow user namespaces; or set ffmpeg.jail to auto',
      })
    }
    const setpriv = findProgram('setpriv', this.#path)
    const bare = setpriv === undefined || (await isLocked()) ? [] : [setpriv, '--no-new-privs']
    const command = (_needs: Needs, args: readonly string[]): Command =>
      chained([...limits, ...bare, ffmpeg, ...args])
    const version = await versionBy(command).catch((cause) => {
      throw new Unavailable('camera.ffmpeg-broken', `${ffmpeg}: ${firstLine(cause)}`, {
        cause,
        hint: 'try it: ffmpeg -version; with a small ffmpeg.memory it cannot even start',
      })
    })
    const facts: FfmpegFacts = {
      path: ffmpeg,
      version,
      jail: 'none',
      ...(jail === 'auto' && { why }),
    }
    if (jail === 'auto') this.#log.warn({ ...facts }, 'ffmpeg.unjailed')
    else this.#log.info({ ...facts }, 'ffmpeg.found')
    return { facts, command }
  }
}

/** What limits a program that runs under it; `memory` bytes of address space. */
function limitsOf(memory: number, path: string): string[] {
  const [prlimit, nice] = [findProgram('prlimit', path), findProgram('nice', path)]
  const limits = [`--as=${memory}`, '--core=0', '--fsize=0', `--nofile=${MOST_FILES}`]
  return [
    ...(prlimit === undefined ? [] : [prlimit, ...limits]),
    ...(nice === undefined ? [] : [nice, '-n', NICENESS]),
  ]
}

/**
 * Whether this process, and so whatever it starts, can gain no rights any more: so it is in a service
 * that systemd has shut in, where setpriv has no leave to do what is done already.
 */
export async function isLocked(
  read = () => readFile('/proc/self/status', 'utf8'),
): Promise<boolean> {
  return /^NoNewPrivs:\s*1$/m.test(await read().catch(() => ''))
}

function chained([program, ...args]: string[]): Command {
  return { program: program!, args }
}

async function versionBy(
  command: (needs: Needs, args: readonly string[]) => Command,
): Promise<string> {
  const { program, args } = command(NOTHING, ['-version'])
  const { stdout } = await run(program, args, { timeout: TRIAL_MS, env: ENVIRONMENT })
  return /^ffmpeg version (\S+)/.exec(stdout)?.[1] ?? 'unknown'
}

function firstLine(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
  return (stderr.trim() || messageOf(error)).split('\n')[0]!
}

/** ffmpeg from PATH, else from the package ffmpeg-static where it brought one. */
export function findFfmpeg(path = process.env.PATH ?? ''): string {
  const found = [findProgram('ffmpeg', path), packaged()].find(
    (file) => file !== undefined && isProgram(file),
  )
  if (found !== undefined) return found
  throw new Unavailable('camera.ffmpeg-missing', 'no ffmpeg on this machine', {
    hint: 'install it: apt-get install ffmpeg',
  })
}

/** The first program `name` on the path. */
function findProgram(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isProgram)
}

function packaged(): string | undefined {
  try {
    return createRequire(import.meta.url)('ffmpeg-static') as string
  } catch {
    return undefined
  }
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
