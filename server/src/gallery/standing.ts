import { Fault, Unavailable } from '@vedette/shared/errors'
import type { Entry, EntryStore } from '../store/entries.ts'
import { thresholdFor } from '../thresholds/published.ts'
import type { Thresholds } from '../thresholds/thresholds.ts'
import { behaviourOf } from './behaviour.ts'
import { vectorsOf } from './centre.ts'
import type { Findings } from './enrolment-answer.ts'
import type { Galleries } from './galleries.ts'
import { kinshipOf } from './kinship.ts'
import { lookAlikesOf, peopleAmong, SHOWN_RATE, STRANGER_RATE } from './look-alikes.ts'
import { type PhotoVerdict, unseen, verdictOf } from './photo-verdict.ts'
import type { Photos } from './photos.ts'

export type StandingParts = {
  entries: EntryStore
  photos: Pick<Photos, 'look' | 'behaviour'>
  galleries: Galleries
  thresholds: () => Pick<Thresholds, 'usual' | 'added'>
}

/** What an enrolment would be told today of somebody who is on the list already. */
export async function standingOf(
  { id, list, strictness }: Pick<Entry, 'id' | 'list' | 'strictness'>,
  sees: (list: string) => boolean,
  { entries, photos, galleries, thresholds }: StandingParts,
): Promise<Findings> {
  const gallery = galleries.active
  const { templates } = await entries.enrolled(id, gallery.space)
  const near = templates.map(({ vector }) => vector)
  const { points } = galleries.calibrationOf(gallery.space)
  const same = thresholds().usual
  const shown = Math.min(same, thresholdFor(points, gallery.entries, SHOWN_RATE))
  const looking = { entries, gallery, shown, same, sees, except: id }
  const [verdicts, lookalikes, behaviours] = await Promise.all([
    verdictsOn(id, { entries, photos }),
    lookAlikesOf(near, looking),
    near.length === 0 ? undefined : photos.behaviour(vectorsOf(templates), gallery.space),
  ])
  const { agreement } = kinshipOf(near, thresholdFor(points, 1, STRANGER_RATE))
  const behaviour =
    near.length === 0
      ? null
      : behaviourOf({
          behaviours,
          taken: await peopleAmong(lookalikes, looking),
          agreement,
          threshold: same,
        })
  const times = (behaviour?.timesUsual ?? 1) / strictness
  const forecast = behaviour === null ? [] : await thresholds().added(list, times)
  return { photos: verdicts, agreement, lookalikes, forecast, behaviour }
}

/** Of each photograph as it is kept: the face and its surroundings. */
async function verdictsOn(
  id: string,
  { entries, photos }: Pick<StandingParts, 'entries' | 'photos'>,
): Promise<PhotoVerdict[]> {
  const kept = await entries.photos(id)
  return Promise.all(
    kept.map(async ({ photo }) => {
      try {
        const jpeg = await entries.photo(id, photo - 1)
        const seen = await photos.look(jpeg)
        if (seen.chosen !== undefined || seen.faces.length === 0) return verdictOf(seen, 1, photo)
        // It was cut around one face, which is in its middle.
        const middle = nearestTo(seen.width / 2, seen)
        return verdictOf(await photos.look(jpeg, middle), middle, photo)
      } catch (error) {
        if (!(error instanceof Fault) || error instanceof Unavailable) throw error
        return unseen(error, photo, '')
      }
    }),
  )
}

function nearestTo(x: number, { faces }: { faces: { box: { x: number; width: number } }[] }) {
  const away = faces.map(({ box }) => Math.abs(box.x + box.width / 2 - x))
  return 1 + away.indexOf(Math.min(...away))
}
