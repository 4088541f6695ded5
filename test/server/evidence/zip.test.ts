import { execFileSync } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzip, zipOf } from '@vedette/server/evidence/zip'
import { describe, expect, it } from 'vitest'

const parts = new Map([
  ['a.txt', Buffer.from('one')],
  ['folder/ü.bin', Buffer.alloc(3000, 5)],
  ['empty', Buffer.alloc(0)],
])

describe('a ZIP file', () => {
  it('is opened by other programs', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'vedette-zip-')), 'x.zip')
    await writeFile(file, zipOf(parts))
    const script = `import sys, zipfile, json
z = zipfile.ZipFile(sys.argv[1])
print(json.dumps([z.testzip(), [[i.filename, i.file_size] for i in z.infolist()]]))`
    const said = execFileSync('python3', ['-c', script, file]).toString()
    expect(JSON.parse(said)).toEqual([
      null,
      [
        ['a.txt', 3],
        ['folder/ü.bin', 3000],
        ['empty', 0],
      ],
    ])
  })

  it('gives back its parts, in their order', () => {
    const opened = unzip(zipOf(parts))!
    expect(opened.whole).toBe(true)
    expect([...opened.parts]).toEqual([...parts].map(([name, bytes]) => [name, Buffer.from(bytes)]))
    expect(unzip(zipOf(new Map()))).toEqual({ parts: new Map(), whole: true })
  })

  it('is not the same when any byte of it is another', () => {
    const file = zipOf(parts)
    for (let at = 0; at < file.length; at++) {
      const touched = Buffer.from(file)
      touched[at]! ^= 1
      const opened = unzip(touched)
      const same =
        opened?.whole && [...opened.parts].every(([name, bytes]) => parts.get(name)?.equals(bytes))
      expect([at, same ?? false]).toEqual([at, false])
    }
  })

  it('that is cut off anywhere is not read beyond its end', () => {
    const file = zipOf(parts)
    for (let length = 0; length < file.length; length++) {
      expect(unzip(file.subarray(0, length))).toBeUndefined()
    }
  })
})
