import { stat, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import process from 'node:process'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import type { OpenedImport } from '../../desk/answered/imports.ts'
import type { Import } from '../../store/imports.ts'
import { globalsOf, openDesk } from '../context.ts'
import type { DeskClient } from '../desk-client.ts'
import { EXIT } from '../exit.ts'
import { expiryFrom } from '../expiry.ts'
import { readFolder } from '../import/folder.ts'
import { Journal } from '../import/journal.ts'
import type { ImportRow, Outcome } from '../import/row.ts'
import { runImport, type Usual } from '../import/run.ts'
import { readTable } from '../import/table.ts'
import { Progress } from '../progress.ts'
import { print, say, table, when } from '../render.ts'

/** How often it is looked whether somebody has approved. */
const LOOK_MS = 2000

type Options = {
  list?: string
  expires?: string
  because?: string
  legalBasis?: string
  authority?: string
  case?: string
  note?: string
  source?: string
  skipBad?: true
  dryRun?: true
  import?: string
  report?: string
  journal?: string
}

export function importCommand(): Command {
  return new Command('import')
    .description('put many people on the list, from a folder or a table')
    .argument('[path]', 'a folder with NAME.jpg or NAME/1.jpg, or a CSV file')
    .option('--list <list>', 'which list, where a row names none')
    .option('--expires <when>', 'how long, like 30d, or to which day, where a row says nothing')
    .option('--because <words>', 'why they are looked for, where a row says nothing')
    .option('--legal-basis <words>', 'the law, or the warrant, that allows it')
    .option('--authority <name>', 'whose case it is')
    .option('--case <number>', 'the number of the case')
    .option('--note <words>', 'what the operator should know')
    .option('--source <words>', 'where the photographs are from')
    .option('--skip-bad', "go on with a person's good photographs where some are not")
    .option('--dry-run', 'say what would become of each, and store nothing')
    .option('--import <id>', 'draw from this leave, instead of asking for one')
    .option('--report <file>', 'save what became of each, as .json or .csv')
    .option('--journal <file>', 'where it is kept how far it has come')
    .addHelpText(
      'after',
      [
        '',
        'Columns of a table: name, photos (several: a.jpg|b.jpg), and if you like aliases, face, list,',
        'expires, reason, legal basis, authority, case number, note, source, taken.',
        '',
        'It goes on where it was when it is started again. Examples:',
        '  vedette import people/ --expires 30d --reason "order 4711"',
        '  vedette import people.csv --dry-run --report found.csv',
      ].join('\n'),
    )
    .action(async (path: string | undefined, options: Options, command: Command) => {
      if (path === undefined) throw nothingNamed()
      const globals = globalsOf(command)
      if (options.expires !== undefined) expiryFrom(options.expires)
      const { rows, others } = await rowsOf(path)
      for (const other of others) say(`not a photograph: ${other}`)
      await using desk = await openDesk(globals)
      const journal = await Journal.open(options.journal ?? journalOf(path))
      const grant = options.dryRun ? undefined : await leaveFor(rows, journal, desk, options)
      const outcomes = await carryOut(rows, { desk, journal, grant, options })
      if (options.report !== undefined) await saveReport(options.report, outcomes)
      if (outcomes.some(({ state }) => state === 'failed')) process.exitCode = EXIT.failure
      else if (outcomes.some(({ state }) => state === 'refused')) process.exitCode = EXIT.refused
      const counts = countsOf(outcomes, rows.length)
      print({ ...counts, rows: outcomes }, globals, () => summary(counts, options, journal))
      if (outcomes.length < rows.length) process.exitCode = EXIT.interrupted
      else if (grant !== undefined && counts.failed === 0) {
        await desk.json('POST', `/imports/${encodeURIComponent(grant)}/close`, {}).catch(() => {})
      }
    })
    .addCommand(listCommand())
    .addCommand(decideCommand('approve', 'consent to an import that somebody else asked for'))
    .addCommand(decideCommand('close', 'end an import'))
}

function listCommand(): Command {
  return new Command('list')
    .description('imports that were asked for')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<Import[]>('GET', '/imports'), globals, (imports) =>
        table(
          ['IMPORT', 'STATE', 'BY', 'SINCE', 'PHOTOS', 'USED', 'REASON'],
          imports.map(({ id, state, openedBy, openedAt, photos, used, reason }) => {
            return [id, state, openedBy, when(openedAt), String(photos), String(used), reason]
          }),
        ),
      )
    })
}

function decideCommand(what: 'approve' | 'close', description: string): Command {
  return new Command(what)
    .description(description)
    .argument('<import>')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const done = await desk.json<Import>('POST', `/imports/${encodeURIComponent(id)}/${what}`, {})
      print(done, globals, ({ state, photos, reason }) => {
        return `${state}  ${id}: ${photos} photographs, ${reason}`
      })
    })
}

async function rowsOf(path: string): Promise<{ rows: ImportRow[]; others: string[] }> {
  const found = await stat(path).catch(() => undefined)
  const read = found?.isFile()
    ? { rows: await readTable(path), others: [] }
    : await readFolder(path)
  if (read.rows.length > 0) return read
  throw new Refusal('photo.none', `there is nobody in ${path}`, {
    hint: 'lay it out as NAME.jpg or NAME/1.jpg, or name a CSV file',
  })
}

/** Beside what is imported, so that a second start finds it. */
function journalOf(path: string): string {
  const whole = resolve(path)
  return join(dirname(whole), `.${basename(whole, extname(whole))}.vedette-import`)
}

/** The leave to draw from: the one of an import that goes on, or one that is asked for now. */
async function leaveFor(
  rows: readonly ImportRow[],
  journal: Journal,
  desk: DeskClient,
  { import: named }: Options,
): Promise<string> {
  const before = named ?? journal.begun?.grant ?? undefined
  const known =
    before === undefined
      ? undefined
      : await desk.json<Import>('GET', `/imports/${encodeURIComponent(before)}`)
  const startedAt = journal.begun?.startedAt ?? Date.now()
  if (known !== undefined && ['pending', 'open'].includes(known.state)) {
    if (journal.begun?.grant !== known.id) await journal.begin({ startedAt, grant: known.id })
    return approved(desk, known)
  }
  const photos = rows.reduce((sum, row) => sum + row.photos.length, 0)
  const opened = await desk.json<OpenedImport>('POST', '/imports', { photos })
  await journal.begin({ startedAt, grant: opened.id })
  if (opened.state === 'pending') {
    const who = opened.approvers.join(', ') || 'nobody here (enrolment.bulkApproval in server.yaml)'
    say(`import ${opened.id} of ${photos} photographs waits for a second person: ${who}`)
    say(`  vedette import approve ${opened.id}`)
    say('  it goes on by itself then; interrupted, start it again')
  }
  return approved(desk, opened)
}

async function approved(desk: DeskClient, known: Import): Promise<string> {
  for (let { state } = known; state !== 'open'; ) {
    if (state !== 'pending') {
      throw new Refusal('import.wrong-state', `import ${known.id} is ${state}`, {
        hint: 'start again to ask for a new one',
      })
    }
    await new Promise((done) => setTimeout(done, LOOK_MS))
    ;({ state } = await desk.json<Import>('GET', `/imports/${encodeURIComponent(known.id)}`))
  }
  return known.id
}

type Carrying = { desk: DeskClient; journal: Journal; grant: string | undefined; options: Options }

async function carryOut(
  rows: readonly ImportRow[],
  { desk, journal, grant, options }: Carrying,
): Promise<Outcome[]> {
  const { list, expires, because, legalBasis, authority, note, source, skipBad = false } = options
  const said = { list, expires, reason: because, legalBasis, authority, note, source }
  const given = Object.entries({ ...said, caseNumber: options.case })
  const filled = Object.fromEntries(given.filter(([, value]) => value !== undefined))
  const usual: Usual = { ...filled, skipBad }
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  const progress = new Progress('imported')
  const outcomes: Outcome[] = []
  const onOutcome = (outcome: Outcome, known: boolean) => {
    outcomes.push(outcome)
    const bad = outcome.state === 'refused' || outcome.state === 'failed'
    if (bad && !known) say(`${told(outcome)} [${outcome.code}]`)
    progress.show(outcomes.length, rows.length)
  }
  const startedAt = journal.begun?.startedAt ?? Date.now()
  try {
    const { signal } = stop
    await runImport(rows, { desk, journal, usual, grant, startedAt, signal, onOutcome })
  } finally {
    process.off('SIGINT', interrupt)
  }
  return outcomes
}

type Counts = Record<Outcome['state'], number> & { people: number; done: number }

function countsOf(outcomes: readonly Outcome[], people: number): Counts {
  const counts = { enrolled: 0, pending: 0, good: 0, refused: 0, failed: 0 }
  for (const { state } of outcomes) counts[state]++
  return { people, done: outcomes.length, ...counts }
}

function summary(counts: Counts, { dryRun, report }: Options, { file }: Journal): string {
  const { people, done, enrolled, pending, good, refused, failed } = counts
  const waiting = pending === 0 ? '' : `, ${pending} wait for a second person`
  const fine = dryRun ? `${good} could be enrolled` : `${enrolled} enrolled${waiting}`
  return [
    `${people} people: ${fine}, ${refused} refused, ${failed} failed`,
    ...(done < people ? ['interrupted: start it again, and it goes on'] : []),
    ...(failed > 0 ? ['those that failed are asked for again when it is started again'] : []),
    ...(report === undefined ? [] : [`report in ${report}`]),
    ...(dryRun ? [] : [`journal in ${file}: delete it when you are done`]),
  ].join('\n')
}

async function saveReport(file: string, outcomes: readonly Outcome[]): Promise<void> {
  const isTable = extname(file).toLowerCase() === '.csv'
  const text = isTable ? csvOf(outcomes) : JSON.stringify(outcomes, null, 2)
  await writeFile(file, `${text}\n`, { mode: 0o600 })
}

const REPORTED = ['at', 'name', 'state', 'entry', 'code', 'photos', 'words'] as const

function csvOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((outcome) => REPORTED.map((column) => quoted(outcome[column])))
  return [REPORTED.join(','), ...rows.map((row) => row.join(','))].join('\r\n')
}

/** A field that a spreadsheet takes for text, not for a formula. Source: OWASP, CSV injection. */
function quoted(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  const tame = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${tame.replaceAll('"', '""')}"`
}

function nothingNamed(): Refusal {
  return new Refusal('photo.none', 'nobody to import', {
    hint: 'name a folder of photographs, or a CSV file',
  })
}

/** A refusal of one photograph names its file already. */
function told({ at, words }: { at: string; words: string }): string {
  return words.startsWith(`${at}: `) ? words : `${at}: ${words}`
}
