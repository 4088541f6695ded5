import { batch, type Signal, useSignal } from '@preact/signals'
import type { Entry } from '@vedette/server/store/entries'
import { useEffect, useRef } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { on, onResumed } from '../../stream.ts'
import { fold, SOON_MS } from './format.ts'

/** Entries of one answer of the desk. */
const PAGE = 500
/** What is told within this time is asked for together, milliseconds; beyond so many, everybody is. */
const TOGETHER_MS = 500
const MOST_SINGLE = 20

export type Loaded = {
  entries: Signal<readonly Entry[]>
  /** All of them are there. */
  done: Signal<boolean>
  problem: Signal<DeskProblem | undefined>
  reload: () => void
}

/** Everybody on every list that is there for whoever asks, page by page, and kept as they change. */
export function useEntries(): Loaded {
  const entries = useSignal<readonly Entry[]>([])
  const done = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const round = useSignal(0)
  const loading = useRef(false)

  useEffect(() => {
    const leaving = new AbortController()
    const { signal } = leaving
    const load = async () => {
      done.value = false
      loading.current = true
      const found: Entry[] = []
      for (;;) {
        const after = found.at(-1)?.id
        const path = `/entries?limit=${PAGE}${after ? `&after=${after}` : ''}`
        const page = await desk.get<Entry[]>(path, { signal })
        found.push(...page)
        // What was there stays until there is more.
        if (found.length >= entries.peek().length || page.length < PAGE) entries.value = [...found]
        if (page.length < PAGE) break
      }
      batch(() => {
        done.value = true
        problem.value = undefined
      })
    }
    void load()
      .catch((error) => {
        if (!signal.aborted) problem.value = asProblem(error)
      })
      .finally(() => {
        if (!signal.aborted) loading.current = false
      })
    return () => leaving.abort()
  }, [round.value])

  useEffect(() => {
    const told = new Set<string>()
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async () => {
      // What is being asked for may be older than what was told: that comes after it.
      timer = loading.current ? setTimeout(look, TOGETHER_MS) : undefined
      if (loading.current) return
      const ids = [...told]
      told.clear()
      const known = new Set(entries.peek().map(({ id }) => id))
      const isOpen = (id: string) => known.has(id) || !entries.peek().some((one) => one.id === id)
      if (!ids.every((id) => known.has(id))) await takeNewer(entries).catch(() => {})
      const left = ids.filter(isOpen)
      if (left.length > MOST_SINGLE) round.value++
      else await Promise.all(left.map((id) => take(id, entries)))
    }
    const off = [
      on('entry', ({ entry }) => {
        told.add(entry)
        timer ??= setTimeout(() => void look(), TOGETHER_MS)
      }),
      onResumed(() => {
        round.value++
      }),
    ]
    return () => {
      clearTimeout(timer)
      for (const end of off) end()
    }
  }, [])

  return {
    entries,
    done,
    problem,
    reload: () => {
      round.value++
    },
  }
}

/** Puts in who came last: in an import of many, one answer for several. */
async function takeNewer(entries: Signal<readonly Entry[]>): Promise<void> {
  const last = entries.peek().at(-1)?.id
  const page = await desk.get<Entry[]>(`/entries?limit=${PAGE}${last ? `&after=${last}` : ''}`)
  const known = new Set(entries.peek().map(({ id }) => id))
  const newer = page.filter(({ id }) => !known.has(id))
  entries.value = [...entries.peek(), ...newer].toSorted(byId)
}

/** Puts it in as it is now, or out where it is not there any more; what cannot be asked stays. */
async function take(id: string, entries: Signal<readonly Entry[]>): Promise<void> {
  try {
    const entry = await desk.get<Entry>(`/entries/${id}`)
    const others = entries.peek().filter((one) => one.id !== id)
    entries.value = [...others, entry].toSorted(byId)
  } catch (error) {
    if (asProblem(error).code !== 'entry.not-found') return
    entries.value = entries.peek().filter((one) => one.id !== id)
  }
}

const byId = (p: Entry, q: Entry) => (p.id < q.id ? -1 : 1)

export const SORTS = ['newest', 'name', 'expiry'] as const
export type Sort = (typeof SORTS)[number]

export type Choice = { text: string; list: string; state: string; sort: Sort }

/** Those of `entries` that are meant, in the order that is wanted. */
export function chosen(
  entries: readonly Entry[],
  { text, list, state, sort }: Choice,
  now = Date.now(),
): Entry[] {
  const words = fold(text).split(/\s+/).filter(Boolean)
  const isMeant = (entry: Entry) => words.every((word) => saidOf(entry).includes(word))
  const found = entries.filter(
    (entry) =>
      (list === '' || entry.list === list) &&
      (state === '' || (state === 'soon' ? isSoon(entry, now) : entry.state === state)) &&
      (words.length === 0 || isMeant(entry)),
  )
  if (sort === 'name') return found.toSorted((p, q) => p.name.localeCompare(q.name))
  if (sort === 'expiry') return found.toSorted((p, q) => p.expiresAt - q.expiresAt)
  return found.toReversed()
}

const said = new WeakMap<Entry, string>()

/** What is searched of an entry; kept, as every key that is pressed asks for all of them. */
function saidOf(entry: Entry): string {
  const known = said.get(entry)
  if (known !== undefined) return known
  const { name, aliases, caseNumber, id } = entry
  const folded = fold([name, ...aliases, caseNumber, id].join('\n'))
  said.set(entry, folded)
  return folded
}

function isSoon({ state, expiresAt }: Entry, now: number): boolean {
  return state === 'live' && expiresAt <= now + SOON_MS
}

/** How many of a list, or of all, are in each state, `''` for all of them. */
export function countsOf(
  entries: readonly Entry[],
  list: string,
  now = Date.now(),
): Record<string, number> {
  const counts: Record<string, number> = { '': 0, soon: 0 }
  for (const entry of entries) {
    if (list !== '' && entry.list !== list) continue
    counts[''] = (counts[''] ?? 0) + 1
    counts[entry.state] = (counts[entry.state] ?? 0) + 1
    if (isSoon(entry, now)) counts.soon = (counts.soon ?? 0) + 1
  }
  return counts
}
