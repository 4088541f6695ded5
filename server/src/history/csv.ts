import type { NamedAlert } from '../desk/named.ts'

type Cell = string | number | boolean | null | undefined

const COLUMNS: readonly [string, (alert: NamedAlert) => Cell][] = [
  ['alert', ({ id }) => id],
  ['captured', ({ capturedAt }) => time(capturedAt)],
  ['received', ({ receivedAt }) => time(receivedAt)],
  ['raised', ({ raisedAt }) => time(raisedAt)],
  ['agent', ({ agent }) => agent],
  ['camera', ({ camera }) => camera],
  ['list', ({ list }) => list],
  ['list name', ({ listName }) => listName],
  ['entry', ({ entryId }) => entryId],
  ['name', ({ name, either }) => name ?? either?.join(' or ')],
  ['score', ({ score }) => score.toFixed(4)],
  ['threshold', ({ threshold }) => threshold.toFixed(4)],
  ['next score', ({ runnerUp }) => runnerUp?.toFixed(4)],
  ['certainty', ({ certainty }) => certainty],
  ['state', ({ state }) => state],
  ['outcome', ({ outcome }) => outcome],
  ['late', ({ late }) => late],
  ['retrospective', ({ retrospective }) => retrospective],
  ['acknowledged', ({ acknowledgedAt }) => time(acknowledgedAt)],
  ['acknowledged by', ({ acknowledgedBy }) => acknowledgedBy],
  ['resolved', ({ resolvedAt }) => time(resolvedAt)],
  ['resolved by', ({ resolvedBy }) => resolvedBy],
  ['latitude', ({ place }) => place?.latitude],
  ['longitude', ({ place }) => place?.longitude],
]

/** A cell that begins so is a formula to a spreadsheet. */
const FORMULA = /^[=+\-@\t\r]/

/** Names of the columns. Times are UTC. Source: RFC 4180. */
export function csvHead(): string {
  return line(COLUMNS.map(([name]) => name))
}

/** One line for each. */
export function csvLines(alerts: readonly NamedAlert[]): string {
  return alerts.map((alert) => line(COLUMNS.map(([, of]) => of(alert)))).join('')
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(quoted).join(',')}\r\n`
}

function quoted(cell: Cell): string {
  // What is a number, or was made of one here, is no formula although it begins with a minus.
  const text = typeof cell === 'string' ? harmless(cell) : String(cell ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function harmless(text: string): string {
  return FORMULA.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text
}

function time(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
