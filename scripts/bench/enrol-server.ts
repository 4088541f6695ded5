import { join } from 'node:path'
import { certsLayout } from '@vedette/certs/files'
import { DeskClient } from '@vedette/server/cli/desk-client'
import { parseServerConfig } from '@vedette/server/config'
import { Server } from '@vedette/server/server'
import { Vault } from '@vedette/server/store/vault'
import { readCredentials } from '@vedette/shared/credentials'
import { silentLog } from '@vedette/shared/log'

const YAML = `
gate: { port: 0, limits: { perAddress: 1000, arrivalsPerAddress: { rate: 1000, burst: 1000 } } }
desk: { port: 0 }
join: { port: 0 }
canary: { every: 'off' }
enrolment: { bulkApproval: 'off', limits: { minute: 100000, hour: 100000, day: 100000, everybody: 100000 } }
`

/** A whole server in this process, whose limits are out of the way, and somebody who may enrol. */
export async function enrolServer(home: string) {
  await Vault.create(join(home, 'vault.key'))
  const server = await Server.start(parseServerConfig(YAML, join(home, 'server.yaml')), {
    log: silentLog,
  })
  const folder = certsLayout(home).credentials({ role: 'operator', name: 'bench' })
  const credentials = await readCredentials(folder)
  const desk = new DeskClient(`127.0.0.1:${server.deskPort}`, credentials, { reason: 'bench' })
  return {
    server,
    desk,
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}
