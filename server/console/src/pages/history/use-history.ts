import { useSignal } from '@preact/signals'
import type { HistoryPage } from '@vedette/server/desk/answered/history'
import { useEffect, useRef } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { asProblem, type DeskProblem } from '../../problem.ts'

const PAGE = 48

type State = {
  alerts: HistoryPage['alerts']
  density: HistoryPage['density']
  next: string | null
  busy: boolean
  problem: DeskProblem | undefined
}

const EMPTY: State = { alerts: [], density: null, next: null, busy: true, problem: undefined }

/** Pages of the past, the latest first: the first when `query` changes, each other when it is asked for. */
export function useHistory(query: string | undefined, step: number) {
  const state = useSignal<State>(EMPTY)
  const asking = useRef<AbortController | undefined>(undefined)
  const ask = async (before: string | null) => {
    asking.current?.abort()
    const mine = new AbortController()
    asking.current = mine
    // What was there stays until then, so that nothing jumps.
    state.value = { ...state.peek(), busy: true, problem: undefined }
    const more = before === null ? `step=${step}` : `before=${before}`
    try {
      const path = `/history?${query}&limit=${PAGE}&${more}`
      const page = await desk.get<HistoryPage>(path, { signal: mine.signal })
      const former = before === null ? EMPTY : state.peek()
      state.value = {
        alerts: [...former.alerts, ...page.alerts],
        density: page.density ?? former.density,
        next: page.next,
        ...{ busy: false, problem: undefined },
      }
    } catch (error) {
      if (mine.signal.aborted) return
      state.value = { ...state.peek(), busy: false, problem: asProblem(error) }
    }
  }
  useEffect(() => {
    if (query !== undefined) void ask(null)
    return () => asking.current?.abort()
  }, [query, step])
  return {
    ...state.value,
    again: () => ask(null),
    earlier: () => {
      const { next, busy } = state.peek()
      if (next !== null && !busy) void ask(next)
    },
  }
}
