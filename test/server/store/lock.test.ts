import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { DataLock } from '@vedette/server/store/lock'
import { Unavailable } from '@vedette/shared/errors'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { thrownBy } from '../../support/thrown.ts'

const here = fileURLToPath(new URL('.', import.meta.url))
/** A process that takes the folder it is told, says so, and stays. */
const HOLD = `
  import { DataLock } from '@vedette/server/store/lock'
  const lock = DataLock.take(process.argv[1])
  console.log('taken')
  setInterval(() => lock, 1000)
`

let folder: TemporaryFolder
let data: string

beforeEach(async () => {
  folder = await TemporaryFolder.make()
  data = join(folder.path, 'data')
})

afterEach(() => folder[Symbol.asyncDispose]())

it('a data folder is taken by one process at a time, and the other is told by which', async () => {
  const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLD, data], { cwd: here })
  await once(holder.stdout, 'data')
  const error = thrownBy(() => DataLock.take(data), Unavailable)
  expect([error.code, error.retryable]).toEqual(['store.in-use', true])
  expect(error.message).toContain(`process ${holder.pid} `)
  expect(error.hint).toContain('stop it first')
  const gone = once(holder, 'exit')
  holder.kill('SIGKILL')
  await gone
  await using _mine = DataLock.take(data)
})

it('is taken only once by one process too, and is free again when it was given back', async () => {
  const mine = DataLock.take(data)
  expect(thrownBy(() => DataLock.take(data), Unavailable).code).toBe('store.in-use')
  await mine[Symbol.asyncDispose]()
  await using _again = DataLock.take(data)
})
