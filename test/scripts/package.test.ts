import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ARCHES } from '@vedette/scripts/package/arch'
import { controlFiles } from '@vedette/scripts/package/control'
import { PACKAGES } from '@vedette/scripts/package/packages'
import { parseServerConfig } from '@vedette/server/config'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const both = Object.values(PACKAGES).map((parts) => [parts.name, parts] as const)

function controlOf(parts: (typeof PACKAGES)['server']) {
  const about = { version: '1.2.3', arch: ARCHES[1]!, glibc: '2.34', installedKiB: 5 }
  return controlFiles(parts, about)
}

/** Field of a control file. */
const field = (control: string, name: string) =>
  new RegExp(`^${name}: (.*)$`, 'm').exec(control)?.[1]

describe.each(both)('the package %s', (name, parts) => {
  it('says what it is and what it needs', () => {
    const { control = '' } = controlOf(parts)
    expect(field(control, 'Package')).toBe(name)
    expect(field(control, 'Version')).toBe('1.2.3')
    expect(field(control, 'Architecture')).toBe('arm64')
    expect(field(control, 'Depends')).toMatch(/^libc6 \(>= 2\.34\), libstdc\+\+6, /)
    expect(field(control, 'Description')?.length).toBeLessThan(80)
    for (const line of control.trimEnd().split('\n')) {
      expect(line).toMatch(/^([A-Z][A-Za-z-]+: \S.*| \S.*)$/)
    }
  })

  it('has scripts that the shell can read, for dpkg and for people', async () => {
    const { control: _, conffiles: __, ...scripts } = controlOf(parts)
    const folder = await mkdtemp(join(tmpdir(), 'vedette-package-'))
    try {
      for (const [file, text] of Object.entries({ ...scripts, ...parts.programs })) {
        expect(text.startsWith('#!/bin/sh\nset -e\n')).toBe(true)
        await writeFile(join(folder, file), text)
        await run('sh', ['-n', join(folder, file)])
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('enables nothing, and takes everything away only when it is purged', () => {
    const { postinst = '', postrm = '', prerm = '' } = controlOf(parts)
    expect(postinst).not.toMatch(/\benable\b|systemctl start/)
    expect(prerm).not.toContain('rm -rf')
    const [before = ''] = postrm.split('rm -rf')
    expect(before).toContain('if [ "$1" = purge ]')
    for (const place of [parts.home, parts.etc]) expect(postrm).toContain(place)
  })

  it('runs its unit as its own user, from where it puts the program', () => {
    expect(parts.unit).toContain(`User=${parts.user}\n`)
    const [, exec = ''] = /^ExecStart=\/usr\/bin\/(\S+)/m.exec(parts.unit) ?? []
    expect(Object.keys(parts.programs)).toContain(exec)
  })
})

describe('the configuration that ships', () => {
  it('is one that the server takes', () => {
    const [[file, text] = ['', '']] = Object.entries(PACKAGES.server.conffiles)
    expect(parseServerConfig(text, file)).toMatchObject({ gate: { port: 7443 } })
  })
})
