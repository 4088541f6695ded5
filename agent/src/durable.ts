import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Puts `text` in the place of `file`, whole or not at all, and on the disk when this resolves. */
export async function replaceFile(file: string, text: string, secret: boolean): Promise<void> {
  const next = `${file}.new`
  const handle = await open(next, 'w', secret ? 0o600 : 0o644)
  try {
    // What a crash left behind may have been made with other rights.
    await handle.chmod(secret ? 0o600 : 0o644)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(next, file)
  await syncFolder(dirname(file))
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
