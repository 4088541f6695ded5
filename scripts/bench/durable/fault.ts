import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../../../bench/durable/fault.c', import.meta.url))
const COMPILERS = ['cc', 'gcc', 'clang']

export type FaultOptions = {
  /** Folder whose files it happens to. */
  under: string
  how: 'kill-before' | 'kill-after' | 'eio' | 'enospc'
  /** The calls that are counted, and that it happens to. */
  calls?: 'all' | 'sync' | 'write'
  /** The first of them that it happens to, 1 is the first of all; to how many, 0 for all from there. */
  at?: number
  span?: number
  /** A file: while it is there it happens to all of them. */
  flag?: string
  /** A file that tells how many there were. */
  count?: string
}

/** A disk that fails on demand: a library that comes before libc (fault.c), compiled here. */
export class Fault {
  readonly #folder: string

  /** Undefined where there is no C compiler. */
  static async compile(): Promise<Fault | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-fault-'))
    const to = ['-shared', '-fPIC', '-O1', '-o', join(folder, 'fault.so'), SOURCE, '-ldl']
    for (const compiler of COMPILERS) {
      try {
        execFileSync(compiler, to, { stdio: 'pipe' })
        return new Fault(folder)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      }
    }
    await rm(folder, { recursive: true })
    return undefined
  }

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** What a process must have in its environment for it. */
  environment(options: FaultOptions): Record<string, string> {
    const { under, how, calls, at, span, flag, count } = options
    return {
      LD_PRELOAD: join(this.#folder, 'fault.so'),
      FAULT_UNDER: under,
      FAULT_HOW: how,
      ...(calls !== undefined && { FAULT_CALLS: calls }),
      ...(at !== undefined && { FAULT_AT: String(at) }),
      ...(span !== undefined && { FAULT_FOR: String(span) }),
      ...(flag !== undefined && { FAULT_FLAG: flag }),
      ...(count !== undefined && { FAULT_COUNT: count }),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}
