import { readdir, readFile } from 'node:fs/promises'

/** Left for files, the database and the desk, whoever comes. */
const RESERVE = 128

/**
 * Connections that this process can hold with descriptors to spare; infinitely many where the system
 * does not say (there is no /proc).
 */
export async function descriptorRoom(proc = '/proc/self'): Promise<number> {
  try {
    const [limits, open] = await Promise.all([
      readFile(`${proc}/limits`, 'utf8'),
      readdir(`${proc}/fd`),
    ])
    const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? []
    if (soft === undefined) return Number.POSITIVE_INFINITY
    return Math.max(1, Number(soft) - RESERVE - open.length)
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
