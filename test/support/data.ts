import { existsSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const beside = fileURLToPath(new URL('../../../shared/data', import.meta.url))

/** Real faces and clips for measuring: VEDETTE_DATA, or ../shared/data beside the project. */
export const DATA = process.env.VEDETTE_DATA ?? beside

/** True when they are there; says so when they are not. */
export function dataIsThere(what: string): boolean {
  const there = existsSync(join(DATA, 'videos'))
  if (!there) process.stderr.write(`no data at ${DATA}: ${what} is not measured\n`)
  return there
}
