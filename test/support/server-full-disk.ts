import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { vi } from 'vitest'
import { TemporaryStore } from './server-store.ts'

/** A store whose disk can be filled and freed. */
export type FullDisk = { stored: TemporaryStore; fill(): void; free(): void } & AsyncDisposable

/** SQLite's own limit for the one connection that the store has. */
export async function limitedDatabase(): Promise<FullDisk> {
  const pragma = vi.spyOn(BetterSqlite3.prototype, 'pragma')
  const stored = await TemporaryStore.make()
  const connection = pragma.mock.contexts[0] as BetterSqlite3.Database
  pragma.mockRestore()
  return {
    stored,
    fill: () => connection.pragma('max_page_count = 1'), // SQLite takes it as: what it has
    free: () => connection.pragma('max_page_count = 1000000'),
    [Symbol.asyncDispose]: () => stored[Symbol.asyncDispose](),
  }
}

/** A file system of `size` bytes in memory; only root may mount one. */
export async function smallDisk(size = 2 ** 20): Promise<FullDisk> {
  let ballast = ''
  const stored = await TemporaryStore.make((folder) => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', folder])
    ballast = join(folder, 'ballast')
  })
  return {
    stored,
    fill() {
      try {
        writeFileSync(ballast, Buffer.alloc(size))
      } catch {} // no space left on device: as it should be
    },
    free: () => rmSync(ballast),
    async [Symbol.asyncDispose]() {
      await stored.close()
      execFileSync('umount', ['--lazy', stored.folder])
      await stored[Symbol.asyncDispose]()
    },
  }
}

/** True where file systems can be mounted. */
export function canMount(): boolean {
  const place = mkdtempSync(join(tmpdir(), 'vedette-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', place], { stdio: 'ignore' })
    execFileSync('umount', [place])
    return true
  } catch {
    return false
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
