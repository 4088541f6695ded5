import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { isLocked } from '@vedette/agent/sources/ffmpeg-program'
import { expect, it } from 'vitest'

/** What a process reads of itself that was started by these words. */
const statusOf = (...words: string[]) => {
  const [program = '', ...args] = [...words, 'cat', '/proc/self/status']
  return async () => (await promisify(execFile)(program, args)).stdout
}

it('knows a process that can gain no rights any more, where setpriv has nothing left to do', async () => {
  expect(await isLocked(statusOf('setpriv', '--no-new-privs'))).toBe(true)
  expect(await isLocked(async () => 'NoNewPrivs:\t0\n')).toBe(false)
  expect(await isLocked(async () => Promise.reject(new RangeError('no /proc')))).toBe(false)
})
