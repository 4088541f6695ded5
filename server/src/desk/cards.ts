import { Refusal } from '@vedette/shared/errors'
import type { Caller } from '../operators/caller.ts'
import type { Alert } from '../store/alerts.ts'
import type { EntryDetails, EntryStore } from '../store/entries.ts'
import type { Earlier, QueueStore } from '../store/queue.ts'
import { type NamedAlert, naming } from './named.ts'
import type { DeskParts } from './parts.ts'
import { withinOf } from './scope.ts'

/** Whom an alert may be about, and why that person is looked for. */
export type CardPerson = EntryDetails & {
  entry: string
  expiresAt: number
  /** How many photographs there are, and the one that matched. */
  photos: number
  photo: number
}

/** All that has to be seen of an alert before anybody decides. */
export type Card = NamedAlert & {
  /** Two while it is undecided; none once they are gone, or for whoever does not see them. */
  persons: CardPerson[]
  earlier: Earlier
}

type CardParts = Pick<DeskParts, 'lists'> & {
  store: { entries: EntryStore; queue: QueueStore }
}

/** Makes cards of alerts, for `caller`; what they share is looked up once. */
export function cardsFor(
  { store, lists }: CardParts,
  caller: Caller,
): (alerts: readonly Alert[]) => Promise<Card[]> {
  const { entries, queue } = store
  const named = naming(entries, lists)
  return async (alerts) => {
    const earlier = await queue.earlier(alerts, withinOf(caller, lists))
    const photos = await queue.photos(alerts.map(({ templateId }) => templateId))
    const known = new Map<string, Promise<Omit<CardPerson, 'photo'> | undefined>>()
    const personOf = (id: string) => {
      const found = known.get(id) ?? person(entries, id, caller)
      known.set(id, found)
      return found
    }
    return Promise.all(
      alerts.map(async (alert): Promise<Card> => {
        const ids = alert.rival === null ? [alert.entryId] : [alert.entryId, alert.rival]
        const found = await Promise.all(ids.map(personOf))
        const persons = found
          .filter((one) => one !== undefined)
          .map((one) => {
            const own = one.entry === alert.entryId ? photos.get(alert.templateId) : undefined
            return { ...one, photo: own ?? 1 }
          })
        const before = earlier.get(alert.id) ?? { count: 0, last: null }
        return { ...(await named(alert, caller)), persons, earlier: before }
      }),
    )
  }
}

async function person(
  entries: EntryStore,
  id: string,
  caller: Caller,
): Promise<Omit<CardPerson, 'photo'> | undefined> {
  try {
    const entry = await entries.get(id)
    if (!caller.sees(entry.list)) return undefined
    const { name, aliases, reason, legalBasis, authority, caseNumber, note } = entry
    const { expiresAt, photos } = entry
    const said = { name, aliases, reason, legalBasis, authority, caseNumber, note }
    return { entry: id, ...said, expiresAt, photos }
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}
