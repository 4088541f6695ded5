import { Refusal } from '@vedette/shared/errors'
import { z } from 'zod'
import type { Caller } from '../operators/caller.ts'
import type { AlertStore } from '../store/alerts.ts'
import { parse } from './parse.ts'

/** The picture of a sighting in the place of a file. */
export const sightingFields = {
  /** The alert whose sighting is meant. */
  alert: z.string().min(1).optional(),
  /** Which of its frames, as they are shown: 1 is the first. */
  shot: z.coerce.number().int().min(1).optional(),
}
const sighting = z.object(sightingFields)

/** What a form says, and its files. */
type Form = { text: Record<string, unknown>; files: { file: string; bytes: Uint8Array }[] }

/**
 * Puts the picture of a sighting in front of the files of `form`, where it names one, and says where it is
 * from. Throws Refusal `alert.not-found`, also where whoever asks does not see it.
 */
export async function addSighting(
  { text, files }: Form,
  caller: Caller,
  alerts: Pick<AlertStore, 'get' | 'chip' | 'frames' | 'frameChip'>,
): Promise<void> {
  const { alert: id, shot } = parse(sighting, text)
  if (id === undefined) return
  const { agent, camera, list, capturedAt } = await alerts.get(id)
  if (!caller.sees(list) || !caller.seesCamera(agent, camera)) throw notFound(`no alert ${id}`)
  const frames = shot === undefined ? [] : await alerts.frames(id)
  const frame = shot === undefined ? undefined : frames[shot - 1]
  if (shot !== undefined && frame === undefined) {
    throw notFound(`alert ${id} has ${frames.length} frames, not ${shot}`)
  }
  const bytes = frame === undefined ? await alerts.chip(id) : await alerts.frameChip(id, frame)
  const seen = new Date(frame?.capturedAt ?? capturedAt).toISOString()
  const source = `sighting of alert ${id} at ${agent}/${camera}`
  files.unshift({ file: `sighting-${id}.jpg`, bytes })
  for (const [field, first] of [
    ['sources', source],
    ['taken', seen],
    ['faces', ''],
  ] as const) {
    const said = text[field]
    text[field] = typeof said === 'string' ? `${first}\n${said}` : first
  }
}

function notFound(words: string): Refusal {
  return new Refusal('alert.not-found', words, { hint: 'see: vedette alerts show ID' })
}
