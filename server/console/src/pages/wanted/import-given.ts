import { type Given, MOST_FILES, type Placed } from './import-placed.ts'

const ZIP = /\.zip$/i

/** Files that were chosen: a chosen folder's own name is left away, and a ZIP is the folder in it. */
export async function chosen(list: Iterable<File>): Promise<Given> {
  const files = [...list]
  const [only] = files
  if (only && files.length === 1 && ZIP.test(only.name)) return unzipped(only)
  return fewEnough(
    files.map((file) => placed(file.webkitRelativePath.split('/').slice(1).join('/'), file)),
  )
}

/**
 * Files and folders that were dropped. A single folder is as if it was chosen; of several, each is a
 * person's. What was dropped must be asked for while the event is told of.
 */
export async function dropped(items: Iterable<DataTransferItem>): Promise<Given> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const [only] = entries
  if (only && entries.length === 1 && isFile(only) && ZIP.test(only.name)) {
    return unzipped(await fileOf(only))
  }
  const files: Placed[] = []
  const top = only && entries.length === 1 && isFolder(only) ? only.fullPath.length : 0
  for (const waiting = entries; waiting.length > 0; ) {
    const entry = waiting.pop()
    if (entry && isFolder(entry)) waiting.push(...(await inside(entry)))
    else if (entry && isFile(entry)) {
      files.push({ path: entry.fullPath.slice(top + 1), read: () => fileOf(entry) })
    }
    if (files.length + waiting.length > MOST_FILES) return { fault: 'many' }
  }
  return { files }
}

/**
 * Paths as they are seen from the folder that was packed: where all lie in one folder which is called
 * like the ZIP, or has folders or a table in it, that was the folder.
 */
export function belowTop(files: readonly Placed[], name: string): Placed[] {
  const shown = files.filter(({ path }) => !/(^|\/)(\.|__MACOSX\/)/.test(path))
  const [top = ''] = shown[0]?.path.split('/') ?? []
  const inTop = shown.filter(({ path }) => path.startsWith(`${top}/`))
  if (inTop.length < shown.length) return shown
  const below = inTop.map(({ path, read }) => ({ path: path.slice(top.length + 1), read }))
  const called = name.replace(ZIP, '') === top
  const isWhole = called || below.some(({ path }) => path.includes('/') || /\.[ct]sv$/i.test(path))
  return isWhole ? below : shown
}

async function unzipped(file: File): Promise<Given> {
  const { readZip } = await import('./import-zip.ts')
  const given = await readZip(file)
  return 'fault' in given ? given : { files: belowTop(given.files, file.name) }
}

function placed(path: string, file: File): Placed {
  return { path: path || file.name, read: async () => file }
}

function fewEnough(files: Placed[]): Given {
  return files.length > MOST_FILES ? { fault: 'many' } : { files }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

/** All that is in a folder: it is told a hundred at a time, until nothing is. */
async function inside(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const found: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return found
    found.push(...some)
    if (found.length > MOST_FILES) return found
  }
}
