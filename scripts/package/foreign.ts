import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ARCHES } from './arch.ts'
import type { Deb } from './deb.ts'
import { checkElf } from './elf.ts'
import { run, tell } from './run.ts'

/**
 * Unpacks a package for another processor, holds its machine code against that, and runs it in
 * qemu's emulator over the C library of the cross compiler, where these are. Says how far it got.
 */
export async function tryForeign(deb: Deb, cache: string): Promise<string> {
  const arch = ARCHES.find(({ debian }) => debian === deb.arch)!
  const folder = join(cache, `foreign-${deb.name}`)
  await rm(folder, { recursive: true, force: true })
  await run('dpkg-deb', ['-x', deb.file, folder])
  try {
    const elf = await checkElf(folder, arch)
    const library = join(folder, 'usr', 'lib', deb.name)
    const qemu = `/usr/bin/qemu-${arch.gnu.split('-')[0]}-static`
    const libc = `/usr/${arch.gnu}`
    if (!existsSync(qemu) || !existsSync(libc)) return `${elf} ELF files, not run: no ${qemu}`
    tell(`running ${deb.name} for ${deb.arch} in an emulator`)
    const node = (script: string) =>
      run(qemu, ['-L', libc, join(library, 'node'), '-e', script], { cwd: library })
    const loaded: string[] = []
    for (const [name, { script, says, must }] of Object.entries(ADDONS)) {
      if (!existsSync(join(library, 'node_modules', name))) continue
      try {
        const said = await node(script)
        if (said.trim() !== says) throw new Error(`${name} says ${said}`)
        loaded.push(name)
      } catch (error) {
        if (must) throw error
        tell(`${name} does not run in the emulator`)
      }
    }
    return `${elf} ELF files; ran in an emulator: node, ${loaded.join(', ')}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What each addon is to do. Those that qemu 7.2 cannot run although they are in order need not. */
const ADDONS: Readonly<Record<string, { script: string; says: string; must: boolean }>> = {
  'better-sqlite3': {
    script: `console.log(new (require('better-sqlite3'))(':memory:').prepare('SELECT 7').pluck().get())`,
    says: '7',
    must: true,
  },
  sharp: {
    script: `require('sharp')({ create: { width: 8, height: 4, channels: 3, background: 'red' } }).jpeg().toBuffer().then((b) => require('sharp')(b).metadata()).then((m) => console.log(m.width))`,
    says: '8',
    must: true,
  },
  'msgpackr-extract': {
    script: `console.log(typeof require('msgpackr-extract').extractStrings)`,
    says: 'function',
    must: true,
  },
  argon2: {
    script: `require('argon2').hash('x', { salt: Buffer.alloc(16), raw: true }).then((h) => console.log(h.length))`,
    says: '32',
    must: true,
  },
  'onnxruntime-node': {
    script: `console.log(typeof require('onnxruntime-node').InferenceSession)`,
    says: 'function',
    must: false,
  },
}
