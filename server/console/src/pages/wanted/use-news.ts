import { useEffect, useRef } from 'preact/hooks'
import { type News, on, onResumed } from '../../stream.ts'

/** What comes within this time is looked at together, milliseconds. */
const TOGETHER_MS = 250

/**
 * Calls `again` soon after something of `kinds` came that `isMeant`, or the stream is there again:
 * what was told meanwhile was missed.
 */
export function useNews<K extends keyof News>(
  kinds: readonly K[],
  again: () => void,
  isMeant: (news: News[K]) => boolean = () => true,
): void {
  const latest = useRef({ again, isMeant })
  latest.current = { again, isMeant }
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        latest.current.again()
      }, TOGETHER_MS)
    }
    const ends = [
      onResumed(soon),
      ...kinds.map((kind) => on(kind, (news) => latest.current.isMeant(news) && soon())),
    ]
    return () => {
      clearTimeout(timer)
      for (const end of ends) end()
    }
  }, [])
}
