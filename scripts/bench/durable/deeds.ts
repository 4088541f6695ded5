import { randomBytes } from 'node:crypto'
import { Office } from '@vedette/certs/office'
import { revoke } from '@vedette/certs/revoking'
import type { EnrolAnswer } from '@vedette/server/gallery/enrolment-answer'
import { SERVER_HAND } from '@vedette/server/hand'
import type { NewAlert } from '@vedette/server/store/alerts'
import { NOTHING_SAID } from '@vedette/server/store/entry-rows'
import type { Store } from '@vedette/server/store/store'
import { systemClock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import { facelike, seeded } from '../measure.ts'

/** What is done with a store, in this order for each person. */
export const DEEDS = ['enrol', 'raise', 'acknowledge', 'note', 'revoke'] as const
export type Deed = (typeof DEEDS)[number]

/** Something that was done, said by who did it once it was acknowledged. `id` is what came of it. */
export type Done = { deed: Deed; person: number; id: string }

/** Somebody who does things in a deployment whose store and authority are open. */
export type Place = { store: Store; home: string }

const SPACE = 'bench'
const LENGTH = 128
const TRAIL_MS = 600_000
const JPEG_BYTES = 6000
const CHIP_BYTES = 3000

const NOTHING_FOUND: Omit<EnrolAnswer, 'entry'> = {
  ...{ photos: [], agreement: [], lookalikes: [], forecast: [], behaviour: null, past: null },
}

export const nameOf = (person: number) => `person-${person}`
export const trackOf = (person: number) => `track-${person}`
export const agentOf = (person: number) => `agent-${person}`

/** What came of the deeds that were done for a person before. */
export type Known = Partial<Record<Deed, string>>

type Doing = (place: Place, person: number, known: Known) => Promise<string>

/** How each is done, once however often it is asked for; resolves to an id when it is acknowledged. */
export const DOING: Record<Deed, Doing> = {
  async enrol({ store }, person) {
    const asked = { operator: SERVER_HAND.by, key: nameOf(person) }
    const before = await store.enrolmentKeys.find(asked.operator, asked.key)
    if (before !== undefined) return before.answer.entry!.id
    const [template] = facelike(1, LENGTH, seeded(person + 1))
    const details = { ...NOTHING_SAID, name: nameOf(person), list: 'wanted' }
    const { entry } = await store.entries.add(
      { ...details, createdAt: Date.now(), hand: SERVER_HAND },
      [{ jpeg: randomBytes(JPEG_BYTES), quality: 0.9, template: template!, space: SPACE }],
      (tx, made, key) => {
        const answer = { ...NOTHING_FOUND, entry: made }
        return store.enrolmentKeys.keep(tx, key, { ...asked, digest: nameOf(person), answer })
      },
    )
    return entry.id
  },

  async raise({ store }, person, { enrol = '' }) {
    const alert = newAlert(enrol, person)
    const noted = await store.alerts.noted({ ...alert, shot: 0 })
    if (noted) return (await store.alerts.find(alert, 0))!.id
    const [probe] = facelike(1, LENGTH, seeded(person + 1))
    const change = await store.alerts.raise(
      {
        ...{ alert, standing: 'reached', shot: 0, chips: 1 },
        ...{ chip: randomBytes(CHIP_BYTES), probe: probe! },
        look: { own: probe!, coherence: 1, weight: 1, side: 40 },
      },
      TRAIL_MS,
    )
    return change.alert.id
  },

  async acknowledge({ store }, _person, { raise = '' }) {
    const decision = { hand: SERVER_HAND, at: Date.now(), note: null }
    return unlessDone(raise, async () => {
      return (await store.decisions.acknowledge(raise, decision)).alert.id
    })
  },

  async note({ store }, person) {
    const id = nameOf(person)
    const about = { incident: id }
    await store.audit.note({ kind: 'alert.viewed', hand: SERVER_HAND, at: Date.now(), about })
    return id
  },

  async revoke({ home }, person) {
    const office = await Office.open(home)
    const all = await office.ledger.all()
    const serial = all.find(({ name }) => name === agentOf(person))!.serial
    return unlessDone(serial, async () => {
      await revoke(office, { serial }, 'bench', systemClock)
      await office.tend()
      return serial
    })
  },
}

/** What was done before it could be said is not done twice: whoever asks again is told so. */
async function unlessDone(id: string, work: () => Promise<string>): Promise<string> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Refusal && error.code.endsWith('.wrong-state')) return id
    throw error
  }
}

export function agentIdentity(person: number) {
  return { role: 'agent', name: agentOf(person) } as const
}

function newAlert(entryId: string, person: number): NewAlert {
  const at = Date.now()
  return {
    id: `${at.toString(36)}-${person}-${randomBytes(4).toString('hex')}`,
    ...{ entryId, list: 'wanted', agent: 'gate-7', camera: 'north', track: trackOf(person) },
    ...{ capturedAt: at, receivedAt: at, raisedAt: at, late: false, retrospective: false },
    ...{ score: 0.96, threshold: 0.95, runnerUp: 0.9, templateId: 'template' },
    ...{ certainty: 'provisional', rival: null, quality: 0.8, box: [1, 2, 30, 40], space: SPACE },
  }
}
