import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseServerConfig, type ServerConfig } from '@vedette/server/config'
import type { NamedRequest } from '@vedette/server/desk/answered/requests'
import type { NamedAlert } from '@vedette/server/desk/named'
import type { Problem } from '@vedette/server/desk/problem'
import { Server } from '@vedette/server/server'
import type { NewEntry } from '@vedette/server/store/entries'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { matchOf, ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { DeskUser, jsonOf } from '../../support/server-desk.ts'
import { LogBook } from '../../support/server-log.ts'
import { HAND, newEntry, newPhoto } from '../../support/server-store.ts'

const SPACE = 'dlib-resnet29-1'
const DAY = 86_400_000
const deployment = await Deployment.found()
await Vault.create(join(deployment.home, 'vault.key'))
const bert = (await deployment.issue('operator', 'bert')).credentials

afterAll(() => deployment[Symbol.asyncDispose]())

let config: ServerConfig
let book: LogBook

beforeEach(async () => {
  const made = parseServerConfig('store: { reserve: 0 }', join(deployment.home, 'server.yaml'))
  const free = { host: '127.0.0.1', port: 0 }
  config = { ...made, gate: { ...made.gate, ...free }, desk: { ...made.desk, ...free } }
  book = new LogBook()
  await rm(config.data, { recursive: true, force: true })
})

const start = () => Server.start(config, { log: book.log })

/** Enrols the face of seed 1 while no server runs; `approvals` is what its list asks for. */
async function enrolled(approvals: 1 | 2, more: Partial<NewEntry> = {}): Promise<string> {
  await using store = await Store.open({
    file: join(config.data, 'wanted.db'),
    keyFile: config.vaultKey,
  })
  await store.lists.change('wanted', { approvals }, { hand: HAND, at: Date.now() })
  const photo = newPhoto(1, { space: SPACE })
  return (await store.entries.add(newEntry('Erin', more), [photo])).entry.id
}

let walks = 0

/** Asks the gate with exactly that face, on a walk of its own; resolves when it has answered. */
async function ask(agent: ScriptedAgent): Promise<void> {
  const { template } = newPhoto(1)
  const before = agent.heard.filter(({ type }) => type === 'ack').length
  agent.say(matchOf(before, { probe: encodeEmbedding(template), track: `walk-${++walks}` }))
  await agent.hears('ack', before)
}

describe('an entry that waits for a second person', () => {
  it('is not known at the gate, by exactly its face, until another one consents', async () => {
    const id = await enrolled(2)
    await using server = await start()
    using agent = await ScriptedAgent.welcome(server.gatePort, await deployment.agent('gate-7'), {
      model: SPACE,
    })
    await using anna = new DeskUser(server.deskPort, deployment.anna)
    await using other = new DeskUser(server.deskPort, bert)
    const alerts = async () => jsonOf<NamedAlert[]>(await anna.get('/alerts'))

    await ask(agent)
    expect(await alerts()).toEqual([])
    const [request] = jsonOf<NamedRequest[]>(await anna.get('/requests'))
    expect(request).toMatchObject({ entry: id, name: 'Erin', askedBy: 'anna' })
    const own = await anna.post(`/requests/${request!.id}/approve`, {})
    expect([own.status, jsonOf<Problem>(own).code]).toEqual([403, 'request.own'])
    await ask(agent)
    expect(await alerts()).toEqual([])

    expect((await other.post(`/requests/${request!.id}/approve`, {})).status).toBe(200)
    await ask(agent)
    expect(await alerts()).toMatchObject([
      { entryId: id, name: 'Erin', listName: 'wanted', priority: 3, colour: '#d32f2f' },
    ])
    const again = await other.post(`/requests/${request!.id}/approve`, {})
    expect([again.status, jsonOf<Problem>(again).code]).toEqual([409, 'request.decided'])
  })
})

describe('an entry whose time was over while the server was away', () => {
  it('is not served even once, and is said to have expired', async () => {
    const [createdAt, expiresAt] = [Date.now() - 2 * DAY, Date.now() - DAY]
    const id = await enrolled(1, { createdAt, expiresAt })
    await using server = await start()
    expect(book.of('server.ready')).toMatchObject([{ entries: 0, templates: 0 }])
    expect(book.of('entry.expired')).toMatchObject([{ entry: id, list: 'wanted' }])
    using agent = await ScriptedAgent.welcome(server.gatePort, await deployment.agent('gate-7'), {
      model: SPACE,
    })
    await ask(agent)
    await using anna = new DeskUser(server.deskPort, deployment.anna)
    expect(jsonOf(await anna.get('/alerts'))).toEqual([])
    expect(jsonOf(await anna.get('/entries?state=expired'))).toMatchObject([{ id, expiresAt }])

    const extended = await anna.post(`/entries/${id}/extend`, {})
    expect(extended.status).toBe(200)
    await ask(agent)
    expect(jsonOf(await anna.get('/alerts'))).toMatchObject([{ entryId: id }])
  })
})
