import { computed, effect, signal } from '@preact/signals'
import { leave, place } from '../../alerts/placing.ts'
import { drop, type Item, items, sorted } from '../../alerts/queue.ts'
import { session } from '../../session.ts'

/** Height of a row, pixels; the same in alerts.css. */
export const ROW = 68
/** What nobody has to act on any more stays so long behind being seen, milliseconds. */
const STAYS_MS = 6000

export const STATES = ['all', 'waiting', 'mine', 'handled'] as const
export type Filter = {
  text: string
  list: string
  camera: string
  state: (typeof STATES)[number]
}

export const NO_FILTER: Filter = { text: '', list: '', camera: '', state: 'all' }

export const filter = signal<Filter>(NO_FILTER)
/** Ids as they are shown, and those that wait to be asked for. */
export const shown = signal<readonly string[]>([])
export const held = signal<readonly string[]>([])
/** What the keyboard is at; what is decided together. */
export const selected = signal<string | undefined>(undefined)
export const marked = signal<ReadonlySet<string>>(new Set())
/** The row under the pointer, and the first and the last that are seen, by their places. */
export const pointed = signal<number | undefined>(undefined)
export const seen = signal({ first: 0, last: 0 })

/** When alerts that are done with were seen to be so, epoch milliseconds. */
const seenGone = new Map<string, number>()

const matching = computed(() => {
  const { text, ...asked } = filter.value
  const parts = text.toLowerCase().split(/\s+/).filter(Boolean)
  const me = session.value?.name
  const all = items.value
  return sorted.value.filter((id) => {
    const item = all.get(id)
    return (
      item !== undefined && matches(item, asked, me) && parts.every((p) => item.words.includes(p))
    )
  })
})

function matches(item: Item, { list, camera, state }: Omit<Filter, 'text'>, me?: string): boolean {
  if (list !== '' && item.list !== list) return false
  if (camera !== '' && `${item.agent}/${item.camera}` !== camera) return false
  switch (state) {
    case 'waiting':
      return item.state === 'open' || item.state === 'awaiting'
    case 'mine':
      return item.acknowledgedBy === me || item.parkedBy === me
    case 'handled':
      return item.state === 'acknowledged' || item.state === 'parked'
    default:
      return true
  }
}

/**
 * Keeps `shown` to what there is, while `list` is looked at without moving a row that is. The function
 * returned ends that.
 */
export function keepRows(list: HTMLElement): () => void {
  let asked = filter.peek()
  const end = effect(() => {
    const anew = filter.value !== asked
    asked = filter.value
    arrange(list, matching.value, anew)
  })
  const timer = setInterval(() => sweep(list), 500)
  return () => {
    end()
    clearInterval(timer)
  }
}

function arrange(list: HTMLElement, wanted: readonly string[], anew: boolean): void {
  // To scroll is to lay out: where the list stands already, and before its rows have changed.
  if (anew && list.scrollTop > 0) list.scrollTop = 0
  const before = shown.peek()
  const cursor = cursorOf(before)
  const looked = pointed.peek() !== undefined || cursor !== undefined
  const full = before.length * ROW >= list.clientHeight
  const rows = looked && !anew ? { ...seen.peek(), full } : undefined
  const { shown: next, waiting, above } = place(before, wanted, rows)
  shown.value = next
  held.value = waiting
  if (above > 0) {
    // Or the window could not follow: the rows are drawn a moment later.
    const [all] = list.children
    if (all instanceof HTMLElement) all.style.height = `${next.length * ROW}px`
    list.scrollTop += above * ROW
  }
}

/** Shows what waits to be asked for, and goes to the most urgent of it. */
export function showHeld(): void {
  const [first] = held.peek()
  shown.value = matching.peek()
  held.value = []
  if (first !== undefined) selected.value = first
}

/** Lets go of what was seen to be done with, wherever that moves nothing under the cursor. */
function sweep(list: HTMLElement): void {
  const now = Date.now()
  const rows = shown.peek()
  const { first, last } = seen.peek()
  const looking = document.visibilityState === 'visible'
  const leaving = new Set<string>()
  rows.forEach((id, index) => {
    if (items.peek().get(id)?.goneAt === undefined) {
      seenGone.delete(id)
      return
    }
    if (looking && index >= first && index <= last && !seenGone.has(id)) seenGone.set(id, now)
    const at = seenGone.get(id)
    if (at !== undefined && now - at >= STAYS_MS) leaving.add(id)
  })
  if (leaving.size === 0) return
  const cursor = Math.max(pointed.peek() ?? -1, cursorOf(rows) ?? -1)
  const scrolled = Math.floor(list.scrollTop / ROW)
  const { gone, above } = leave(rows, leaving, cursor < 0 ? undefined : cursor, scrolled)
  for (const id of gone) seenGone.delete(id)
  if (gone.length === 0) return
  list.scrollTop -= above * ROW
  drop(gone)
}

function cursorOf(rows: readonly string[]): number | undefined {
  const id = selected.peek()
  const index = id === undefined ? -1 : rows.indexOf(id)
  return index < 0 ? undefined : index
}

/** Goes `by` rows on, past nothing; with `extend` marks what it passes. */
export function step(by: number, { extend = false } = {}): void {
  const rows = shown.peek()
  if (rows.length === 0) return
  const from = cursorOf(rows)
  const to = from === undefined ? 0 : Math.min(rows.length - 1, Math.max(0, from + by))
  const next = rows[to]
  if (extend) mark([rows[from ?? to], next].filter((id) => id !== undefined))
  selected.value = next
}

/** Goes to the next that somebody has to act on, behind the cursor, else before it. */
export function stepToWaiting(): void {
  const rows = shown.peek()
  const from = cursorOf(rows) ?? -1
  const order = [...rows.slice(from + 1), ...rows.slice(0, Math.max(0, from))]
  const next = order.find((id) => {
    const item = items.peek().get(id)
    return item?.state === 'open' && item.goneAt === undefined
  })
  if (next !== undefined) selected.value = next
}

export function mark(ids: readonly string[]): void {
  marked.value = new Set([...marked.peek(), ...ids])
}

export function toggleMark(id: string): void {
  const next = new Set(marked.peek())
  if (!next.delete(id)) next.add(id)
  marked.value = next
}

export function unmarkAll(): void {
  if (marked.peek().size > 0) marked.value = new Set()
}

/** All rows from the cursor to row `id`. */
export function markTo(id: string): void {
  const rows = shown.peek()
  const [from, to] = [cursorOf(rows) ?? 0, rows.indexOf(id)]
  mark(rows.slice(Math.min(from, to), Math.max(from, to) + 1))
}

/** What a decision is of: all that is marked, else what the keyboard is at. */
export function chosen(): Item[] {
  const ids = marked.peek().size > 0 ? [...marked.peek()] : [selected.peek()]
  return ids
    .map((id) => (id === undefined ? undefined : items.peek().get(id)))
    .filter((i) => i !== undefined)
}
