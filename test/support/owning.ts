import { afterAll } from 'vitest'

/** Keeps what a file of tests opens, and closes it when they are over, the last first. */
export function owning(): <T extends AsyncDisposable>(part: T) => T {
  const opened: AsyncDisposable[] = []
  afterAll(async () => {
    for (const part of opened.reverse()) await part[Symbol.asyncDispose]()
  })
  return (part) => {
    opened.push(part)
    return part
  }
}
