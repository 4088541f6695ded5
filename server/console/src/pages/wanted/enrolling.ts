import type { AddedTo, EnrolAnswer, Findings } from '@vedette/server/gallery/enrolment-answer'
import { desk } from '../../desk.ts'
import { asProblem, type DeskProblem } from '../../problem.ts'
import type { Shot } from './shots.ts'

const KEY_HEADER = 'idempotency-key'

/** What is said of a wanted person, as the form has it. */
export type Said = {
  name: string
  aliases: string
  reason: string
  legalBasis: string
  authority: string
  caseNumber: string
  note: string
}

export const NOTHING_SAID: Said = {
  name: '',
  aliases: '',
  reason: '',
  legalBasis: '',
  authority: '',
  caseNumber: '',
  note: '',
}

/** Somebody's sighting that is enrolled. */
export type Sighting = { alert: string; shot: string | undefined }

/** To whom, and with what. */
export type Asking = {
  shots: readonly Shot[]
  list: string
  sighting: Sighting | undefined
  /** The entry that they are added to. */
  into: string | undefined
}

/** What was found, and why it would be refused. */
export type Checked = { findings: Findings | undefined; problem: DeskProblem | undefined }

/** What would be said of it; nothing is stored. Rejects where `signal` ends it. */
export async function check(asking: Asking, signal: AbortSignal): Promise<Checked> {
  const form = formOf(asking)
  // Those that are not good are left out in the end: what is said of the others is wanted now.
  form.set('poor', 'true')
  try {
    const findings = await desk.post<EnrolAnswer>('/entries/check', form, { signal })
    return { findings, problem: undefined }
  } catch (error) {
    if (signal.aborted) throw error
    const problem = asProblem(error)
    return { findings: problem.answer.findings, problem }
  }
}

export type Enrolling = Asking & {
  said: Said
  expiresAt: number | undefined
  /** Though it looks like somebody else, or like too many; the reason is recorded. */
  anyway: string | undefined
  /** The same, the same answer. */
  key: string
}

/** Enrols somebody, or adds photographs to somebody. */
export function enrol(asked: Enrolling): Promise<EnrolAnswer | AddedTo> {
  const { said, expiresAt, anyway, key, into } = asked
  const form = formOf(asked)
  if (anyway !== undefined) form.set('anyway', 'true')
  const options = { reason: anyway, headers: { [KEY_HEADER]: key } }
  if (into !== undefined) return desk.post<AddedTo>(`/entries/${into}/photos`, form, options)
  const { aliases, ...words } = said
  for (const [field, value] of Object.entries(words)) form.set(field, value)
  form.set('aliases', aliases.split(',').join('\n'))
  if (expiresAt !== undefined) form.set('expiresAt', String(expiresAt))
  return desk.post<EnrolAnswer>('/entries', form, options)
}

function formOf({ shots, list, sighting, into }: Asking): FormData {
  const form = new FormData()
  const own = shots.filter(({ file }) => file !== undefined)
  form.set('list', list)
  if (into !== undefined) form.set('into', into)
  if (sighting !== undefined && shots.length > own.length) {
    form.set('alert', sighting.alert)
    if (sighting.shot !== undefined) form.set('shot', sighting.shot)
  }
  form.set('faces', own.map(({ face }) => face ?? '').join('\n'))
  form.set('sources', own.map(({ source }) => oneLine(source)).join('\n'))
  form.set('taken', own.map(({ taken }) => oneLine(taken)).join('\n'))
  for (const { file, name } of own) if (file !== undefined) form.append('photo', file, name)
  return form
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
