import type { Caller } from '../operators/caller.ts'
import type { Alert } from '../store/alerts.ts'
import type { Entry, EntryStore } from '../store/entries.ts'
import type { QueueStore } from '../store/queue.ts'
import type { Card, CardPerson } from './answered/queue.ts'
import { aboutWhom, dressed } from './named.ts'
import type { DeskParts } from './parts.ts'
import { withinOf } from './scope.ts'

type CardParts = Pick<DeskParts, 'lists'> & {
  store: { entries: EntryStore; queue: QueueStore }
}

/** Makes cards of alerts, for `caller`; what they share is looked up once. */
export function cardsFor(
  { store, lists }: CardParts,
  caller: Caller,
): (alerts: readonly Alert[]) => Promise<Card[]> {
  const { entries, queue } = store
  return async (alerts) => {
    const earlier = await queue.earlier(alerts, withinOf(caller, lists))
    const photos = await queue.photos(alerts.map(({ templateId }) => templateId))
    const asked = new Map<string, Promise<Entry>>()
    const once = {
      get: (id: string) => {
        const entry = asked.get(id) ?? entries.get(id)
        asked.set(id, entry)
        return entry
      },
    }
    return Promise.all(
      alerts.map(async (alert): Promise<Card> => {
        const whom = await aboutWhom(once, alert)
        const seen = [whom.entry, whom.rival]
          .filter((one) => one !== undefined)
          .filter(({ list }) => caller.sees(list))
        const persons = seen.map((entry) => {
          const matched = entry === whom.entry ? photos.get(alert.templateId) : undefined
          return personOf(entry, matched)
        })
        const before = earlier.get(alert.id) ?? { count: 0, last: null }
        return { ...dressed(alert, whom, lists, caller), persons, earlier: before }
      }),
    )
  }
}

function personOf(entry: Entry, photo = 1): CardPerson {
  const { id, name, aliases, reason, legalBasis, authority, caseNumber, note } = entry
  const { expiresAt, photos } = entry
  const said = { name, aliases, reason, legalBasis, authority, caseNumber, note }
  return { entry: id, ...said, expiresAt, photos, photo }
}
