import { win32 } from 'node:path'
import { Refusal } from '@vedette/shared/errors'
import { csvFields } from './csv.ts'

/** Two pictures to compare, as paths relative to the images folder; folds count from 0. */
export type Pair = { left: string; right: string; same: boolean; fold: number | undefined }

type Line = { text: string; number: number }
type Complain = (line: number, what: string) => Refusal

const LFW_HEADER = /^\d+([\t ]+\d+)?$/
const CSV_HEADER = ['left', 'right', 'same']
const SAME = new Map([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
])

/**
 * The pairs in `text`, which is read from `file` (named in complaints only). Either CSV under the
 * header `left,right,same`, with 1, 0, true, or false for the last, or the layout of LFW's pairs.txt:
 * `folds` and `n`, or `n` alone, and then for each fold `n` lines `name i j` (same person) and `n`
 * lines `name i name j` (different persons), each number standing for name/name_0001.jpg.
 * Blank lines, CRLF, and a byte order mark do not matter.
 * Throws Refusal 'evaluate.bad-pairs' saying `file:line: what is wrong`; an absolute path, one that
 * leaves the folder, and an empty list are wrong too.
 * Source: README of LFW, vis-www.cs.umass.edu/lfw.
 */
export function parsePairs(text: string, file: string): Pair[] {
  const complain: Complain = (line, what) =>
    new Refusal('evaluate.bad-pairs', `${file}:${line}: ${what}`)
  const [header, ...lines] = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line, i) => ({ text: line.trim(), number: i + 1 }))
    .filter((line) => line.text !== '')
  if (!header) throw complain(1, 'no pairs: the file is empty')
  if (LFW_HEADER.test(header.text)) return fromLfw(header, lines, complain)
  if (csvFields(header.text)?.join().toLowerCase() === CSV_HEADER.join()) {
    if (lines.length === 0) throw complain(header.number, 'no pairs below the header')
    return lines.map((line) => fromCsv(line, complain))
  }
  throw complain(
    header.number,
    `neither the header ${CSV_HEADER.join()} nor a number of pairs, as LFW has it`,
  )
}

function fromCsv({ text, number }: Line, complain: Complain): Pair {
  const fields = csvFields(text)
  if (!fields) throw complain(number, 'a quotation mark is out of place')
  const [left, right, flag] = fields
  if (left === undefined || right === undefined || flag === undefined || fields.length > 3) {
    throw complain(number, `${fields.length} fields, not ${CSV_HEADER.join()}`)
  }
  const same = SAME.get(flag.toLowerCase())
  if (same === undefined) throw complain(number, `same is 1, 0, true, or false, not '${flag}'`)
  return checked({ left, right, same, fold: undefined }, number, complain)
}

function fromLfw(header: Line, lines: readonly Line[], complain: Complain): Pair[] {
  const numbers = header.text.split(/[\t ]+/).map(Number)
  const [folds, size] = numbers.length === 2 ? [numbers[0]!, numbers[1]!] : [1, numbers[0]!]
  const expected = 2 * folds * size
  if (expected === 0) throw complain(header.number, 'no pairs: a count is 0')
  const pairs = lines.slice(0, expected).map((line, i) => {
    const fold = folds === 1 ? undefined : Math.floor(i / (2 * size))
    return checked(lfwPair(line, i % (2 * size) < size, fold, complain), line.number, complain)
  })
  if (lines.length === expected) return pairs
  const last = lines[expected] ?? lines.at(-1) ?? header
  throw complain(last.number, `${lines.length} pairs, but the first line announces ${expected}`)
}

function lfwPair(
  { text, number }: Line,
  same: boolean,
  fold: number | undefined,
  complain: Complain,
): Pair {
  const fields = text.split(/[\t ]+/)
  const [name, i, other, j] = same ? [fields[0], fields[1], fields[0], fields[2]] : fields
  const layout = same ? 'name, number, number' : 'name, number, name, number'
  if (!name || !i || !other || !j || fields.length > (same ? 3 : 4)) {
    throw complain(number, `${fields.length} fields, not ${layout}`)
  }
  if (!same && name === other) throw complain(number, 'one name twice in a pair of two persons')
  const path = (who: string, which: string) => {
    if (!/^\d{1,9}$/.test(which)) throw complain(number, `'${which}' is not a number (${layout})`)
    return `${who}/${who}_${String(Number(which)).padStart(4, '0')}.jpg`
  }
  return { left: path(name, i), right: path(other, j), same, fold }
}

function checked(pair: Pair, line: number, complain: Complain): Pair {
  for (const path of [pair.left, pair.right]) {
    if (path === '') throw complain(line, 'a path is empty')
    if (win32.isAbsolute(path)) throw complain(line, `'${path}' is absolute`)
    if (path.split(/[\\/]/).includes('..')) throw complain(line, `'${path}' leaves the folder`)
  }
  return pair
}
