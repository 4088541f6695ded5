import { cp, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Arch } from './arch.ts'
import { controlFiles } from './control.ts'
import { checkElf, glibcNeeded } from './elf.ts'
import { PACKAGES } from './packages.ts'
import { run, tell } from './run.ts'
import { makeTree, type Program } from './tree.ts'

export type DebOptions = {
  /** The repository. */
  root: string
  /** What was fetched and compiled before. */
  cache: string
  /** Where the package goes. */
  out: string
  version: string
  /** Time that every file carries, seconds since 1970: the same input is the same package. */
  epoch: number
}

export type Deb = {
  file: string
  name: string
  arch: Arch['debian']
  version: string
  bytes: number
  installedBytes: number
  /** Files of machine code, all for that processor. */
  elf: number
  seconds: number
}

/** Builds the package of one program for one processor. */
export async function makeDeb(program: Program, arch: Arch, options: DebOptions): Promise<Deb> {
  const { root, cache, out, version, epoch } = options
  const parts = PACKAGES[program]
  const began = performance.now()
  tell(`${parts.name} ${version} for ${arch.debian}`)
  const stage = join(cache, `stage-${parts.name}-${arch.debian}`)
  await rm(stage, { recursive: true, force: true })
  const library = join(stage, 'usr', 'lib', parts.name)
  await mkdir(dirname(library), { recursive: true })
  await makeTree(program, arch, { root, cache, target: library })
  const elf = await checkElf(library, arch)
  await writeFiles(stage, parts.programs, '/usr/bin', 0o755)
  await writeFiles(stage, { [`${parts.name}.service`]: parts.unit }, '/usr/lib/systemd/system')
  await writeFiles(stage, parts.conffiles, '')
  for (const folder of [parts.home, parts.etc])
    await mkdir(join(stage, folder), { recursive: true })
  for (const [path, target] of Object.entries(parts.links)) await symlink(target, join(stage, path))
  await writeDocuments(stage, parts.name, root, version, epoch)
  await run('chmod', ['-R', 'u=rwX,go=rX', stage])
  await run('chmod', ['0755', join(library, 'node')])
  const installedBytes = await sizeOf(stage)
  const control = controlFiles(parts, {
    version,
    arch,
    glibc: await glibcNeeded(library),
    installedKiB: Math.ceil(installedBytes / 1024),
  })
  const scripts = new Set(['postinst', 'prerm', 'postrm'])
  for (const [name, text] of Object.entries(control)) {
    await writeFiles(stage, { [name]: text }, '/DEBIAN', scripts.has(name) ? 0o755 : 0o644)
  }
  await mkdir(out, { recursive: true })
  const file = join(out, `${parts.name}_${version}_${arch.debian}.deb`)
  await run('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z12', '--build', stage, file], {
    env: { SOURCE_DATE_EPOCH: String(epoch) },
  })
  await rm(stage, { recursive: true })
  const { size } = await stat(file)
  const seconds = Math.round((performance.now() - began) / 100) / 10
  const { name } = parts
  return { file, name, arch: arch.debian, version, bytes: size, installedBytes, elf, seconds }
}

async function writeFiles(
  stage: string,
  files: Readonly<Record<string, string>>,
  folder: string,
  mode = 0o644,
): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(stage, folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text, { mode })
  }
}

async function writeDocuments(
  stage: string,
  name: string,
  root: string,
  version: string,
  epoch: number,
): Promise<void> {
  const folder = join(stage, 'usr', 'share', 'doc', name)
  await mkdir(folder, { recursive: true })
  await cp(join(root, 'README.md'), join(folder, 'README.md'))
  const date = new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')
  const changelog = `${name} (${version}) unstable; urgency=medium\n\n  * See the repository's history.\n\n -- Vedette maintainers <maintainers@vedette.invalid>  ${date}\n`
  await writeFile(join(folder, 'changelog.gz'), gzipSync(changelog, { level: 9 }))
  await writeFile(join(folder, 'copyright'), COPYRIGHT)
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((name) => name.isFile())
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

const COPYRIGHT = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Vedette

Files: *
Copyright: Vedette maintainers
License: MIT
Comment: The packages below node_modules have licences of their own, each in its folder; Node's is at
 https://github.com/nodejs/node/blob/main/LICENSE.

License: MIT
 Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
 associated documentation files (the "Software"), to deal in the Software without restriction,
 including without limitation the rights to use, copy, modify, merge, publish, distribute,
 sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
 furnished to do so, subject to the following conditions:
 .
 The above copyright notice and this permission notice shall be included in all copies or
 substantial portions of the Software.
 .
 THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
 NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
 NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
 DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
 OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
`
