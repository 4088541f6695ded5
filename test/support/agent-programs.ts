import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'

/** What every stand-in may use: `picture(width, height, level)` is a PPM picture. */
const PRELUDE = `#!${process.execPath}
const { writeFileSync } = require('node:fs')
writeFileSync(__filename + '.pid', String(process.pid))
const out = (bytes) => process.stdout.write(bytes)
const picture = (width, height, level = 0) =>
  Buffer.concat([
    Buffer.from('P6\\n' + width + ' ' + height + '\\n255\\n'),
    Buffer.alloc(width * height * 3, level),
  ])
const hang = () => setInterval(() => {}, 1000)
`

/** Writes a program into `folder` that runs `script`, and gives its path. */
export async function standIn(folder: string, name: string, script: string): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, PRELUDE + script)
  await chmod(file, 0o755)
  return file
}

/** The process id of a stand-in. Throws where it has not started yet. */
export async function pidOf(program: string): Promise<number> {
  const pid = Number(await readFile(`${program}.pid`, 'utf8'))
  if (pid > 0) return pid
  throw new RangeError(`${program} has not started yet`)
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
