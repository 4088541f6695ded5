import type { Place } from '@vedette/shared/place'
import type { Selectable } from 'kysely'
import {
  type AlertEvent,
  type AlertState,
  type Certainty,
  type HumanEvent,
  type Outcome,
  TAKE_BACK_MS,
} from '../alerts/life.ts'
import type { Schema } from './schema.ts'

/** What the control room gets for a sighting. Times are epoch milliseconds. */
export type Alert = {
  id: string
  /** Alerts about one entry that followed one another, at whatever cameras, have this in common. */
  incident: string
  entryId: string
  /** Another entry that the evidence speaks for just as much: then there is no name to give. */
  rival: string | null
  list: string
  agent: string
  camera: string
  track: string
  certainty: Certainty
  state: AlertState
  capturedAt: number
  receivedAt: number
  /** All that speaks for it came too late to act on: it tells what was, not what is. */
  late: boolean
  /** It was nobody's when it was seen, and found when its entry was enrolled. */
  retrospective: boolean
  raisedAt: number
  /** The walk's highest score against the entry, and what it had to reach. */
  score: number
  threshold: number
  /** The next entry's score, null where the list has no other. */
  runnerUp: number | null
  templateId: string
  quality: number
  /** x, y, width, height of the face in its frame, pixels. */
  box: [number, number, number, number]
  space: string
  /** Questions that reached the threshold. */
  shots: number
  acknowledgedAt: number | null
  acknowledgedBy: string | null
  /** What it turned out to be, who said so and when; null until then. */
  outcome: Outcome | null
  resolvedAt: number | null
  resolvedBy: string | null
  /** Since when it is open without anybody acting on it, and how often that was called out. */
  openSince: number
  escalations: number
  escalatedAt: number | null
  /** When it is open again by itself, and who said so; null where it is not parked. */
  parkedUntil: number | null
  parkedBy: string | null
  /** Who said first that it is that person, while a second has to. */
  affirmedAt: number | null
  affirmedBy: string | null
  /** Who may still take back what they decided last, and until when; null where nobody may. */
  takeBack: { by: string; until: number } | null
  /** Where the camera stood when it was raised; null where nobody knew. */
  place: Place | null
}

/** What its life makes of it. */
type Lived =
  | ('state' | 'acknowledgedAt' | 'acknowledgedBy' | 'outcome' | 'resolvedAt' | 'resolvedBy')
  | ('openSince' | 'escalations' | 'escalatedAt')
  | ('parkedUntil' | 'parkedBy' | 'affirmedAt' | 'affirmedBy' | 'takeBack')

export type NewAlert = Omit<Alert, 'incident' | 'shots' | 'place' | Lived>

/** A frame by its walk and its number there. */
export type FrameName = { track: string; shot: number }

/** Something that happened to an alert, numbered in order without gaps that matter. */
export type AlertChange = {
  seq: number
  kind: 'raised' | AlertEvent
  at: number
  /** The operator who did it; null where nobody did. */
  by: string | null
  /** Of `resolved` what was said, of `reopened` what was taken back; else null. */
  outcome: Outcome | null
  /** The frame that brought it about; null where a person did. */
  frame: FrameName | null
  alert: Alert
}

/** The columns that a decision sets. */
export const LIVED = [
  'state',
  'acknowledgedAt',
  'acknowledgedBy',
  'outcome',
  'resolvedAt',
  'resolvedBy',
  'openSince',
  'escalations',
  'escalatedAt',
  'parkedUntil',
  'parkedBy',
  'affirmedAt',
  'affirmedBy',
] as const

/** What was decided last, by whom, when, and what those columns were before. */
export type LastDecision = {
  by: string
  at: number
  kind: HumanEvent
  before: Pick<Selectable<Schema['alerts']>, (typeof LIVED)[number]>
}

function takeBackOf({ by, at }: LastDecision): Alert['takeBack'] {
  return { by, until: at + TAKE_BACK_MS }
}

/** Stands in the database where the list has no other entry: no similarity is as low. */
const NO_RUNNER_UP = -2

/** The columns of an alert that its evidence decides. */
export function evidenceColumns(alert: NewAlert) {
  const { score, threshold, runnerUp, templateId, quality, capturedAt, receivedAt, box } = alert
  return {
    score,
    threshold,
    templateId,
    quality,
    capturedAt,
    receivedAt,
    runnerUp: runnerUp ?? NO_RUNNER_UP,
    box: JSON.stringify(box),
  }
}

export function toAlert({
  chip: _,
  probe: __,
  note: ___,
  listId,
  rivalId,
  runnerUp,
  late,
  retrospective,
  box,
  state,
  certainty,
  outcome,
  place,
  before,
  ...row
}: Selectable<Schema['alerts']>): Alert {
  return {
    ...row,
    list: listId,
    rival: rivalId,
    state: state as AlertState,
    certainty: certainty as Certainty,
    outcome: outcome as Outcome | null,
    takeBack: before === null ? null : takeBackOf(JSON.parse(before) as LastDecision),
    late: late !== 0,
    retrospective: retrospective !== 0,
    runnerUp: runnerUp === NO_RUNNER_UP ? null : runnerUp,
    box: JSON.parse(box) as Alert['box'],
    place: place === null ? null : (JSON.parse(place) as Place),
  }
}
