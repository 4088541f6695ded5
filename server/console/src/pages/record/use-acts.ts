import { useSignal } from '@preact/signals'
import type { ActRecord } from '@vedette/server/store/audit-search'
import { createParser } from 'eventsource-parser'
import { useEffect, useRef } from 'preact/hooks'
import { desk } from '../../desk.ts'
import { asProblem, type DeskProblem } from '../../problem.ts'

const PAGE = 50
/** Acts shown while they are followed; who wants more of them searches. */
const MOST_FOLLOWED = 500

type State = {
  acts: ActRecord[]
  more: boolean
  busy: boolean
  problem: DeskProblem | undefined
}

const EMPTY: State = { acts: [], more: false, busy: true, problem: undefined }

/**
 * Acts that `filter` lets through, the newest first, page by page. Followed: every act there is from
 * then on, over a stream that is open only as long; reading the record is itself recorded, once.
 */
export function useActs(filter: URLSearchParams | undefined) {
  const state = useSignal<State>(EMPTY)
  const following = useSignal(false)
  const asking = useRef<AbortController | undefined>(undefined)
  const tell = (error: unknown, signal: AbortSignal) => {
    if (!signal.aborted) state.value = { ...state.peek(), busy: false, problem: asProblem(error) }
  }
  const ask = async (before?: number) => {
    asking.current?.abort()
    const mine = new AbortController()
    asking.current = mine
    const { signal } = mine
    const former = before === undefined ? EMPTY : state.peek()
    state.value = { ...former, busy: true, problem: undefined }
    try {
      const more = before === undefined ? '' : `&before=${before}`
      const acts = await desk.get<ActRecord[]>(`/audit?${filter}&limit=${PAGE}${more}`, { signal })
      state.value = {
        acts: [...former.acts, ...acts],
        ...{ more: acts.length === PAGE, busy: false, problem: undefined },
      }
    } catch (error) {
      tell(error, signal)
    }
  }
  const follow = async (signal: AbortSignal) => {
    try {
      const answer = await desk.ask('GET', '/audit/events', undefined, { signal })
      const parser = createParser({
        onEvent: ({ event, data }) => {
          if (event !== 'act') return
          const acts = [JSON.parse(data) as ActRecord, ...state.peek().acts]
          state.value = { ...state.peek(), acts: acts.slice(0, MOST_FOLLOWED), busy: false }
        },
      })
      const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        parser.feed(part.value)
      }
      if (!signal.aborted) following.value = false
    } catch (error) {
      tell(error, signal)
      if (!signal.aborted) following.value = false
    }
  }
  const key = String(filter)
  useEffect(() => {
    if (filter) void ask()
    return () => asking.current?.abort()
  }, [key])
  const on = following.value
  useEffect(() => {
    if (!on) return
    const leaving = new AbortController()
    void follow(leaving.signal)
    return () => leaving.abort()
  }, [on])
  return {
    ...state.value,
    following: on,
    follow: (next: boolean) => {
      following.value = next
    },
    again: () => ask(),
    earlier: () => ask(state.peek().acts.at(-1)?.seq),
  }
}
