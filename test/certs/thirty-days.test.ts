import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../support/agent-clock.ts'
import { seeded } from '../support/agent-random.ts'
import { foundDeployment, TemporaryFolder } from '../support/certs-deployment.ts'
import { SmallGate, talk } from '../support/certs-gate.ts'
import { DAY, type Fault, SimulatedMonth } from '../support/certs-month.ts'

const LIFE = 6 * DAY

let folder: TemporaryFolder

beforeEach(async () => {
  folder = await TemporaryFolder.make()
})

afterEach(() => folder[Symbol.asyncDispose]())

/** A month that ends hours ago, so that what it leaves counts with TLS, which has its own clock. */
async function monthOf(seed: number, fault?: Fault): Promise<SimulatedMonth> {
  const clock = new ManualClock(Date.now() - 30.2 * DAY)
  await foundDeployment(folder.path, clock.now())
  return new SimulatedMonth(folder.path, clock, seeded(seed), fault)
}

describe('a month of restarts, renewals, a rotation and two long nights', () => {
  it('keeps no honest agent out, and nobody is admitted without a list', async () => {
    const month = await monthOf(1)
    const { outages, ...counts } = await month.run({ life: LIFE, cameras: 4 })
    expect(outages).toEqual([])
    expect(counts.withoutLists).toBe(0)
    expect(counts.restarts).toBeGreaterThan(10)
    expect(counts.renewals).toBeGreaterThan(4 * 5)
    expect(counts.lists).toBeGreaterThan(15)
    expect(counts.checkedByOpenssl).toBeGreaterThan(50)

    const { office, cameras } = month
    await using gate = await SmallGate.start(office.credentials, office, 'agent')
    for (const { credentials } of cameras) {
      expect((await talk(gate.port, credentials)).received.toString()).toBe('!')
    }
  })

  it.each(['lists', 'renewal'] as const)('would tell if there were no %s', async (fault) => {
    const month = await monthOf(2, fault)
    const { outages, withoutLists } = await month.run({ life: LIFE, cameras: 1, days: 9 })
    if (fault === 'lists') expect(withoutLists).toBeGreaterThan(50)
    else expect(outages.length).toBeGreaterThan(20)
  })
})
