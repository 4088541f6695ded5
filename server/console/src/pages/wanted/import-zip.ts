import {
  BlobReader,
  ERR_UNSAFE_FILENAME,
  type FileEntry,
  ZipReader,
} from '@zip.js/zip.js/lib/zip-core-native.js'
import { type Given, MOST_FILES, type Placed, TooLarge } from './import-placed.ts'
import { MOST_BYTES } from './pictures.ts'

/** A table is text: more than photographs may have, bytes. */
const MOST_TABLE = 32 * 2 ** 20
/** Photographs hardly pack: what unpacks to so many times its size holds something else. */
const MOST_RATIO = 100
const SLACK = 2 ** 20

/**
 * The files of a ZIP, each unpacked when it is read: memory holds those that are asked about. Rejects
 * an archive that is no ZIP, is locked with a password, has too many files, has paths that lead out of
 * it, or unpacks to far more than photographs do. What unpacks to more than it says is not read, nor
 * what shares its bytes with another. Source: PKWARE APPNOTE 6.3.10; D. Fifield, A better zip bomb (2019).
 */
export async function readZip(zip: Blob, mostFiles = MOST_FILES): Promise<Given> {
  const options = { useWebWorkers: false, checkCrc32: true, checkOverlappingEntry: true }
  const reader = new ZipReader(new BlobReader(zip), options)
  const files: Placed[] = []
  let bytes = 0
  let seen = 0
  try {
    for await (const entry of reader.getEntriesGenerator({
      filenameValidation: 'strict',
      normalizeFilename: (name) => name.replaceAll('\\', '/').replace(/^(\.\/)+/, ''),
    })) {
      if (++seen > mostFiles) return { fault: 'many' }
      if (entry.directory) continue
      if (entry.encrypted) return { fault: 'locked' }
      bytes += entry.uncompressedSize
      if (bytes > MOST_RATIO * zip.size + SLACK) return { fault: 'bomb' }
      files.push({ path: entry.filename, read: () => unpack(entry) })
    }
  } catch (error) {
    return {
      fault: error instanceof Error && error.message === ERR_UNSAFE_FILENAME ? 'paths' : 'broken',
    }
  }
  return { files }
}

async function unpack(entry: FileEntry): Promise<Blob> {
  const isTable = /\.[ct]sv$/i.test(entry.filename)
  const most = Math.min(entry.uncompressedSize, isTable ? MOST_TABLE : MOST_BYTES)
  if (entry.uncompressedSize > most) throw new TooLarge(most)
  const parts: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  await entry.getData(
    new WritableStream<Uint8Array<ArrayBuffer>>({
      write(part) {
        size += part.length
        if (size > most) throw new TooLarge(most)
        parts.push(part)
      },
    }),
  )
  return new Blob(parts)
}
