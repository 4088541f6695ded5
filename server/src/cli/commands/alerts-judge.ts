import { Command, Option } from 'commander'
import { OUTCOMES, type Outcome } from '../../alerts/life.ts'
import type { NamedAlert } from '../../desk/named.ts'
import { nameOf } from '../alert-lines.ts'
import { type GlobalOptions, globalsOf, openDesk } from '../context.ts'
import { print } from '../render.ts'

export function acknowledgeCommand(): Command {
  return new Command('acknowledge')
    .alias('ack')
    .description('take notice of an alert: you see to it, and nobody else is called')
    .argument('<alert>')
    .option('--note <words>', 'what is being done about it')
    .action(async (id: string, { note }: { note?: string }, command: Command) => {
      const globals = globalsOf(command)
      const alert = await ask(globals, id, 'acknowledge', { note: note ?? null })
      print(alert, globals, ({ acknowledgedBy }) => `acknowledged ${id}, by ${acknowledgedBy}`)
    })
}

export function resolveCommand(): Command {
  return new Command('resolve')
    .description('be done with an alert: say what it was')
    .argument('<alert>')
    .addOption(
      new Option('--outcome <outcome>', 'that person, somebody else, or nobody can tell')
        .choices(OUTCOMES)
        .makeOptionMandatory(),
    )
    .requiredOption('--note <words>', 'how you know')
    .addHelpText('after', '\nTaken back by: vedette alerts reopen ALERT')
    .action(async (id: string, options: { outcome: Outcome; note: string }, command: Command) => {
      await resolve(id, options, globalsOf(command))
    })
}

export function confirmCommand(): Command {
  return new Command('confirm')
    .description('"it is him", short for: resolve --outcome true')
    .argument('<alert>')
    .requiredOption('--note <words>', 'how you know')
    .addHelpText('after', '\nWhere the list asks for two persons, a second one does the same.')
    .action(async (id: string, { note }: { note: string }, command: Command) => {
      await resolve(id, { outcome: 'true', note }, globalsOf(command))
    })
}

export function rejectCommand(): Command {
  return new Command('reject')
    .description('"not him", short for: resolve --outcome false')
    .argument('<alert>')
    .requiredOption('--note <words>', 'how you know')
    .addHelpText('after', '\nThe person seen is told apart from now on; see: vedette rejections')
    .action(async (id: string, { note }: { note: string }, command: Command) => {
      await resolve(id, { outcome: 'false', note }, globalsOf(command))
    })
}

export function reopenCommand(): Command {
  return new Command('reopen')
    .description('take back what was said of an alert; that it was said stays on record')
    .argument('<alert>')
    .option('--note <words>', 'why')
    .action(async (id: string, { note }: { note?: string }, command: Command) => {
      const globals = globalsOf(command)
      const alert = await ask(globals, id, 'reopen', { note: note ?? null })
      print(alert, globals, () => `alert ${id} is open again`)
    })
}

const VERDICTS: Record<Outcome, (name: string) => string> = {
  true: (name) => `true: it is ${name}`,
  false: (name) => `false: it is not ${name}, and is told apart from now on`,
  unresolved: () => 'unresolved: nobody can tell',
}

async function resolve(
  id: string,
  judgement: { outcome: Outcome; note: string },
  globals: GlobalOptions,
): Promise<void> {
  const alert = await ask(globals, id, 'resolve', judgement)
  print(alert, globals, (made) => verdictText(made, judgement.outcome))
}

function verdictText(alert: NamedAlert, outcome: Outcome): string {
  const { id, state, affirmedBy, resolvedBy } = alert
  if (state === 'resolved') {
    return `resolved ${id}, by ${resolvedBy}: ${VERDICTS[outcome](nameOf(alert))}`
  }
  if (state === 'awaiting') {
    return `${affirmedBy} says that ${id} is ${nameOf(alert)}; a second person must say so, too: vedette alerts confirm ${id}`
  }
  return `disputed ${id}: two persons do not agree, and it is open again`
}

export async function ask(
  globals: GlobalOptions,
  id: string,
  verb: string,
  body: object,
): Promise<NamedAlert> {
  await using desk = await openDesk(globals)
  return await desk.json<NamedAlert>('POST', `/alerts/${encodeURIComponent(id)}/${verb}`, body)
}
