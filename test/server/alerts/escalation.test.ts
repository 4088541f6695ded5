import { Alerts } from '@vedette/server/alerts/alerts'
import { Decisions } from '@vedette/server/alerts/decisions'
import { Escalation } from '@vedette/server/alerts/escalation'
import { Rejections } from '@vedette/server/matching/rejections'
import type { AlertChange } from '@vedette/server/store/alerts'
import { beforeEach, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { LogBook } from '../../support/server-log.ts'
import { sightingOf } from '../../support/server-sightings.ts'
import { HAND, newEntry, newPhoto, TemporaryStore, TRAIL } from '../../support/server-store.ts'

const MINUTE = 60_000

let stored: TemporaryStore
let clock: ManualClock
let entryId: string
let told: AlertChange[]
let running: { alerts: Alerts; decisions: Decisions; escalation: Escalation }

/** A server's part in it. */
async function start() {
  const { store } = stored
  const { log } = new LogBook()
  const alerts = new Alerts({ store: store.alerts, cooldown: 1000, trail: TRAIL, clock, log })
  alerts.listen((change) => told.push(change))
  const rejections = await Rejections.open(store.rejections)
  const decisions = new Decisions({ store: store.decisions, alerts, rejections, clock })
  const escalation = new Escalation({
    store: store.decisions,
    alerts,
    clock,
    log,
  })
  return { alerts, decisions, escalation }
}

beforeEach(async () => {
  stored = await TemporaryStore.make()
  clock = new ManualClock()
  told = []
  entryId = (await stored.store.entries.add(newEntry(), [newPhoto()])).entry.id
  policy({ priority: 1 })
  running = await start()
  return async () => {
    await running.escalation[Symbol.asyncDispose]()
    await stored[Symbol.asyncDispose]()
  }
})

/** What the list says. */
function policy({
  priority,
  escalateAfter = null,
}: {
  priority: number
  escalateAfter?: number | null
}) {
  const update = stored.elsewhere().prepare('UPDATE lists SET priority = ?, escalateAfter = ?')
  update.run(priority, escalateAfter)
}

async function raise(more: Parameters<typeof sightingOf>[1] = {}): Promise<string> {
  await running.alerts.consider(
    sightingOf(entryId, { probe: { camera: `c${told.length}` }, ...more }),
  )
  return told.at(-1)!.alert.id
}

/** Lets so much time pass, and what comes of it. */
async function pass(ms: number): Promise<string[]> {
  for (let left = ms; left > 0; left -= MINUTE) {
    clock.advance(Math.min(left, MINUTE))
    for (let i = 0; i < 60; i++) await new Promise(setImmediate)
  }
  return told.map(({ kind }) => kind)
}

it('calls again when nobody has acted for five minutes, and once more, and then no more', async () => {
  const id = await raise()
  expect(await pass(5 * MINUTE - 1)).toEqual(['raised'])
  expect(await pass(1)).toEqual(['raised', 'escalated'])
  expect(told.at(-1)!.alert).toMatchObject({ id, state: 'open', escalations: 1 })
  expect(await pass(5 * MINUTE)).toEqual(['raised', 'escalated', 'escalated'])
  expect(await pass(60 * MINUTE)).toHaveLength(3)
})

it('calls for nobody where somebody has acted, or the evidence is withdrawn', async () => {
  const [acknowledged, resolved] = [await raise(), await raise()]
  await running.decisions.acknowledge(acknowledged, HAND, null)
  await running.decisions.resolve(resolved, 'unresolved', HAND, 'too dark')
  const probe = { track: 'walk', camera: 'south' }
  await raise({ probe })
  await running.alerts.consider(sightingOf(entryId, { standing: 'fallen', probe }))
  expect((await pass(30 * MINUTE)).includes('escalated')).toBe(false)
})

it('begins anew with what was reopened', async () => {
  const id = await raise()
  await pass(12 * MINUTE)
  await running.decisions.resolve(id, 'true', HAND, 'arrested')
  await running.decisions.reopen(id, HAND, 'the wrong one')
  told = []
  expect(await pass(5 * MINUTE - 1)).toEqual([])
  expect(await pass(1)).toEqual(['escalated'])
})

it('calls at once for what was due while the server was down, and not twice for what it called for', async () => {
  await raise()
  await pass(5 * MINUTE)
  await running.escalation[Symbol.asyncDispose]()
  clock.advance(60 * MINUTE)
  running = await start()
  expect(await pass(1)).toEqual(['raised', 'escalated', 'escalated'])
  await running.escalation[Symbol.asyncDispose]()
  running = await start()
  expect(await pass(30 * MINUTE)).toHaveLength(3)
})

it.each([
  [{ priority: 1 }, 5],
  [{ priority: 2 }, 15],
  [{ priority: 3 }, 30],
  [{ priority: 3, escalateAfter: 2 * MINUTE }, 2],
])(
  'leaves people the time that the list says, or that is usual for its priority: %j',
  async (list, minutes) => {
    policy(list)
    await raise()
    expect(await pass(minutes * MINUTE - 1)).toEqual(['raised'])
    expect(await pass(1)).toEqual(['raised', 'escalated'])
  },
)

it.each([{ priority: 4 }, { priority: 5 }, { priority: 1, escalateAfter: 0 }])(
  'calls for nobody where a list is not urgent, or says so: %j',
  async (list) => {
    policy(list)
    await raise()
    expect(await pass(120 * MINUTE)).toEqual(['raised'])
  },
)
