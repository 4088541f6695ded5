import { resolve } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { Office } from '@vedette/certs/office'
import { kindOf, NEXT, Rotation, STEPS } from '@vedette/certs/rotation'
import type { State } from '@vedette/certs/state'
import { codeOf, Refusal } from '@vedette/shared/errors'
import { Argument, Command } from 'commander'
import { type Behind, type Readiness, readinessOf } from '../../authority/followers.ts'
import { renewServer } from '../../authority/renew-server.ts'
import { count } from '../arguments.ts'
import { type GlobalOptions, globalsOf, openDesk } from '../context.ts'
import { askPassphrase } from '../passphrase.ts'
import { print, say } from '../render.ts'

const PHASES = ['prepare', 'activate', 'retire', 'rollback', 'status'] as const
type Wanted = Exclude<(typeof PHASES)[number], 'status'>

type Options = {
  root?: true
  force?: true
  yes?: true
  wait: number
  passphraseFile?: string
}

const LOOK_AGAIN_MS = 500

const EXPLAINED = `
Phases:
  prepare    a new issuing authority (--root: a new root as well) is let in and trusted
  activate   it signs; agents renew within a minute, operators on this machine at once
  retire     the server shows its certificate; the old authority is let in no more
  rollback   one phase back, from each of them
  status     where it stands, and who has not followed

Each may be run again when it was cut short. Examples:
  vedette certs rotate
  vedette certs rotate prepare --root --passphrase-file new-passphrase`

export function rotateCommand(): Command {
  return new Command('rotate')
    .description('replace the issuing authority or the root, phase by phase')
    .addArgument(new Argument('[phase]', 'without one: the next, after asking').choices(PHASES))
    .option('--root', 'prepare: replace the root, too')
    .option('--force', 'leave behind who has not followed; they are named')
    .option('--yes', 'do not ask')
    .option('--wait <seconds>', 'for agents to follow', count, 90)
    .option('--passphrase-file <file>', 'passphrase of the root key (or VEDETTE_PASSPHRASE)')
    .addHelpText('after', EXPLAINED)
    .action(async (phase: (typeof PHASES)[number] | undefined, options: Options, command) => {
      const globals = globalsOf(command)
      const home = resolve(globals.home)
      if (phase === 'status') return showStatus(home, globals)
      const { state } = await Office.open(home)
      const wanted = phase ?? NEXT[state.phase]
      if (phase === undefined && !options.yes) await confirm(wanted)
      const left = await followed(home, globals, wanted, options)
      const next = await run(home, globals, wanted, options)
      print({ ...factsOf(next), left }, globals, () => textOf(next, left))
    })
}

async function run(
  home: string,
  globals: GlobalOptions,
  wanted: Wanted,
  options: Options,
): Promise<State> {
  const rotation = new Rotation({
    home,
    passphrase: () => askPassphrase(options.passphraseFile),
    server: async () => {
      if (!(await tell(globals)) && options.force) await renewServer(home)
    },
    onStep: (step, at) => {
      if (at === 'after') say(`${step}: ${STEPS[step]}`)
      if (at === 'after' && step.endsWith('.commit')) void tell(globals)
    },
  })
  const state =
    wanted === 'prepare'
      ? await rotation.prepare(options.root ? 'root' : 'issuing')
      : await rotation[wanted]()
  if (!(await tell(globals))) say('The server does not run; it takes this in when it starts.')
  return state
}

/** Has the server take in what was changed; false where it does not run. */
async function tell(globals: GlobalOptions): Promise<boolean> {
  try {
    await using desk = await openDesk(globals)
    await desk.json('POST', '/certificates/refresh')
    return true
  } catch (error) {
    if (codeOf(error) === 'desk.unreachable') return false
    throw error
  }
}

/**
 * Waits until every agent that is here has followed. Gives who is left behind: who is away, and
 * with --force everybody. Throws Refusal `rotation.not-followed`.
 */
async function followed(
  home: string,
  globals: GlobalOptions,
  wanted: Wanted,
  options: Options,
): Promise<Behind[]> {
  const until = Date.now() + options.wait * 1000
  const direction = wanted === 'rollback' ? 'back' : 'forward'
  for (let said = false; ; said = true) {
    const readiness = await ask(home, globals, direction, options)
    const { waiting, away } = readiness
    if (waiting.length === 0 || options.force) {
      const left = [...waiting, ...away]
      if (left.length > 0) say(behindLines(readiness, `before ${wanted}`))
      return left
    }
    if (Date.now() >= until) {
      const names = waiting.map(({ name, lacks }) => `${name} (${lacks})`).join(', ')
      throw new Refusal('rotation.not-followed', `not followed yet: ${names}`, {
        hint: 'wait and run the same again, or leave them behind with --force',
      })
    }
    if (!said) say(`Waiting for ${waiting.length} to follow, up to ${options.wait} s …`)
    await wait(LOOK_AGAIN_MS)
  }
}

async function ask(
  home: string,
  globals: GlobalOptions,
  direction: 'forward' | 'back',
  { force }: Options,
): Promise<Readiness> {
  try {
    await using desk = await openDesk(globals)
    return await desk.json<Readiness>('GET', `/certificates/readiness/${direction}`)
  } catch (error) {
    if (codeOf(error) !== 'desk.unreachable') throw error
    const blind = await readinessOf(await Office.open(home), [], direction, Date.now())
    if (force || blind.away.length === 0) return blind
    throw new Refusal('rotation.not-followed', 'the server does not run: nobody can follow', {
      cause: error,
      hint: 'start vedette-server and run the same again, or add --force',
    })
  }
}

async function showStatus(home: string, globals: GlobalOptions): Promise<void> {
  const { state } = await Office.open(home)
  await using desk = await openDesk(globals)
  const readiness = await desk.json<Readiness>('GET', '/certificates/readiness/forward')
  print({ ...factsOf(state), ...readiness }, globals, () =>
    [textOf(state, []), behindLines(readiness, `before ${NEXT[state.phase]}`)].join('\n\n'),
  )
}

async function confirm(wanted: Wanted): Promise<void> {
  if (process.stdin.isTTY) {
    const terminal = createInterface({ input: process.stdin, output: process.stderr })
    const answer = await terminal.question(`The next phase is ${wanted}. Go on? [y/N] `)
    terminal.close()
    if (/^y(es)?$/i.test(answer.trim())) return
  }
  throw new Refusal('request.invalid', `the next phase is ${wanted}: nothing was done`, {
    hint: `vedette certs rotate ${wanted}, or add --yes`,
  })
}

function factsOf(state: State) {
  return { ...state, changes: state.new === null ? null : kindOf(state), next: NEXT[state.phase] }
}

function textOf(state: State, left: readonly Behind[]): string {
  const lines = [`phase   ${state.phase}`, `old     ${state.old.issuing} below ${state.old.root}`]
  if (state.new) lines.push(`new     ${state.new.issuing} below ${state.new.root}`)
  if (left.length > 0) lines.push(`left    ${left.map(({ name }) => name).join(', ')}`)
  return [...lines, `next    vedette certs rotate ${NEXT[state.phase]}`].join('\n')
}

/** Who has not followed, for people. */
export function behindLines({ waiting, away }: Readiness, before: string): string {
  if (waiting.length + away.length === 0) return `fleet     everybody has followed (${before})`
  const line = (where: string) => (behind: Behind) =>
    `  ${where.padEnd(6)}  ${behind.role} ${behind.name} lacks the ${WORDS[behind.lacks]}`
  return [
    `fleet     not everybody has followed (${before})`,
    ...waiting.map(line('here')),
    ...away.map(line('away')),
  ].join('\n')
}

const WORDS = { roots: 'new roots', certificate: 'new certificate' } as const
