import { Office } from '@vedette/certs/office'
import { Rotation } from '@vedette/certs/rotation'
import { type Follower, readinessOf } from '@vedette/server/authority/followers'
import { renewServer } from '@vedette/server/authority/renew-server'
import { afterAll, describe, expect, it } from 'vitest'
import { foundDeployment, PASSPHRASE, TemporaryFolder } from '../../support/certs-deployment.ts'

const folder = await TemporaryFolder.make()
const home = folder.path
await foundDeployment(home)
const office = await Office.open(home)
const first = office.trust.version
const rotation = new Rotation({
  home,
  passphrase: async () => PASSPHRASE,
  server: () => renewServer(home),
})

afterAll(() => folder[Symbol.asyncDispose]())

async function followerOf(name: string, more: Partial<Follower> = {}): Promise<Follower> {
  const { serial } = await office.issue({ role: 'agent', name })
  return { name, near: true, trust: office.trust.version, serial, ...more }
}

const readiness = (followers: Follower[], direction: 'forward' | 'back' = 'forward') =>
  readinessOf(office, followers, direction, Date.now())

describe('a fleet in a rotation of the root', () => {
  it('is waited for until each that is near trusts the new root, then until it has a leaf of it', async () => {
    const near = await followerOf('near')
    const away = await followerOf('away', { near: false })
    await office.issue({ role: 'agent', name: 'never-came' })
    expect(await readiness([near, away])).toEqual({ waiting: [], away: [] })

    await rotation.prepare('root')
    await office.refresh()
    expect(office.trust.version).not.toBe(first)
    const lacksRoots = (name: string) => ({ role: 'agent', name, lacks: 'roots' })
    expect(await readiness([near, away])).toMatchObject({
      waiting: [lacksRoots('near')],
      away: [lacksRoots('away')],
    })
    near.trust = office.trust.version
    expect((await readiness([near, away])).waiting).toEqual([])

    await rotation.activate()
    await office.refresh()
    const lacks = { role: 'agent', name: 'near', lacks: 'certificate' }
    expect((await readiness([near, away])).waiting).toEqual([lacks])
    const renewed = await followerOf('near')
    const { waiting, away: others } = await readiness([renewed, away])
    expect(waiting).toEqual([])
    expect(others.map(({ name }) => name).sort()).toEqual(['away', 'never-came'])
  })

  it('does not count who is revoked or has no certificate left', async () => {
    const away = await followerOf('gone', { near: false })
    await office.ledger.revoke(away.serial, 'stolen')
    const { away: named } = await readiness([away])
    expect(named.map(({ name }) => name)).not.toContain('gone')
  })
})
