import { batch, signal } from '@preact/signals'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import type { EntryNews } from '@vedette/server/desk/entry-news'
import type { NamedChange } from '@vedette/server/desk/named'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { desk } from './desk.ts'
import { asProblem } from './problem.ts'

/** The desk shows that it is alive more than twice in this time, milliseconds. */
const DEAD_MS = 35_000
const LONGEST_PAUSE_MS = 5000

export type Link = {
  state: 'connecting' | 'up' | 'down'
  /** Epoch milliseconds. */
  since: number
  /** When anything was last heard, epoch milliseconds; undefined before the first. */
  heardAt: number | undefined
}

/**
 * What comes: alerts under the name `alert`, whatever happened to them; the rest as the desk names it.
 * `lists` and `imports` say only that they are to be looked at again.
 */
export type News = {
  alert: NamedChange
  watch: Watch
  camera: object
  entry: EntryNews
  lists: object
  imports: object
}

export const link = signal<Link>({ state: 'connecting', since: Date.now(), heardAt: undefined })

const listeners = new Map<string, Set<(news: never) => void>>()
const resumed = new Set<() => void>()
let running: AbortController | undefined
let last: string | undefined

/** Calls `listener` with all that comes of `kind`; the function returned ends that. */
export function on<K extends keyof News>(kind: K, listener: (news: News[K]) => void): () => void
export function on<T>(kind: string, listener: (news: T) => void): () => void
export function on(kind: string, listener: (news: never) => void): () => void {
  const those = listeners.get(kind) ?? new Set()
  listeners.set(kind, those.add(listener))
  return () => those.delete(listener)
}

/** Calls `listener` whenever the stream is there again: what has no number may have been missed. */
export function onResumed(listener: () => void): () => void {
  resumed.add(listener)
  return () => resumed.delete(listener)
}

/** Follows the desk until `stopFollowing`. */
export function follow(): void {
  if (running) return
  running = new AbortController()
  void keepFollowing(running.signal)
}

export function stopFollowing(): void {
  running?.abort()
  running = undefined
  last = undefined
  link.value = { state: 'connecting', since: Date.now(), heardAt: undefined }
}

async function keepFollowing(signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await followOnce(signal, () => {
        failures = 0
      })
    } catch (error) {
      if (signal.aborted || asProblem(error).code === 'session.missing') return
    }
    if (signal.aborted) return
    if (link.peek().state !== 'down') {
      link.value = { ...link.peek(), state: 'down', since: Date.now() }
    }
    const most = Math.min(LONGEST_PAUSE_MS, 250 * 2 ** failures)
    await pause(Math.random() * most, signal)
  }
}

async function followOnce(signal: AbortSignal, onUp: () => void): Promise<void> {
  const dead = new AbortController()
  const either = AbortSignal.any([signal, dead.signal])
  const since = last === undefined ? '' : `&since=${last}`
  let timer = setTimeout(() => dead.abort(), DEAD_MS)
  try {
    const path = `/alerts/events?cameras=1&entries=1&lists=1${since}`
    const answer = await desk.ask('GET', path, undefined, { signal: either })
    const parser = createParser({ onEvent: tell })
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
    if (!reader) return
    link.value = { state: 'up', since: Date.now(), heardAt: Date.now() }
    onUp()
    for (const listener of resumed) listener()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(() => dead.abort(), DEAD_MS)
      link.value = { ...link.peek(), heardAt: Date.now() }
      // A burst is drawn once, not once for each.
      batch(() => parser.feed(value))
    }
  } finally {
    clearTimeout(timer)
  }
}

function tell({ id, event = 'message', data }: EventSourceMessage): void {
  if (id !== undefined) last = id
  const news: unknown = JSON.parse(data)
  const kind = id === undefined ? event : 'alert'
  for (const listener of listeners.get(kind) ?? []) listener(news as never)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      window.removeEventListener('online', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    window.addEventListener('online', end)
    signal.addEventListener('abort', end, { once: true })
  })
}
