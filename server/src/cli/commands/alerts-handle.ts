import { duration } from '@vedette/shared/config'
import { Command, InvalidArgumentError } from 'commander'
import { globalsOf } from '../context.ts'
import { print, when } from '../render.ts'
import { ask } from './alerts-judge.ts'

export function takeCommand(): Command {
  return new Command('take')
    .description('see to an alert, also in the place of somebody else who does')
    .argument('<alert>')
    .option('--note <words>', 'what is being done about it')
    .action(async (id: string, { note }: { note?: string }, command: Command) => {
      const globals = globalsOf(command)
      const alert = await ask(globals, id, 'take', { note: note ?? null })
      print(alert, globals, ({ acknowledgedBy }) => `${acknowledgedBy} sees to ${id}`)
    })
}

export function parkCommand(): Command {
  return new Command('park')
    .description('put an alert aside for a time: nobody is called for it until then')
    .argument('<alert>')
    .requiredOption('--for <time>', '1m to 8h; then it is open again by itself', span)
    .option('--note <words>', 'what is waited for')
    .action(async (id: string, options: { for: number; note?: string }, command: Command) => {
      const globals = globalsOf(command)
      const body = { for: options.for, note: options.note ?? null }
      const alert = await ask(globals, id, 'park', body)
      print(alert, globals, ({ parkedUntil }) => `parked ${id} until ${when(parkedUntil ?? 0)}`)
    })
}

export function undoCommand(): Command {
  return new Command('undo')
    .description('take back what you decided last of an alert, within half a minute')
    .argument('<alert>')
    .addHelpText('after', '\nLater: vedette alerts reopen ALERT')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      const alert = await ask(globals, id, 'undo', { note: null })
      print(alert, globals, ({ state }) => `undone: alert ${id} is ${state}`)
    })
}

function span(text: string): number {
  const parsed = duration.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('expected a duration such as 10m or 2h')
}
