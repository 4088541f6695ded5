import { statSync } from 'node:fs'
import { checkWhole, sqliteFault } from '@vedette/shared/sqlite'
import type BetterSqlite3 from 'better-sqlite3'
import { Thread, threadModule } from '../thread.ts'
import type { ListReading, ReadingOptions } from './list-reading.ts'
import type { OpeningReply, OpeningRequest } from './opening-thread.ts'

/** A smaller file is checked and read sooner than a thread has begun, bytes. */
const LARGE = 16 * 2 ** 20

export function isLarge(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= LARGE
}

/** Throws IntegrityFault `store.damaged` where the structure of `file` is not whole. */
export async function checkBeside(file: string, writer: BetterSqlite3.Database): Promise<void> {
  await beside({ do: 'check', file }).catch(() => {
    // Looked at again here, as only here the fault keeps its kind.
    try {
      checkWhole(writer, file)
    } catch (error) {
      throw sqliteFault(error)
    }
  })
}

/** The list; undefined where it cannot be read, of which whoever reads it row by row is told why. */
export async function readBeside(options: ReadingOptions): Promise<ListReading | undefined> {
  return beside({ do: 'read', ...options }).catch(() => undefined)
}

async function beside(request: OpeningRequest): Promise<OpeningReply> {
  const module = threadModule('opening-thread', import.meta.url)
  await using thread = new Thread<OpeningRequest, OpeningReply>(module, undefined)
  return await thread.ask(request)
}
