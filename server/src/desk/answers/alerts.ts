import { z } from 'zod'
import { ALERT_STATES, OUTCOMES } from '../../alerts/life.ts'
import type { Basis } from '../../evidence/basis.ts'
import { dossier } from '../../evidence/dossier.ts'
import { FATES } from '../../report/figures.ts'
import type { Step } from '../../store/alerts.ts'
import type { EvidenceFrame } from '../../store/evidence.ts'
import type { NamedIncident } from '../answered/alerts.ts'
import type { Decided } from '../answered/decisions.ts'
import type { HistoryPage } from '../answered/history.ts'
import type { NamedRejection } from '../answered/rejections.ts'
import type { Trail } from '../answered/trail.ts'
import type { NamedAlert } from '../named.ts'
import {
  count,
  exactly,
  number,
  numberOrNull,
  ofCamera,
  person,
  span,
  text,
  textOrNull,
  texts,
  time,
  timeOrNull,
  yes,
} from './exactly.ts'
import { place } from './places.ts'
import { problemAnswer } from './problem.ts'

const outcome = z.enum(OUTCOMES).nullable().describe('null: nobody has judged it')
const shown = {
  list: text,
  ...ofCamera,
  place: place.nullable(),
  state: z.enum(ALERT_STATES),
  certainty: z.enum(['provisional', 'confirmed', 'withdrawn']),
  capturedAt: time,
  late: yes.describe('all that speaks for it came too late to act on'),
  retrospective: yes.describe('found when its entry was enrolled'),
  openSince: time,
  escalations: count,
  acknowledgedBy: person,
  parkedUntil: timeOrNull,
}
const ofList = {
  listName: text.optional(),
  colour: text.optional(),
  priority: number.describe('1 is the most urgent').optional(),
}

/** What of an alert everybody in the room may see. */
export const shownOfAlert = { id: text, ...shown, ...ofList }

export const ofAlert = {
  id: text,
  incident: text,
  entryId: text,
  rival: textOrNull.describe('another entry that it may be just as well'),
  track: text,
  ...shown,
  receivedAt: time,
  raisedAt: time,
  score: number.describe('to be read against the threshold, never as a per cent'),
  threshold: number,
  runnerUp: numberOrNull.describe('the score of the next entry'),
  templateId: text,
  quality: number,
  box: z.tuple([number, number, number, number]).describe('x, y, width, height, pixels'),
  space: text,
  shots: count.describe('frames that reached the threshold'),
  acknowledgedAt: timeOrNull,
  outcome,
  resolvedAt: timeOrNull,
  resolvedBy: person,
  escalatedAt: timeOrNull,
  parkedBy: person,
  affirmedAt: timeOrNull,
  affirmedBy: person,
  takeBack: z.strictObject({ by: text, until: time }).nullable(),
}

export const ofNamedAlert = {
  ...ofAlert,
  ...ofList,
  name: text.describe('not there while it may be either of two').optional(),
  either: texts.optional(),
}

export const alertAnswer = exactly<NamedAlert>('Alert')(z.strictObject(ofNamedAlert))

const frame = { track: text, shot: count }

export const stepAnswer = exactly<Step>('AlertStep')(
  z.strictObject({
    seq: count,
    kind: z.enum([
      'raised',
      'improved',
      'confirmed',
      'withdrawn',
      'current',
      'acknowledged',
      'taken',
      'parked',
      'affirmed',
      'disputed',
      'resolved',
      'reopened',
      'escalated',
      'returned',
      'undone',
    ]),
    at: time,
    by: person,
    outcome,
    frame: z.strictObject(frame).nullable().describe('that brought it about'),
    from: textOrNull,
    note: textOrNull,
    why: textOrNull,
  }),
)

const { walk, ...rest } = dossier.shape
export const basisAnswer = exactly<Basis | null>()(
  z
    .strictObject({ ...rest, templates: texts, walk: walk.omit({ probe: true }) })
    .nullable()
    .describe('null: raised before that was kept'),
)

export const frameAnswer = exactly<EvidenceFrame>()(
  z.strictObject({
    ...frame,
    chips: count,
    capturedAt: time,
    quality: number,
    score: number,
    threshold: number,
  }),
)

export const incidentAnswer = exactly<NamedIncident>()(
  z.strictObject({
    id: text,
    entryId: text,
    firstAt: time,
    lastAt: time,
    name: text.optional(),
    alerts: z.array(alertAnswer),
  }),
)

export const decidedAnswer = exactly<Decided>()(
  z.union([
    z.strictObject({ id: text, alert: alertAnswer }),
    z.strictObject({ id: text, problem: problemAnswer }),
  ]),
)

const fates = Object.fromEntries(FATES.map((fate) => [fate, count])) as Record<
  (typeof FATES)[number],
  typeof count
>

export const historyAnswer = exactly<HistoryPage>()(
  z.strictObject({
    alerts: z.array(alertAnswer),
    next: textOrNull.describe('what to say as before for the next page'),
    density: z
      .strictObject({ step: span, counts: z.array(z.strictObject({ at: time, ...fates })) })
      .nullable(),
  }),
)

export const trailAnswer = exactly<Trail>()(
  z.strictObject({
    entry: text,
    name: text,
    points: z.array(
      z.strictObject({
        alert: text,
        at: time,
        ...ofCamera,
        incident: text,
        certainty: shown.certainty,
        state: shown.state,
        outcome,
        late: yes,
        retrospective: yes,
        place: shown.place,
        undecided: yes.describe('another person is as likely'),
      }),
    ),
    more: yes.describe('there is more in that time, before what is told'),
  }),
)

export const rejectionAnswer = exactly<NamedRejection>()(
  z.strictObject({
    id: text,
    entryId: text,
    alertId: text,
    at: time,
    by: text,
    space: text,
    name: text,
  }),
)
