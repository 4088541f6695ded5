import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What is on the disk of a machine is in a file of this one: what it forgets in a power cut is not. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly path: string
  readonly #image: string

  /** An empty ext4 file system of `megabytes`. Rejects where none can be made or mounted: ask `canLoop`. */
  static async make(megabytes: number): Promise<LoopDisk> {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-disk-'))
    const image = join(folder, 'image')
    await run('truncate', ['-s', `${megabytes}M`, image])
    await run('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image])
    return LoopDisk.#mount(folder)
  }

  static async #mount(folder: string): Promise<LoopDisk> {
    const path = join(folder, 'mounted')
    await mkdir(path)
    try {
      await run('mount', ['-o', 'loop', join(folder, 'image'), path])
    } catch (error) {
      await rm(folder, { recursive: true })
      throw error
    }
    return new LoopDisk(folder, path)
  }

  private constructor(folder: string, path: string) {
    this.#image = join(folder, 'image')
    this.path = path
  }

  /** The disk as it would be found if the power were cut now, mounted: its journal is played back. */
  async cut(): Promise<LoopDisk> {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-disk-'))
    await run('cp', ['--sparse=always', this.#image, join(folder, 'image')])
    return LoopDisk.#mount(folder)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', ['--lazy', this.path])
    await rm(join(this.#image, '..'), { recursive: true, force: true })
  }
}

/** True where this process may mount a file system that lies in a file. */
export async function canLoop(): Promise<boolean> {
  try {
    await using _disk = await LoopDisk.make(8)
    return true
  } catch {
    return false
  }
}
