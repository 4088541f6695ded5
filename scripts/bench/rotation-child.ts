import { writeSync } from 'node:fs'
import process from 'node:process'
import { Rotation } from '@vedette/certs/rotation'
import { DeskClient } from '@vedette/server/cli/desk-client'
import { readCredentials } from '@vedette/shared/credentials'

/** What a run of one phase is told, as JSON in its only argument. */
export type ChildOrder = {
  home: string
  desk: string
  /** Folder of the operator's credentials. */
  operator: string
  phase: 'prepare' | 'activate' | 'retire' | 'rollback'
  kind: 'issuing' | 'root'
  passphrase: string
  /** `STEP before` or `STEP after`: there it kills itself, as a power cut would. */
  dieAt?: string | undefined
}

const order = JSON.parse(process.argv[2] ?? '{}') as ChildOrder

const tell = async () => {
  await using desk = new DeskClient(order.desk, await readCredentials(order.operator))
  await desk.json('POST', '/certificates/refresh').catch(() => {})
}

const rotation = new Rotation({
  home: order.home,
  passphrase: async () => order.passphrase,
  server: tell,
  onStep: (step, when) => {
    const at = `${step} ${when}`
    writeSync(1, `${at}\n`)
    if (at === order.dieAt) process.kill(process.pid, 'SIGKILL')
  },
})
await (order.phase === 'prepare' ? rotation.prepare(order.kind) : rotation[order.phase]())
await tell()
