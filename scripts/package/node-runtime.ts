import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Arch } from './arch.ts'
import { run, tell } from './run.ts'

const VERSION = '20.20.2'

/** SHA-512 of the npm packages that carry Node's own binaries, as the registry has them. */
const INTEGRITY = {
  x64: 'PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==',
  arm64: 'LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==',
} as const

/** Folder with bin/node and include/node for `arch`; fetched once into `cache` and checked. */
export async function nodeRuntime(arch: Arch, cache: string): Promise<string> {
  const name = `node-linux-${arch.node}`
  const folder = join(cache, `${name}-${VERSION}`)
  if (existsSync(join(folder, 'bin', 'node'))) return folder
  await mkdir(cache, { recursive: true })
  const tarball = join(cache, `${name}-${VERSION}.tgz`)
  if (!existsSync(tarball)) {
    tell(`fetching Node ${VERSION} for ${arch.debian}`)
    await run('npm', ['pack', `${name}@${VERSION}`, '--silent'], { cwd: cache })
  }
  const found = createHash('sha512')
    .update(await readFile(tarball))
    .digest('base64')
  if (found !== INTEGRITY[arch.node]) throw new Error(`${tarball} is not what was published`)
  const partial = `${folder}.part`
  await mkdir(partial, { recursive: true })
  await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', partial])
  await rename(partial, folder)
  return folder
}
