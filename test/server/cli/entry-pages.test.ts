import { DeskClient } from '@vedette/server/cli/desk-client'
import { allEntries } from '@vedette/server/cli/entry-pages'
import type { Entry } from '@vedette/server/store/entries'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { openSight, TestDesk } from '../../support/server-desk.ts'
import { newEntry, newPhoto } from '../../support/server-store.ts'

/** More than two pages. */
const MANY = 401
const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let client: DeskClient
const made: string[] = []

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  client = new DeskClient(`127.0.0.1:${desk.desk.port}`, deployment.anna)
  const { entries } = desk.stored.store
  for (let i = 0; i < MANY; i++) {
    const named = newEntry(i % 2 === 0 ? `Even ${i}` : `Odd ${i}`)
    made.push((await entries.add(named, [newPhoto(i)])).entry.id)
  }
})

afterAll(async () => {
  await client[Symbol.asyncDispose]()
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const idsOf = (found: readonly Entry[]) => found.map(({ id }) => id)

describe('a list of people that is longer than a page', () => {
  it('is given to the last, each once, the first enrolled first', async () => {
    expect(idsOf(await allEntries(client))).toEqual(made)
  })

  it('is given as it was asked for', async () => {
    const found = await allEntries(client, new URLSearchParams({ text: 'odd' }))
    expect(idsOf(found)).toEqual(made.filter((_, i) => i % 2 === 1))
  })

  it('is not asked for in pages of any size', async () => {
    for (const limit of ['0', '501', 'all']) {
      await expect(client.json('GET', `/entries?limit=${limit}`)).rejects.toMatchObject({
        status: 400,
      })
    }
  })
})
