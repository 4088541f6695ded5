import { placeText } from '@vedette/shared/place'
import type { NamedAlert, NamedChange } from '../desk/named.ts'
import type { Basis } from '../evidence/basis.ts'
import type { Step } from '../store/alerts.ts'
import type { EvidenceFrame } from '../store/evidence.ts'
import { when } from './render.ts'
import { reported } from './reported.ts'

/** Equals give no name. */
export function nameOf({ name, either }: NamedAlert): string {
  return either === undefined ? (name ?? '(removed)') : `${either.join(' or ')}?`
}

const WORDS: Record<NamedChange['kind'], string> = {
  raised: 'ALERT',
  improved: 'better shot',
  confirmed: 'CONFIRMED',
  withdrawn: 'WITHDRAWN',
  current: 'IS THERE NOW',
  acknowledged: 'acknowledged',
  taken: 'taken over',
  parked: 'parked',
  returned: 'NO LONGER PARKED',
  affirmed: 'AFFIRMED, NEEDS A SECOND PERSON',
  disputed: 'DISPUTED BY THE SECOND PERSON',
  resolved: 'resolved',
  undone: 'decision undone',
  reopened: 'REOPENED',
  escalated: 'STILL OPEN, NOBODY HAS ACTED',
}

const CALLS: ReadonlySet<NamedChange['kind']> = new Set([
  'raised',
  'escalated',
  'reopened',
  'returned',
  'affirmed',
  'disputed',
])
/** Events whose outcome was taken back. */
const TAKES_BACK: ReadonlySet<NamedChange['kind']> = new Set(['reopened', 'undone'])

/** Whether somebody is to look up: what needs a person, and has none. */
export function isCall({ kind }: NamedChange): boolean {
  return CALLS.has(kind)
}

/** The state, and what it turned out to be. */
export function stateOf(alert: NamedAlert): string {
  const { state, outcome, escalations, parkedUntil, affirmedBy } = alert
  if (outcome !== null) return `${state}: ${outcome}`
  if (parkedUntil !== null) return `parked until ${when(parkedUntil)}`
  if (state === 'awaiting') return `${affirmedBy} says it is them: NEEDS A SECOND PERSON`
  return state === 'open' && escalations > 0 ? 'open, ESCALATED' : state
}

/** One change as a line. */
export function describe({ kind, alert, frame, by, outcome }: NamedChange): string {
  const { agent, camera, score, threshold, certainty } = alert
  const figures = `${score.toFixed(3)} (needed ${threshold.toFixed(3)})`
  const because = kind === 'withdrawn' && frame ? `, because of frame ${frame.shot + 1}` : ''
  const sure = kind === 'raised' ? ` ${certainty}` : ''
  const told = alert.retrospective ? reported(alert) : `reported ${reported(alert)}`
  const was = alert.late ? `WAS, NOT IS (${told}): ` : ''
  const said = outcome === null ? '' : TAKES_BACK.has(kind) ? `, was ${outcome}` : `: ${outcome}`
  const who = by === null ? '' : ` by ${by}`
  const what = `${was}${WORDS[kind]}${said}${sure}${because}${who}`
  const where = alert.place === null ? '' : ` (${placeText(alert.place)})`
  const urgency =
    alert.listName === undefined ? '' : ` (${alert.listName}, priority ${alert.priority})`
  return `${when(alert.capturedAt)}  ${what}  ${nameOf(alert)}${urgency} at ${agent}/${camera}${where}  ${figures}  ${alert.id}`
}

type Shown = NamedAlert & { frames: EvidenceFrame[]; life: Step[]; basis: Basis | null }

/** All of an alert. */
export function explain(alert: Shown): string {
  const { list, agent, camera, score, threshold, runnerUp, frames, life, basis } = alert
  const margin = runnerUp === null ? 'nobody else on the list' : `next best ${runnerUp.toFixed(3)}`
  return [
    `name     ${nameOf(alert)}, list ${alert.listName ?? list}${alert.priority === undefined ? '' : `, priority ${alert.priority}`}`,
    `camera   ${agent}/${camera}`,
    ...(alert.place === null ? [] : [`place    ${placeText(alert.place)}`]),
    `seen     ${when(alert.capturedAt)}${alert.late ? ', WAS, NOT IS' : ''}`,
    `reported ${when(alert.receivedAt)}, ${reported(alert)}`,
    `score    ${score.toFixed(4)}, needed ${threshold.toFixed(4)}, ${margin}`,
    ...(basis === null ? [] : basisLines(basis)),
    `evidence ${alert.certainty}, ${alert.shots} matching shots`,
    ...frames.map(frameLine),
    `quality  ${Math.round(alert.quality * 100)} of 100`,
    `state    ${stateOf(alert)}`,
    ...life.map(stepLine),
    `incident ${alert.incident}`,
  ].join('\n')
}

/** What it was raised by and against, as it was then. */
function basisLines({ threshold, models, list, certificate, software }: Basis): string[] {
  const shown = certificate === null ? 'not known' : `serial ${certificate.serial}`
  return [
    ...threshold.why.map((why) => `         ${why}`),
    `model    ${models.embedder.id}, SHA-256 ${models.embedder.sha256.slice(0, 16)}…`,
    `list     version ${list.version}, ${list.entries} ${list.entries === 1 ? 'entry' : 'entries'} searched, ${list.fingerprint.slice(0, 16)}…`,
    `machine  certificate ${shown}, ${software.agent ?? 'software not known'}`,
  ]
}

function frameLine({ capturedAt, shot, chips, score, threshold, quality }: EvidenceFrame): string {
  const place = score >= threshold ? 'reaches' : 'is below'
  const of = chips === 1 ? 'one chip' : `${chips} chips together`
  return `         ${when(capturedAt)}  frame ${shot + 1}: ${of} ${score.toFixed(4)}, ${place} ${threshold.toFixed(4)}, quality ${Math.round(quality * 100)}`
}

function stepLine({ at, kind, by, from, outcome, note, why, frame }: Step): string {
  const said = outcome === null ? '' : `: ${outcome}`
  const who = by === null ? '' : ` by ${by}${from === null ? '' : ` from ${from}`}`
  const because = by === null && frame !== null ? `, frame ${frame.shot + 1}` : ''
  const words = [note, why && `reason: ${why}`].filter((text) => text).join('; ')
  return `         ${when(at)}  ${kind}${said}${who}${because}${words ? `: ${words}` : ''}`
}
