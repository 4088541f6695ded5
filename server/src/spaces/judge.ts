import type { Galleries } from '../gallery/galleries.ts'
import { Matching, type MatchingOptions } from '../matching/matching.ts'
import { type NearMissLog, nearMissOf } from '../matching/near-miss-log.ts'
import type { Keeper } from '../past/keeper.ts'
import type { UsageLog } from '../report/usage-log.ts'
import type { Store } from '../store/store.ts'
import { decade } from '../thresholds/published.ts'
import { Thresholds, type ThresholdsOptions } from '../thresholds/thresholds.ts'
import { Judges } from './judges.ts'

/** What judges of every space share. */
export type Judging = Pick<
  MatchingOptions,
  'alerts' | 'rejections' | 'strictness' | 'lists' | 'away'
> &
  Pick<ThresholdsOptions, 'clock' | 'log'> & {
    /** Read at every use: it may change meanwhile. */
    settings: { readonly match: { readonly budget: number; readonly walks: number } }
    store: Store
    nearMisses: NearMissLog
    usage: UsageLog
    /** Keeps walks that match nobody, where a list asks for it. */
    keeper: Pick<Keeper, 'take' | 'pictured'>
  }

/** A judge for every gallery that there is, each with thresholds and walks of its own. */
export function openJudges(
  galleries: Galleries,
  {
    settings,
    store,
    nearMisses,
    usage,
    keeper,
    alerts,
    rejections,
    strictness,
    lists,
    away,
    ...learning
  }: Judging,
): Promise<Judges> {
  return Judges.open(galleries, async (gallery, { points: calibration }) => {
    const thresholds = await Thresholds.open({
      ...learning,
      store: store.thresholds,
      agents: store.agents,
      space: gallery.space,
      calibration,
      get budget() {
        return settings.match.budget
      },
      get walks() {
        return settings.match.walks
      },
      get floor() {
        return galleries.calibrationOf(gallery.space).floor
      },
      entries: () => gallery.entries,
    })
    const matching = new Matching({
      gallery,
      alerts,
      rejections,
      strictness,
      lists,
      thresholds,
      decade: decade(calibration),
      clock: learning.clock,
      away,
      pictured: (place) => keeper.pictured(place),
      onOver: (walk) => {
        usage.walked(walk)
        keeper.take(walk, gallery.space)
      },
      onNearMiss: (walk, nearest) => nearMisses.add(nearMissOf(walk, nearest)),
    })
    return { matching, thresholds }
  })
}
