/** Takes a part into care and gives it back: should a later one fail to open, it is closed. */
export type Own = <T extends AsyncDisposable>(part: T) => T

/** What `open` opens, or its fault; then everything that it owned by then is closed, the last first. */
export async function opening<T>(open: (own: Own) => Promise<T>): Promise<T> {
  const opened: AsyncDisposable[] = []
  try {
    return await open((part) => {
      opened.unshift(part)
      return part
    })
  } catch (error) {
    for (const part of opened) await part[Symbol.asyncDispose]()
    throw error
  }
}
