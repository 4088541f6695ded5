import type { Register, RegisterChange } from '../entries/register.ts'
import type { Caller } from '../operators/caller.ts'
import type { EntryStore } from '../store/entries.ts'
import type { EventStream } from './events.ts'

/** Something that happened to an entry, as those who watch are told. */
export type EntryNews = Omit<RegisterChange, 'kind'> & {
  kind: 'entry'
  what: RegisterChange['kind']
  /** Undefined once it is gone, also to a list that is not there for whoever is told. */
  name: string | undefined
}

/** Tells `stream` what happens to entries that `caller` sees; the function returned ends that. */
export function sendEntries(
  stream: EventStream,
  caller: Pick<Caller, 'sees'>,
  { register, entries }: { register: Pick<Register, 'listen'>; entries: Pick<EntryStore, 'get'> },
): () => void {
  const send = async ({ kind: what, ...change }: RegisterChange) => {
    const entry = await entries.get(change.entry).catch(() => undefined)
    const seen = entry !== undefined && caller.sees(entry.list)
    // Where it went is told by news of its own, to those who see that list.
    if (what === 'gone' && seen) return
    const news: EntryNews = { kind: 'entry', what, ...change, name: seen ? entry.name : undefined }
    if (!stream.closed) stream.send(undefined, 'entry', news)
  }
  return register.listen((change) => {
    if (caller.sees(change.list)) void send(change)
  })
}
