import { setTimeout as wait } from 'node:timers/promises'
import { Backoff } from '@vedette/shared/backoff'
import { messageOf, Unavailable } from '@vedette/shared/errors'
import type { CameraChange } from '../cameras/cameras.ts'
import type { Watch } from '../desk/answered/cameras.ts'
import type { EntryNews } from '../desk/entry-news.ts'
import type { NamedChange } from '../desk/named.ts'
import { cameraLine, changeLine, summary } from './camera-lines.ts'
import type { DeskClient } from './desk-client.ts'
import { print, say, when } from './render.ts'

/** The desk is heard again, or not any more: until it is, an empty screen says nothing. */
export type LinkChange = { kind: 'link'; state: 'up' | 'down'; at: number; message: string }

/** What is there to be watched: all cameras, whenever the desk was reached. */
export type Begun = { kind: 'watch' } & Watch

export type Followed = NamedChange | Begun | CameraChange | EntryNews | LinkChange

/** Changes as they happen, resumed where the connection broke; and when it does. */
export async function* follow(
  desk: Pick<DeskClient, 'events'>,
  since: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Followed> {
  const backoff = new Backoff({ base: 500, cap: 10_000, random: Math.random })
  let last = since
  const link: { state: 'none' | 'up' | 'down' } = { state: 'none' }
  const change = (state: 'up' | 'down', message: string): LinkChange => {
    link.state = state
    return { kind: 'link', state, at: Date.now(), message }
  }
  while (!signal.aborted) {
    let why = 'the server closed the stream'
    try {
      const query = new URLSearchParams({
        cameras: '1',
        entries: '1',
        ...(last !== undefined && { since: last }),
      })
      for await (const { id, event, data } of desk.events(`/alerts/events?${query}`, signal)) {
        if (link.state === 'down') yield change('up', 'the server is heard again')
        link.state = 'up'
        backoff.reset()
        // What was told already, and comes again behind a break, is told once.
        if (id && last !== undefined && Number(id) <= Number(last)) continue
        last = id || last
        const said = JSON.parse(data) as Watch | CameraChange | EntryNews | NamedChange
        yield event === 'watch' ? { kind: 'watch', ...(said as Watch) } : (said as Followed)
      }
    } catch (error) {
      // The first attempt tells whether there is a server at all.
      if (!(error instanceof Unavailable) || link.state === 'none') throw error
      why = messageOf(error)
    }
    if (signal.aborted) return
    if (link.state !== 'down') yield change('down', why)
    await wait(backoff.next(), undefined, { signal }).catch(() => {})
  }
}

/** Prints what is not about an alert. */
export function tell(change: Exclude<Followed, NamedChange>, globals: { json?: true }): void {
  if (change.kind !== 'watch' || globals.json) {
    print(change, globals, lineOf)
    return
  }
  say(summary(change))
  for (const camera of change.cameras) {
    if (camera.state !== 'green') print(camera, globals, cameraLine)
  }
}

function lineOf(change: Exclude<Followed, NamedChange>): string {
  if (change.kind === 'link') return linkLine(change)
  if (change.kind === 'entry') return entryLine(change)
  return change.kind === 'watch' ? summary(change) : changeLine(change)
}

const ENTRY_WORDS: Record<EntryNews['what'], string> = {
  approved: 'approved: is looked for',
  changed: 'changed',
  enrolled: 'enrolled: is looked for',
  gone: 'is not on this list any more',
  expired: 'EXPIRED: is not looked for any more',
  refused: 'refused',
  waiting: 'waits for a second person',
}

function entryLine({ at, what, name, entry, list }: EntryNews): string {
  return `${when(at)}  entry ${ENTRY_WORDS[what]}  ${name ?? '(removed)'}, list ${list}  ${entry}`
}

function linkLine({ state, at, message }: LinkChange): string {
  const words = state === 'up' ? 'LINK UP' : 'LINK DOWN: what is on this screen may be old'
  return `${when(at)}  ${words}  ${message}`
}
