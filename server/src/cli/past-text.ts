import type { PastStatus } from '../desk/answered/past.ts'
import type { AlertSighted, Answer, Sighted } from '../past/answer.ts'
import type { Coverage, Gap, Stretch } from '../past/coverage.ts'
import { table, when } from './render.ts'

/** What is to be said of a time in which nobody can be said to have been seen or not. */
export const GAPS: Record<Gap, string> = {
  'no-canary': 'not seen to work',
  away: 'offline',
  'not-announced': 'taken out of its agent',
  blind: 'showing nothing',
  troubled: 'dark, covered, moved or out of focus',
  missed: 'in doubt',
  waiting: 'not yet seen to work',
  unchecked: 'not checked whether it works',
  'server-away': 'server away',
  'not-kept': 'faces not kept',
  destroyed: 'past its time, destroyed',
  dropped: 'dropped for want of room',
}

/** Stretches named for one reason. */
const MOST_NAMED = 3
const DAY_MS = 86_400_000

/** Where and when somebody was seen, camera by camera, with what could have been seen. */
export function answerText(answer: Answer): string {
  const { since, until, walks, elsewhere, sightings, cameras, alerts, more, lists } = answer
  const found = foundText(sightings)
  const lines = [
    `${found} from ${when(since)} to ${when(until)}: ${walks} walks searched, ${lists.length === 0 ? 'no list keeps any' : `kept for ${lists.join(', ')}`}`,
  ]
  if (more) lines.push('more than can be shown look like it: only the best are here')
  if (elsewhere > 0) {
    lines.push(
      `${elsewhere} walks could not be searched: they are of a model that is not in use now`,
    )
  }
  if (cameras.length === 0) lines.push('no camera is known: nothing was watched')
  for (const camera of cameras) {
    const own = sightings.filter(
      (one) => one.agent === camera.agent && one.camera === camera.camera,
    )
    lines.push(
      '',
      coverageLine(camera, own),
      ...own.toSorted((p, q) => p.from - q.from).map(sightedLine),
    )
  }
  if (alerts.length > 0) lines.push('', 'alerts of that time that look like it:')
  for (const alert of alerts.toSorted((p, q) => p.capturedAt - q.capturedAt)) {
    lines.push(alertLine(alert))
  }
  return lines.join('\n')
}

/** `gate-7/north  not seen; watched 61 % of that time (offline 02:10–09:55)` */
export function coverageLine(
  { agent, camera, share, stretches }: Coverage,
  sightings: readonly Pick<Sighted, 'score' | 'needed'>[],
): string {
  const gaps = new Map<Gap, Stretch[]>()
  for (const stretch of stretches) {
    const { gap } = stretch
    if (gap !== null) gaps.set(gap, [...(gaps.get(gap) ?? []), stretch])
  }
  const [first, last] = [stretches[0]?.from ?? 0, stretches.at(-1)?.to ?? 0]
  const days = last - first > DAY_MS
  const why = [...gaps].map(([gap, all]) => {
    const longest = all.toSorted((p, q) => q.to - q.from - (p.to - p.from)).slice(0, MOST_NAMED)
    const named = longest.toSorted((p, q) => p.from - q.from).map((one) => span(one, days))
    const others = all.length - longest.length
    return `${GAPS[gap]} ${named.join(', ')}${others > 0 ? ` and ${others} more` : ''}`
  })
  const because = why.length === 0 ? '' : ` (${why.join('; ')})`
  const found = foundText(sightings)
  return `${agent}/${camera}  ${found}; watched ${percent(share)} of that time${because}`
}

function foundText(sightings: readonly Pick<Sighted, 'score' | 'needed'>[]): string {
  const seen = sightings.filter(({ score, needed }) => score >= needed).length
  if (seen === 0) return 'not seen'
  return seen === 1 ? 'seen once' : `seen ${seen} times`
}

function sightedLine({ sighting, from, until, score, needed, quality, side, pictured }: Sighted) {
  const reaches =
    score >= needed ? `needed ${needed.toFixed(3)}` : `BELOW the ${needed.toFixed(3)} it needs`
  const took = until > from ? `, for ${Math.max(1, Math.round((until - from) / 1000))} s` : ''
  const face = `${Math.round(side)} pixels, quality ${Math.round(quality * 100)}`
  const picture = pictured ? ', with a picture' : ''
  return `  ${when(from)}${took}  ${score.toFixed(3)} (${reaches})  ${face}${picture}  ${sighting ?? 'under way'}`
}

function alertLine({ id, agent, camera, capturedAt, score, needed, state, list }: AlertSighted) {
  const figures = `${score.toFixed(3)} (needed ${needed.toFixed(3)})`
  return `  ${when(capturedAt)}  ${agent}/${camera}  ${figures}  list ${list}, ${state}  ${id}`
}

/** What is kept, and for whom. */
export function statusText({ walks, bytes, droppedUntil, lists }: PastStatus): string {
  const rows = lists.map(({ list, keepFor, keepPictures }) => [
    list,
    keepFor === 0 ? 'nothing' : `${keepFor / 3_600_000} h`,
    keepFor === 0 ? '' : keepPictures ? 'with pictures' : 'no pictures',
  ])
  const dropped =
    droppedUntil === null
      ? []
      : [`dropped for want of room: what was seen before ${when(droppedUntil)}`]
  return [
    `${walks} walks that matched nobody are kept, ${(bytes / 1e6).toFixed(1)} MB`,
    ...dropped,
    table(['LIST', 'KEEPS', ''], rows),
  ].join('\n')
}

/** Whole per cent, but neither all nor nothing where it is not. */
function percent(share: number): string {
  const whole = Math.round(share * 100)
  if (whole === 100 && share < 1) return '99 %'
  if (whole === 0 && share > 0) return 'less than 1 %'
  return `${whole} %`
}

function span({ from, to }: Stretch, days: boolean): string {
  const [begin, end] = [when(from), when(to)]
  return days
    ? `${begin.slice(5, 16)}–${end.slice(5, 16)}`
    : `${begin.slice(11, 16)}–${end.slice(11, 16)}`
}
