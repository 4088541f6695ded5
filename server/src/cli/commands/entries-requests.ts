import { Command } from 'commander'
import { REQUEST_WORDS } from '../../approvals/request.ts'
import type { NamedRequest } from '../../desk/answered/requests.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, table, when } from '../render.ts'

export function requestCommands(): Command[] {
  return [pendingCommand(), decideCommand('approve'), decideCommand('refuse')]
}

function pendingCommand(): Command {
  return new Command('pending')
    .description('what waits for a second person')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<NamedRequest[]>('GET', '/requests'), globals, (requests) =>
        table(
          ['REQUEST', 'WHAT', 'ABOUT', 'LIST', 'ASKED BY', 'SINCE', 'UNTIL', 'WHY'],
          requests.map((request) => [
            request.id,
            whatOf(request),
            request.name === undefined ? '' : `${request.name} (${request.entry})`,
            request.list,
            request.askedBy,
            when(request.askedAt),
            when(request.expiresAt),
            request.why ?? '',
          ]),
        ),
      )
    })
}

const DECISIONS = {
  approve: { words: 'consent, as the second person, to what another asked for', done: 'approved' },
  refuse: { words: 'do not consent; say why with --reason', done: 'refused' },
} as const

function decideCommand(decision: keyof typeof DECISIONS): Command {
  const { words, done } = DECISIONS[decision]
  return new Command(decision)
    .description(words)
    .argument('<request>', 'as in: vedette entries pending')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/requests/${encodeURIComponent(id)}/${decision}`
      print(await desk.json<NamedRequest>('POST', path), globals, (request) => {
        const { name, list } = request
        return `${done}  ${whatOf(request)}: ${name ?? `list ${list}`}`
      })
    })
}

function whatOf({ change }: NamedRequest): string {
  const words = REQUEST_WORDS[change.kind]
  switch (change.kind) {
    case 'entry.extend':
      return `${words}, until ${when(change.expiresAt)}`
    case 'entry.move':
      return `${words}: ${change.list}`
    case 'entry.merge':
      return `${words} with ${change.from}`
    case 'entry.split':
      return `${words}: photographs ${change.photos.join(', ')} are of ${change.name}`
    case 'list.change':
      return `${words}: ${JSON.stringify(change.policy)}`
    default:
      return words
  }
}
