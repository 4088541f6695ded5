import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import type { Candidate } from '../gallery/gallery.ts'
import { merge, type NearMisses, type NearMissStore } from '../store/near-misses.ts'
import { Tally } from '../tally.ts'
import type { Walk } from './walk.ts'

/** Counts near misses. */
export type NearMissLog = Tally<NearMisses>

export function openNearMissLog(store: NearMissStore, clock: Clock, log: Log): NearMissLog {
  return new Tally({
    of: 'near-misses',
    keyOf: ({ entryId, agent, camera }) => [entryId, agent, camera].join('/'),
    merge,
    write: (rows) => store.add(rows),
    clock,
    log,
  })
}

/** One walk that came near a candidate without being taken for it. */
export function nearMissOf(
  { agent, camera, lastSeen }: Walk,
  { entryId, templateId, score }: Candidate,
): NearMisses {
  return { entryId, agent, camera, walks: 1, highest: score, templateId, lastAt: lastSeen }
}
