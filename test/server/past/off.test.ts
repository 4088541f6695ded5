import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseServerConfig } from '@vedette/server/config'
import { Server } from '@vedette/server/server'
import { Vault } from '@vedette/server/store/vault'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { silentLog } from '@vedette/shared/log'
import BetterSqlite3 from 'better-sqlite3'
import { afterAll, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { matchOf, ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { jpegHeader } from '../../support/server-jpeg.ts'
import { scattered } from '../../support/server-vectors.ts'

const SPACE = 'dlib-resnet29-1'
const PART = 16
const deployment = await Deployment.found()
await Vault.create(join(deployment.home, 'vault.key'))

afterAll(() => deployment[Symbol.asyncDispose]())

const partsOf = (bytes: Uint8Array): Buffer[] =>
  Array.from({ length: Math.floor(bytes.length / PART) }, (_, i) =>
    Buffer.from(bytes.subarray(i * PART, (i + 1) * PART)),
  )

/** A chip that is like no other. */
function chipOf(seed: number): Uint8Array {
  const random = seeded(seed)
  const noise = Uint8Array.from({ length: 256 }, () => Math.floor(random() * 256))
  return Buffer.concat([jpegHeader(64, 64), noise])
}

it('a server as it is founded writes nothing of strangers who walk past, in no file of its home', async () => {
  const config = parseServerConfig('', join(deployment.home, 'server.yaml'))
  const free = { host: '127.0.0.1', port: 0 }
  const server = await Server.start(
    { ...config, gate: { ...config.gate, ...free }, desk: { ...config.desk, ...free } },
    { log: silentLog },
  )
  const credentials = await deployment.agent('gate-7')
  const strangers = scattered(5, 128, seeded(99)).map((probe, i) => ({
    probe: encodeEmbedding(probe),
    chip: chipOf(i),
  }))
  {
    using agent = await ScriptedAgent.welcome(server.gatePort, credentials, { model: SPACE })
    for (const [i, { probe, chip }] of strangers.entries()) {
      agent.say(matchOf(i, { probe, chip, track: `walk-${i}` }))
    }
    await agent.hears('ack', strangers.length - 1)
  }
  // Ends every walk, and writes whatever there is to write.
  await server[Symbol.asyncDispose]()

  const names = await readdir(deployment.home, { recursive: true, withFileTypes: true })
  const files = names.filter((file) => file.isFile())
  expect(files.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['wanted.db', 'past.db', 'operators.db']),
  )
  const parts = strangers.flatMap(({ probe, chip }) => [
    ...partsOf(probe),
    ...partsOf(chip.subarray(-256)),
  ])
  for (const { parentPath, name } of files) {
    const content = await readFile(join(parentPath, name))
    expect([name, parts.filter((part) => content.includes(part)).length]).toEqual([name, 0])
  }
  const past = new BetterSqlite3(join(config.data, 'past.db'), { readonly: true })
  const count = (table: string) => past.prepare(`SELECT count(*) FROM ${table}`).pluck().get()
  expect([count('slots'), count('sightings')]).toEqual([0, 0])
  past.close()
  const wanted = new BetterSqlite3(join(config.data, 'wanted.db'), { readonly: true })
  const kept = ['alerts', 'evidence', 'rejections', 'templates', 'photos']
  for (const table of kept) {
    expect([table, wanted.prepare(`SELECT count(*) FROM ${table}`).pluck().get()]).toEqual([
      table,
      0,
    ])
  }
  wanted.close()
})
