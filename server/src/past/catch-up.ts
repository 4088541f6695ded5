import type { ActKind } from '../audit/kinds.ts'
import type { Hand } from '../hand.ts'
import type { AuditStore } from '../store/audit.ts'

/** Acts after which somebody is to be looked for who was not before, or looks different now. */
const CAME: readonly ActKind[] = [
  'entry.enrolled',
  'entry.approved',
  'entry.photos-added',
  'entry.extended',
  'entry.moved',
  'entry.merged',
  'request.approved',
]
const SEARCHED: ActKind = 'past.searched'
const MOST = 100_000

/** Entries that came since `since` and were not looked for in the past: the server ended before it could. */
export async function unsearched(
  audit: Pick<AuditStore, 'search'>,
  since: number,
): Promise<Map<string, Hand>> {
  const acts = await audit.search({ kinds: [...CAME, SEARCHED], since, after: 0, limit: MOST })
  const left = new Map<string, Hand>()
  for (const { kind, about, by, from, why } of acts) {
    const entry = about?.entry
    if (entry === undefined) continue
    if (kind === SEARCHED) left.delete(entry)
    else left.set(entry, { by: by ?? 'server', from: from ?? 'server', why })
  }
  return left
}
