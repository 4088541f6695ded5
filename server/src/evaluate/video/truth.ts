import { basename, extname } from 'node:path'
import { Refusal } from '@vedette/shared/errors'
import { csvFields } from '../csv.ts'

/** Somebody is to be seen in a clip, seconds from its start. */
export type Appearance = { name: string; from: number; to: number }

/** Who is to be seen in each clip that was labelled. */
export type Truth = ReadonlyMap<string, readonly Appearance[]>

const HEADERS = ['clip,name', 'clip,name,from,to']

/**
 * The truth about `clips` in `text`, CSV under the header `clip,name` or `clip,name,from,to` (seconds;
 * left out, the whole clip). A row without a name says that the clip shows nobody who is enrolled. Clips
 * go by their path, their file's name, or that without its ending; rows of other clips do not matter.
 * Throws Refusal `evaluate.bad-truth` saying `file:line: what is wrong`.
 */
export function parseTruth(text: string, file: string, clips: readonly string[]): Truth {
  const [header, ...lines] = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, i) => ({ text: line.trim(), number: i + 1 }))
    .filter((line) => line.text !== '')
  const wrong = (number: number, what: string) =>
    new Refusal('evaluate.bad-truth', `${file}:${number}: ${what}`)
  const columns = csvFields(header?.text ?? '')
    ?.join()
    .toLowerCase()
  if (columns === undefined || !HEADERS.includes(columns)) {
    throw wrong(header?.number ?? 1, `the header is ${HEADERS.join(' or ')}`)
  }
  const truth = new Map<string, Appearance[]>()
  for (const { text: line, number } of lines) {
    const fields = csvFields(line)
    const [named, name = '', ...times] = fields ?? []
    if (named === undefined || named === '') throw wrong(number, 'no clip is named')
    const [from = 0, to = Number.POSITIVE_INFINITY] = times.map((time) =>
      time === '' ? undefined : Number(time),
    )
    if (times.length > 2 || !(from >= 0) || !(to > from)) {
      throw wrong(number, 'expected clip,name,from,to with from before to, seconds')
    }
    for (const clip of clips.filter((candidate) => isNamed(candidate, named))) {
      const known = truth.get(clip) ?? []
      truth.set(clip, name === '' ? known : [...known, { name, from, to }])
    }
  }
  const missing = clips.filter((clip) => !truth.has(clip))
  if (missing.length === 0) return truth
  throw new Refusal('evaluate.bad-truth', `${file} says nothing of ${missing.join(', ')}`, {
    hint: 'a clip that shows nobody enrolled has a row with its name and nothing behind the comma',
  })
}

function isNamed(clip: string, name: string): boolean {
  return [clip, basename(clip), basename(clip, extname(clip))].includes(name)
}
