import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readFolder } from '@vedette/server/cli/import/folder'
import { readTable } from '@vedette/server/cli/import/table'
import { describe, expect, it } from 'vitest'

/** As the console has it: the page is built apart, and its types are its own. */
type Row = { at: string; name: string; photos: { name: string }[]; missing?: string[] }
type Rows = {
  readRows(files: { path: string; read: () => Promise<Blob> }[]): Promise<{
    rows: Row[]
    others: string[]
    fault?: string
  }>
}
const source = new URL('../../server/console/src/pages/wanted/import-rows.ts', import.meta.url)
const { readRows } = (await import(source.href)) as Rows

const placed = (path: string, text = path) => ({
  path,
  read: async () => new Blob([text]),
})

/** Photographs by name, whichever side read them. */
const told = ({ photos, missing, ...row }: Row | { photos: string[]; missing?: undefined }) => ({
  ...row,
  photos: [
    ...photos.map((photo) => (typeof photo === 'string' ? photo : photo.name)),
    ...(missing ?? []),
  ].map((path) => path.split('/').at(-1)),
})

const TABLES: [string, string][] = [
  ['commas', 'name,photos\nErin,a.jpg\nFay,a.jpg|b.jpg\n'],
  ['semicolons and a byte order mark', '\uFEFFname;photo;note\r\nErin;a.jpg;tall, thin\r\n'],
  ['tabs', 'Name\tPhotos\tCase Number\nErin\ta.jpg\t4711\n'],
  ['quotes, with commas and quotes within', 'name,photos,note\n"Doe, Jane",a.jpg,"says ""no"""\n'],
  ['a line break within quotes', 'name,photos,note\nErin,a.jpg,"two\nlines"\nFay,b.jpg,x\n'],
  ['empty lines, and none at the end', 'name,photos\n\nErin,a.jpg\n\nFay,b.jpg'],
  ['columns that nobody knows', 'id,name,photos,shoe size\n1,Erin,a.jpg,38\n'],
  ['all that can be said', `${ALL()}\n`],
]

function ALL(): string {
  return [
    'name,photos,aliases,face,list,expires,because,legal basis,authority,case,note,source,taken',
    'Erin,a.jpg,E|Ery,2,wanted,30d,order,act 14,court,4711,tall,file,2026-01-02',
  ].join('\n')
}

describe('the console reads a table as the command line does', () => {
  it.each(TABLES)('%s', async (_, text) => {
    const folder = await mkdtemp(join(tmpdir(), 'vedette-table-'))
    try {
      const file = join(folder, 'people.csv')
      await writeFile(file, text)
      const here = await readRows([placed('people.csv', text), placed('a.jpg'), placed('b.jpg')])
      expect(here.rows.map(told)).toEqual((await readTable(file)).map(told))
      expect(here.rows.every(({ missing }) => missing?.length === 0)).toBe(true)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('and says which photographs nobody gave, and what cannot be read', async () => {
    const table = placed('x/people.csv', 'name,photos\nErin,../a.jpg|c.jpg\n')
    const { rows } = await readRows([table, placed('a.jpg')])
    expect(rows.map(({ photos, missing }) => [photos.length, missing])).toEqual([[1, ['x/c.jpg']]])
    const fault = async (text: string) => (await readRows([placed('p.csv', text)])).fault
    expect(await fault('surname,photos\nErin,a.jpg\n')).toBe('columns')
    expect(await fault('name,photos\n"Erin,a.jpg\n')).toBe('quotes')
  })
})

it('reads a folder as the command line does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-folder-'))
  const paths = ['Anna_Berg.jpg', 'Cleo/2.png', 'Cleo/1.jpg', 'Cleo/1.faces.jpg', 'notes.txt']
  try {
    await mkdir(join(folder, 'Cleo'))
    for (const path of [...paths, '.hidden.jpg']) await writeFile(join(folder, path), path)
    const here = await readRows([...paths, '.hidden.jpg'].map((path) => placed(path)))
    const there = await readFolder(folder)
    expect(here.rows.map(told)).toEqual(there.rows.map(told))
    expect(here.others).toEqual(there.others)
  } finally {
    await rm(folder, { recursive: true })
  }
})
