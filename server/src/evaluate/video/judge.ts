import type { Certainty } from '../../alerts/life.ts'
import type { Event } from './control-room.ts'
import { poissonInterval } from './poisson.ts'
import type { Appearance, Truth } from './truth.ts'

/** Labels are made by hand: an alert this much off an appearance still belongs to it, seconds. */
const SLACK = 1
const CONFIDENCE = 0.9

/** What a clip brought; times are seconds from its start. */
export type Shown = {
  clip: string
  seconds: number
  questions: number
  /** Tracks that were asked about. */
  walks: number
  events: readonly Event[]
}

export type AlertResult = {
  name: string
  /** Another who is as likely: then there is no name to give. */
  rival: string | null
  raisedAt: number
  /** When it was confirmed, and when it was withdrawn, the last time. */
  confirmedAt: number | null
  withdrawnAt: number | null
  certainty: Certainty
  score: number
  threshold: number
  /** Whether the person was there; undefined where nobody says so. */
  right?: boolean
}

export type AppearanceResult = Appearance & {
  hit: boolean
  /** From when the person came into view to the first sign of an alert, seconds. */
  timeToAlert: number | null
}

export type ClipResult = {
  clip: string
  seconds: number
  walks: number
  questions: number
  alerts: AlertResult[]
  /** Undefined where nobody says who is to be seen. */
  appearances?: AppearanceResult[]
}

/** The same of all clips. */
export type VideoResult = {
  clips: ClipResult[]
  cameraHours: number
  walks: number
  alerts: number
  certainty: Record<Certainty, number>
  /** Alerts for each time that somebody was found: one is best. */
  alertsPerWalk: number | null
  judged?: {
    hits: number
    misses: number
    people: { name: string; appearances: number; hits: number; timeToAlert: number | null }[]
    /** Alerts about somebody who was not there; of those, taken back by themselves. */
    falseAlerts: number
    falseWithdrawn: number
    falsePerCameraHour: number
    /** Between which the true rate lies with a chance of 90 %. */
    falsePerCameraHourInterval: [number, number]
    /** Median of the hits, seconds. */
    timeToAlert: number | null
  }
}

/** Holds what the clips brought against who was to be seen, where `truth` says so. */
export function judgeVideo(
  shown: readonly Shown[],
  truth: Truth | undefined,
  nameOf: (entryId: string) => string,
): VideoResult {
  const clips = shown.map(({ events, ...clip }) => {
    const sightings = sightingsOf(events, nameOf)
    const there = truth?.get(clip.clip)
    const alerts = sightings.map(({ times: _times, ...alert }) =>
      there === undefined ? alert : { ...alert, right: there.some((one) => agrees(alert, one)) },
    )
    const appearances = there?.map((one) => found(one, sightings, clip.seconds))
    const { clip: name, seconds, walks, questions } = clip
    return { clip: name, seconds, walks, questions, alerts, ...(appearances && { appearances }) }
  })
  return { clips, ...sums(clips, truth !== undefined) }
}

type Sighting = AlertResult & { times: number[] }

function sightingsOf(events: readonly Event[], nameOf: (entryId: string) => string): Sighting[] {
  const ids = [...new Set(events.map(({ alert }) => alert.id))]
  return ids.map((id) => {
    const own = events.filter(({ alert }) => alert.id === id)
    const { entryId, rival, certainty, score, threshold } = own.at(-1)!.alert
    const last = (kind: Event['kind']) =>
      own.findLast((event) => event.kind === kind)?.seconds ?? null
    const born = own[0]!.alert.certainty === 'confirmed' ? own[0]!.seconds : null
    return {
      name: nameOf(entryId),
      rival: rival === null ? null : nameOf(rival),
      raisedAt: own[0]!.seconds,
      confirmedAt: last('confirmed') ?? born,
      withdrawnAt: certainty === 'withdrawn' ? last('withdrawn') : null,
      certainty,
      score,
      threshold,
      times: own.filter(({ kind }) => kind !== 'withdrawn').map(({ seconds }) => seconds),
    }
  })
}

/** True when the alert says that this person is there, alone or with somebody as likely. */
function agrees({ name, rival, raisedAt }: AlertResult, one: Appearance): boolean {
  return [name, rival].includes(one.name) && within(raisedAt, one)
}

function within(seconds: number, { from, to }: Appearance): boolean {
  return seconds >= from - SLACK && seconds <= to + SLACK
}

function found(one: Appearance, sightings: readonly Sighting[], end: number): AppearanceResult {
  const times = sightings
    .filter(({ name, rival, certainty }) => {
      return name === one.name && rival === null && certainty !== 'withdrawn'
    })
    .flatMap((sighting) => sighting.times.filter((seconds) => within(seconds, one)))
  const hit = times.length > 0
  const to = Math.min(one.to, end)
  return { ...one, to, hit, timeToAlert: hit ? Math.max(0, Math.min(...times) - one.from) : null }
}

function sums(clips: readonly ClipResult[], judged: boolean): Omit<VideoResult, 'clips'> {
  const alerts = clips.flatMap((clip) => clip.alerts)
  const appearances = clips.flatMap((clip) => clip.appearances ?? [])
  const hits = appearances.filter(({ hit }) => hit)
  const cameraHours = clips.reduce((sum, { seconds }) => sum + seconds, 0) / 3600
  const of = (certainty: Certainty) =>
    alerts.filter((alert) => alert.certainty === certainty).length
  const wrong = alerts.filter(({ right }) => right === false)
  const times = judged ? hits.length : clips.reduce((sum, clip) => sum + namesIn(clip), 0)
  const counted = judged ? alerts.length - wrong.length : alerts.length
  const rate = (count: number) => count / cameraHours
  const [low, high] = poissonInterval(wrong.length, CONFIDENCE)
  return {
    cameraHours,
    walks: clips.reduce((sum, { walks }) => sum + walks, 0),
    alerts: alerts.length,
    certainty: {
      provisional: of('provisional'),
      confirmed: of('confirmed'),
      withdrawn: of('withdrawn'),
    },
    alertsPerWalk: times === 0 ? null : counted / times,
    ...(judged && {
      judged: {
        hits: hits.length,
        misses: appearances.length - hits.length,
        people: peopleIn(appearances),
        falseAlerts: wrong.length,
        falseWithdrawn: wrong.filter(({ certainty }) => certainty === 'withdrawn').length,
        falsePerCameraHour: rate(wrong.length),
        falsePerCameraHourInterval: [rate(low), rate(high)],
        timeToAlert: medianTime(hits),
      },
    }),
  }
}

function namesIn({ alerts }: ClipResult): number {
  return new Set(alerts.map(({ name }) => name)).size
}

function peopleIn(appearances: readonly AppearanceResult[]) {
  const names = [...new Set(appearances.map(({ name }) => name))].toSorted()
  return names.map((name) => {
    const own = appearances.filter((one) => one.name === name)
    const hits = own.filter(({ hit }) => hit)
    return { name, appearances: own.length, hits: hits.length, timeToAlert: medianTime(hits) }
  })
}

function medianTime(hits: readonly AppearanceResult[]): number | null {
  const times = hits.flatMap(({ timeToAlert }) => timeToAlert ?? []).toSorted((p, q) => p - q)
  return times[times.length >> 1] ?? null
}
