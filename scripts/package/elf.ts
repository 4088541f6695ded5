import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Arch } from './arch.ts'

/** Every ELF file below `folder`, with its e_machine. */
export async function elfFiles(folder: string): Promise<{ path: string; machine: number }[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const found: { path: string; machine: number }[] = []
  for (const name of names) {
    if (!name.isFile()) continue
    const path = join(name.parentPath, name.name)
    const file = await open(path)
    const { buffer } = await file.read(Buffer.alloc(20), 0, 20, 0)
    await file.close()
    if (buffer.readUInt32BE(0) === 0x7f454c46)
      found.push({ path, machine: buffer.readUInt16LE(18) })
  }
  return found
}

/** Throws where a file is for another processor than `arch`. Gives how many there are. */
export async function checkElf(folder: string, arch: Arch): Promise<number> {
  const files = await elfFiles(folder)
  const foreign = files.find(({ machine }) => machine !== arch.elf)
  if (foreign !== undefined) throw new Error(`${foreign.path} is not for ${arch.debian}`)
  return files.length
}

/** The newest glibc that anything below `folder` asks for, as `2.34`. */
export async function glibcNeeded(folder: string): Promise<string> {
  let newest = 0
  for (const { path } of await elfFiles(folder)) {
    const text = (await readFile(path)).toString('latin1')
    for (const [, minor] of text.matchAll(/GLIBC_2\.(\d+)\b/g))
      newest = Math.max(newest, Number(minor))
  }
  return `2.${newest}`
}
