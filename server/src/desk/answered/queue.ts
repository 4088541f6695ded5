import type { List } from '../../lists/list.ts'
import type { Alert } from '../../store/alerts.ts'
import type { EntryDetails } from '../../store/entries.ts'
import type { Earlier } from '../../store/queue.ts'
import type { NamedAlert } from '../named.ts'

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

/** How consoles show a list and speak of it. */
export type QueueList = Pick<
  List,
  'id' | 'name' | 'colour' | 'priority' | 'sound' | 'confirmations'
> & {
  /** Whether it is silent now. */
  silent: boolean
}

/** What waits for somebody, as it was behind change `seq`. */
export type Queue = { seq: number; alerts: Card[]; lists: QueueList[]; more: boolean }

/** An alert as everybody in the room may see it. */
export type BoardAlert = Pick<
  Alert,
  | ('id' | 'list' | 'agent' | 'camera' | 'place' | 'state' | 'certainty' | 'capturedAt' | 'late')
  | ('retrospective' | 'openSince' | 'escalations' | 'acknowledgedBy' | 'parkedUntil')
> & {
  /** Null where the list's name is all that is shown, or nobody can tell. */
  name: string | null
  /** Whether the face that was seen may be shown. */
  picture: boolean
  listName: string | undefined
  colour: string | undefined
  priority: number | undefined
}
