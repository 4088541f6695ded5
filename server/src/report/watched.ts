import type { CameraStatus } from '../cameras/known.ts'
import type { Why } from '../cameras/state.ts'
import type { Period, PeriodSum } from '../store/past/periods.ts'

/** What was to be said of a camera, and for how long. Milliseconds, epoch milliseconds. */
export type Watched = {
  agent: string
  camera: string
  /** For how long there was anything to say: before, nothing was written down. */
  known: number
  /** For how long it was seen to work. */
  well: number
  /** For how long nobody could rely on it, by why; `server-away`: nobody was there to see. */
  blind: Partial<Record<Why | 'server-away', number>>
  /** Of the test face as it came through last, and how many in a row did not; null: of a camera that is gone. */
  canary: { passedAt: number | null; latencyMs: number | null; missed: number } | null
}

export type Relied = Pick<Watched, 'known' | 'well' | 'blind'>

/** It shows what it should, and test faces come through, if late. */
const WELL: readonly string[] = ['well', 'slow'] satisfies Why[]

/** `periods` are oldest first, those of one camera apart from one another. */
export function watchedOf({
  from,
  to,
  periods,
  cameras,
}: {
  from: number
  to: number
  periods: readonly Period[]
  cameras: readonly CameraStatus[]
}): Watched[] {
  const places = new Map(
    [...cameras, ...periods].map(({ agent, camera }) => [`${agent}/${camera}`, { agent, camera }]),
  )
  return [...places.entries()]
    .toSorted(([p], [q]) => p.localeCompare(q))
    .map(([, place]) => {
      const is = (other: typeof place) =>
        other.agent === place.agent && other.camera === place.camera
      const status = cameras.find(is)
      const { passedAt = null, latencyMs = null, missed = 0 } = status ?? {}
      const canary = status === undefined ? null : { passedAt, latencyMs, missed }
      return { ...place, ...sumsOf(periods.filter(is), from, to), canary }
    })
}

function sumsOf(periods: readonly Period[], from: number, to: number) {
  const sums = { known: 0, well: 0, blind: {} as Watched['blind'] }
  const first = periods[0]
  if (first === undefined) return sums
  const blind = (why: Why | 'server-away', ms: number) => {
    if (ms > 0) sums.blind[why] = (sums.blind[why] ?? 0) + ms
  }
  let at = Math.max(from, first.begin)
  for (const { begin, end, why } of periods) {
    const [start, stop] = [Math.max(begin, at), Math.min(end, to)]
    if (stop <= start) continue
    blind('server-away', start - at)
    if (WELL.includes(why)) sums.well += stop - start
    else blind(why as Why, stop - start)
    at = stop
  }
  const begun = Math.max(from, first.begin)
  sums.known = Math.max(0, at - begun)
  return sums
}

/** How long one camera could be relied upon, of the sums of its periods since `from`. */
export function reliedOf(sums: readonly PeriodSum[], from: number, to: number): Relied {
  const relied = { known: 0, well: 0, blind: {} as Watched['blind'] }
  if (sums.length === 0) return relied
  const begun = Math.max(from, Math.min(...sums.map(({ first }) => first)))
  const ended = Math.min(to, Math.max(...sums.map(({ last }) => last)))
  relied.known = Math.max(0, ended - begun)
  let heard = 0
  for (const { why, ms } of sums) {
    heard += ms
    if (WELL.includes(why)) relied.well += ms
    else relied.blind[why as Why] = (relied.blind[why as Why] ?? 0) + ms
  }
  if (heard < relied.known) relied.blind['server-away'] = relied.known - heard
  return relied
}
