import { computed, signal } from '@preact/signals'
import type { Card, Queue, QueueList } from '@vedette/server/desk/answered/queue'
import type { NamedAlert, NamedChange } from '@vedette/server/desk/named'
import { desk } from '../desk.ts'
import { asProblem, type DeskProblem } from '../problem.ts'

/** An alert of the queue. */
export type Item = NamedAlert &
  Partial<Pick<Card, 'persons' | 'earlier'>> & {
    /** The change that it shows, as the desk numbers them. */
    seq: number
    /** Since when nobody has to act on it any more, epoch milliseconds: it leaves when it was seen. */
    goneAt?: number | undefined
    /** What somebody filters by, in lower case. */
    words: string
  }

type Items = ReadonlyMap<string, Item>
/** What was decided here and the desk has not answered yet. */
type Assumed = ReadonlyMap<string, Partial<NamedAlert>>

const known = signal<Items>(new Map())
const assumed = signal<Assumed>(new Map())
export const lists = signal<ReadonlyMap<string, QueueList>>(new Map())
/** Undefined until the desk has answered for the first time. */
export const loadedAt = signal<number | undefined>(undefined)
export const problem = signal<DeskProblem | undefined>(undefined)
/** The desk has more that waits than it tells. */
export const more = signal(false)

/** Of a list that is gone. */
const LEAST_URGENT = 6

/** All that is shown, as it is assumed to be. */
export const items = computed<Items>(() => {
  if (assumed.value.size === 0) return known.value
  const all = new Map(known.value)
  for (const [id, change] of assumed.value) {
    const item = all.get(id)
    if (item) all.set(id, { ...item, ...change })
  }
  return all
})

/** Ids, the most urgent list first and of each the oldest. */
export const sorted = computed<string[]>(() =>
  [...items.value.values()].sort(byUrgency).map(({ id }) => id),
)

export function byUrgency(a: NamedAlert, b: NamedAlert): number {
  const urgency = (a.priority ?? LEAST_URGENT) - (b.priority ?? LEAST_URGENT)
  return urgency || a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : 1)
}

/** Whether somebody has to act, whoever it is. */
export function isWaiting({ state, certainty, goneAt }: Item): boolean {
  const open = state === 'open' || state === 'awaiting'
  return open && certainty !== 'withdrawn' && goneAt === undefined
}

export const waiting = computed(() => [...items.value.values()].filter(isWaiting))

/** Whether nothing is left to be done about it. */
function isGone({ state, certainty }: NamedAlert): boolean {
  if (state === 'resolved') return true
  return certainty === 'withdrawn' && (state === 'open' || state === 'parked')
}

/** Asks for all that waits. What was not told of meanwhile is there then; what left has left. */
export async function load(): Promise<void> {
  try {
    const { seq, alerts, lists: found, more: rest } = await desk.get<Queue>('/alerts/queue')
    const next = new Map<string, Item>()
    for (const item of known.peek().values()) {
      if (item.seq > seq || item.goneAt !== undefined) next.set(item.id, item)
    }
    for (const card of alerts) {
      const newer = known.peek().get(card.id)
      if (!newer || newer.seq <= seq) next.set(card.id, itemOf(card, seq))
      else next.set(card.id, { ...newer, persons: card.persons, earlier: card.earlier })
    }
    known.value = next
    lists.value = new Map(found.map((list) => [list.id, list]))
    more.value = rest
    problem.value = undefined
    loadedAt.value = Date.now()
  } catch (error) {
    problem.value = asProblem(error)
  }
}

/** Which lists are silent now, and what they are called. */
export async function loadLists(): Promise<void> {
  const found = await desk.get<QueueList[]>('/alerts/lists')
  lists.value = new Map(found.map((list) => [list.id, list]))
}

/** Takes in what the stream tells; gives the alert where it is one of the queue. */
export function takeIn({ seq, alert }: NamedChange): Item | undefined {
  const before = known.peek().get(alert.id)
  if (before && before.seq >= seq) return before
  if (!before && isGone(alert)) return undefined
  return keep({ ...before, ...itemOf(alert, seq), ...rest(before, alert) })
}

/** Takes in what the desk has answered to a decision; the stream tells the same with its number. */
export function settle(alert: NamedAlert): void {
  const before = known.peek().get(alert.id)
  if (before) keep({ ...before, ...itemOf(alert, before.seq), ...rest(before, alert) })
  doubt(alert.id)
}

/** Shows what was decided before the desk has answered. */
export function assume(id: string, change: Partial<NamedAlert>): void {
  assumed.value = new Map(assumed.peek()).set(id, change)
}

/** Shows again what the desk has said last. */
export function doubt(id: string): void {
  if (!assumed.peek().has(id)) return
  const next = new Map(assumed.peek())
  next.delete(id)
  assumed.value = next
}

/** What has to be seen of it before anybody decides. */
export async function loadCard(id: string): Promise<Card> {
  const card = await desk.get<Card>(`/alerts/${encodeURIComponent(id)}/card`)
  const before = known.peek().get(id)
  if (before) keep({ ...before, persons: card.persons, earlier: card.earlier })
  return card
}

/** Lets go of alerts that have left. */
export function drop(ids: readonly string[]): void {
  if (ids.length === 0) return
  const next = new Map(known.peek())
  for (const id of ids) next.delete(id)
  known.value = next
}

export function forgetAll(): void {
  known.value = new Map()
  assumed.value = new Map()
  loadedAt.value = undefined
}

function keep(item: Item): Item {
  known.value = new Map(known.peek()).set(item.id, item)
  return item
}

function rest(before: Item | undefined, alert: NamedAlert): Pick<Item, 'goneAt'> {
  return { goneAt: isGone(alert) ? (before?.goneAt ?? Date.now()) : undefined }
}

export function itemOf(alert: NamedAlert & Partial<Card>, seq: number): Item {
  const { name, either, listName, agent, camera, id } = alert
  const said = [name, ...(either ?? []), listName, `${agent}/${camera}`, alert.acknowledgedBy, id]
  const words = said.filter(Boolean).join('\n').toLowerCase()
  return { ...alert, seq, words }
}
