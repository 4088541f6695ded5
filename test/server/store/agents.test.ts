import { describe, expect, it } from 'vitest'
import { TemporaryStore } from '../../support/server-store.ts'

describe('the store of agents', () => {
  it('knows where each was last welcomed from, the latest last, and each address once', async () => {
    await using stored = await TemporaryStore.make()
    const { agents } = stored.store
    expect(await agents.addresses()).toEqual([])
    await agents.cameFrom('gate-7', '192.0.2.1', 1000)
    await agents.cameFrom('gate-8', '192.0.2.8', 2000)
    await agents.cameFrom('gate-9', '192.0.2.8', 1500)
    expect(await agents.addresses()).toEqual(['192.0.2.1', '192.0.2.8'])
    await agents.cameFrom('gate-7', '2001:db8::7', 3000)
    expect(await agents.addresses()).toEqual(['192.0.2.8', '2001:db8::7'])
  })
})
