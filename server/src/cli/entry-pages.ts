import type { Entry } from '../store/entries.ts'
import type { DeskClient } from './desk-client.ts'

/** Asked for at a time: nobody else waits long for so many. */
const PAGE = 200

/** Everybody who is meant by `query`, fetched page by page. Throws as DeskClient.json. */
export async function allEntries(
  desk: Pick<DeskClient, 'json'>,
  query: URLSearchParams = new URLSearchParams(),
): Promise<Entry[]> {
  const all: Entry[] = []
  for (;;) {
    const page = new URLSearchParams(query)
    page.set('limit', String(PAGE))
    const last = all.at(-1)
    if (last !== undefined) page.set('after', last.id)
    const found = await desk.json<Entry[]>('GET', `/entries?${page}`)
    all.push(...found)
    if (found.length < PAGE) return all
  }
}
