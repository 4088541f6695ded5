import { useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import { desk } from './desk.ts'
import { asProblem, type DeskProblem } from './problem.ts'

export type Asked<T> = {
  data: T | undefined
  problem: DeskProblem | undefined
  busy: boolean
  reload: () => Promise<void>
}

/** What GET `path` answers, asked again whenever the path changes; what was there stays until then. */
export function useDesk<T>(path: string | undefined): Asked<T> {
  const state = useSignal<Omit<Asked<T>, 'reload'>>({
    data: undefined,
    problem: undefined,
    busy: path !== undefined,
  })
  const load = useCallback(
    async (signal?: AbortSignal) => {
      if (path === undefined) return
      state.value = { ...state.peek(), busy: true }
      try {
        const data = await desk.get<T>(path, signal && { signal })
        state.value = { data, problem: undefined, busy: false }
      } catch (error) {
        if (signal?.aborted) return
        state.value = { ...state.peek(), problem: asProblem(error), busy: false }
      }
    },
    [path, state],
  )
  useEffect(() => {
    const leaving = new AbortController()
    void load(leaving.signal)
    return () => leaving.abort()
  }, [load])
  return { ...state.value, reload: () => load() }
}
