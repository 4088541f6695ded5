import type { Why } from '../cameras/state.ts'
import type { Period } from '../store/past/periods.ts'
import type { CameraId } from './policy.ts'

/** Why nothing can be said of a time: what was wrong with the camera, or with what was kept. */
export type Gap =
  | Exclude<Why, 'well' | 'slow'>
  /** Nobody was there to see: the server did not run. */
  | 'server-away'
  /** No list asked then for faces that match nobody to be kept. */
  | 'not-kept'
  /** They were kept, and are destroyed by now. */
  | 'destroyed'
  /** They were dropped before their time: there was no room. */
  | 'dropped'

/** A stretch of the time asked for; `gap` null: a usable face would have been seen and be found now. */
export type Stretch = { from: number; to: number; gap: Gap | null }

/** What can be said of one camera, from `since` to `until`. */
export type Coverage = CameraId & {
  /** Of the time asked for, 0 … 1. */
  share: number
  stretches: Stretch[]
}

/** Whys of a camera that shows what it should: test faces come through, and nothing is wrong with it. */
const USABLE: readonly string[] = ['well', 'slow'] satisfies Why[]

export type Asked = {
  since: number
  until: number
  /** What was seen before then is destroyed, or was dropped, and what is later is there. */
  destroyedUntil: number
  droppedUntil: number | undefined
}

/** What `periods` of one camera, oldest first and apart from one another, say of the time asked for. */
export function coverageOf(place: CameraId, periods: readonly Period[], asked: Asked): Coverage {
  const { since, until, destroyedUntil, droppedUntil = 0 } = asked
  const stretches: Stretch[] = []
  const add = (from: number, to: number, gap: Gap | null) => {
    const [begin, end] = [Math.max(from, since), Math.min(to, until)]
    if (begin >= end) return
    const last = stretches.at(-1)
    if (last?.gap === gap && last.to === begin) last.to = end
    else stretches.push({ from: begin, to: end, gap })
  }
  let at = since
  for (const { begin, end, why, kept } of periods) {
    if (begin > at) add(at, begin, 'server-away')
    for (const { from, to, gap } of split(Math.max(begin, at), end, destroyedUntil, droppedUntil)) {
      add(from, to, USABLE.includes(why) ? (kept ? gap : 'not-kept') : (why as Gap))
    }
    at = Math.max(at, end)
  }
  add(at, until, 'server-away')
  const seen = stretches.reduce((sum, { from, to, gap }) => sum + (gap === null ? to - from : 0), 0)
  return { ...pick(place), share: until > since ? seen / (until - since) : 0, stretches }
}

/** The time from `from` to `to`, in parts of which the same is left. */
function split(from: number, to: number, destroyed: number, dropped: number): Stretch[] {
  const first = Math.min(Math.max(destroyed, from), to)
  const second = Math.min(Math.max(dropped, first), to)
  const parts: Stretch[] = [
    { from, to: first, gap: 'destroyed' },
    { from: first, to: second, gap: 'dropped' },
    { from: second, to, gap: null },
  ]
  return parts.filter((part) => part.from < part.to)
}

function pick({ agent, camera }: CameraId): CameraId {
  return { agent, camera }
}
