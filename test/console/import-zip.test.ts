import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { type Packed, zipOf } from '../support/zip.ts'

/** As the console has it: the page is built apart, and its types are its own. */
type Placed = { path: string; read: () => Promise<Blob> }
type Given = { files: Placed[] } | { fault: string }
const own = (file: string) =>
  import(new URL(`../../server/console/src/pages/wanted/${file}`, import.meta.url).href)
const { chosen, dropped } = (await own('import-given.ts')) as {
  chosen(files: Iterable<File>): Promise<Given>
  dropped(items: Iterable<unknown>): Promise<Given>
}

const { readZip } = (await own('import-zip.ts')) as {
  readZip(zip: Blob, mostFiles: number): Promise<Given>
}

const file = (name: string, bytes: Uint8Array = Buffer.from(name)): Packed => ({ name, bytes })
const give = (name: string, packed: readonly Packed[] | Buffer) => {
  const bytes = Buffer.isBuffer(packed) ? packed : zipOf(packed)
  return chosen([
    Object.assign(new File([new Uint8Array(bytes)], name), { webkitRelativePath: '' }),
  ])
}
const filesOf = (given: Given) => ('files' in given ? given.files : [])
const pathsOf = (given: Given) => filesOf(given).map(({ path }) => path)
const faultOf = async (packed: readonly Packed[] | Buffer) => {
  const given = await give('x.zip', packed)
  return 'fault' in given ? given.fault : 'none'
}
const codeOf = (read: Promise<unknown>) =>
  read.then(
    () => 'read',
    (error: { code?: string }) => error.code ?? String(error),
  )

it('a ZIP is the folder that was packed, and is unpacked when it is read', async () => {
  const [anna, cleo] = [randomBytes(70_000), randomBytes(20)]
  const given = await give('list.zip', [file('Anna.jpg', anna), file('Cleo/1.jpg', cleo)])
  const [first, second] = filesOf(given)
  expect([first?.path, second?.path]).toEqual(['Anna.jpg', 'Cleo/1.jpg'])
  expect(Buffer.from(await (await first!.read()).arrayBuffer())).toEqual(anna)
  expect(Buffer.from(await (await second!.read()).arrayBuffer())).toEqual(cleo)
})

it.each([
  ['people.zip', ['people/Anna.jpg', 'people/Berta.jpg'], ['Anna.jpg', 'Berta.jpg']],
  ['x.zip', ['people/Cleo/1.jpg', 'people/Anna.jpg'], ['Cleo/1.jpg', 'Anna.jpg']],
  ['x.zip', ['people/all.csv', 'people/a.jpg', '__MACOSX/people/._a.jpg'], ['all.csv', 'a.jpg']],
  ['x.zip', ['Cleo/1.jpg', 'Cleo/2.jpg', '.DS_Store'], ['Cleo/1.jpg', 'Cleo/2.jpg']],
  ['x.zip', ['./Cleo\\1.jpg', 'Anna.jpg'], ['Cleo/1.jpg', 'Anna.jpg']],
])('%s of %j is %j', async (name, packed, paths) => {
  expect(
    pathsOf(
      await give(
        name,
        packed.map((path) => file(path)),
      ),
    ),
  ).toEqual(paths)
})

it.each([
  '../a.jpg',
  '/a.jpg',
  'b/../../a.jpg',
  'C:\\a.jpg',
  '..\\a.jpg',
  '\\\\x\\a.jpg',
  'a\0.jpg',
])('nothing is read of one with the path %j', async (path) => {
  expect(await faultOf([file('Anna.jpg'), file(path)])).toBe('paths')
})

it('nothing is read of one that is locked, cut short, none, too many, or a bomb', async () => {
  const anna = file('Anna.jpg', randomBytes(100))
  expect(await faultOf([{ ...anna, says: { flags: 1 } }])).toBe('locked')
  expect(await faultOf(zipOf([anna]).subarray(0, -30))).toBe('broken')
  expect(await faultOf(Buffer.from('no ZIP at all'))).toBe('broken')
  expect(await faultOf([anna, file('Zero.jpg', Buffer.alloc(6_000_000))])).toBe('bomb')
  expect(await faultOf([{ ...anna, says: { size: 0xff_ff_ff_f0 } }])).toBe('bomb')
  const three = new Blob([new Uint8Array(zipOf([file('1.jpg'), file('2.jpg'), file('3.jpg')]))])
  expect([await readZip(three, 2), pathsOf(await readZip(three, 3)).length]).toEqual([
    { fault: 'many' },
    3,
  ])
})

it('what unpacks to more than it says, is too large, damaged, or shared is not read', async () => {
  const noise = randomBytes(9_000_000)
  const given = await give('x.zip', [
    { ...file('Liar.jpg', randomBytes(5000)), says: { size: 10 } },
    file('Large.jpg', noise),
    file('Good.jpg', noise.subarray(0, 50)),
    { ...file('Twice.jpg', noise.subarray(0, 50)), shares: true },
  ])
  const codes = await Promise.all(filesOf(given).map(({ read }) => codeOf(read())))
  expect(codes.slice(0, 2)).toEqual(['Error: Invalid uncompressed size', 'photo.too-large'])
  expect(codes.slice(2).filter((code) => code === 'read')).toHaveLength(1)
  const damaged = zipOf([file('Anna.jpg', randomBytes(5000))])
  damaged[2000]! ^= 1
  const [anna] = filesOf(await give('x.zip', damaged))
  expect(await codeOf(anna!.read())).not.toBe('read')
})

const folder = (path: string, ...inside: object[]) => ({
  ...{ isFile: false, isDirectory: true, fullPath: path },
  createReader: () => {
    const left = [inside.slice(0, 1), inside.slice(1), []]
    return { readEntries: (done: (some: object[]) => void) => done(left.shift() ?? []) }
  },
})
const leaf = (path: string) => ({
  ...{ isFile: true, isDirectory: false, fullPath: path, name: path.split('/').at(-1) },
  file: (done: (file: File) => void) => done(new File([path], path)),
})
const drop = async (...entries: object[]) =>
  pathsOf(await dropped(entries.map((entry) => ({ webkitGetAsEntry: () => entry })))).toSorted()

it('a folder that is dropped is as if it was chosen; of several each is a person', async () => {
  const anna = folder('/all/Anna', leaf('/all/Anna/1.jpg'), leaf('/all/Anna/2.jpg'))
  const all = folder('/all', anna, leaf('/all/Berta.jpg'))
  expect(await drop(all)).toEqual(['Anna/1.jpg', 'Anna/2.jpg', 'Berta.jpg'])
  const own = (name: string) => folder(`/${name}`, leaf(`/${name}/1.jpg`))
  expect(await drop(own('Anna'), own('Cleo'))).toEqual(['Anna/1.jpg', 'Cleo/1.jpg'])
})
