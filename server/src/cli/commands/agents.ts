import { Command } from 'commander'
import type { AgentStatus } from '../../desk/answered/agents.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, table, when } from '../render.ts'
import { invitationsCommand, inviteCommand, withdrawCommand } from './invite.ts'
import { retireCommand } from './retire.ts'
import { revokeAgentCommand } from './revoke.ts'

export function agentsCommand(): Command {
  return new Command('agents')
    .description('camera machines')
    .addCommand(listCommand())
    .addCommand(inviteCommand())
    .addCommand(invitationsCommand())
    .addCommand(withdrawCommand())
    .addCommand(revokeAgentCommand())
    .addCommand(retireCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('every agent that was ever welcome')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<AgentStatus[]>('GET', '/agents'), globals, (agents) =>
        table(
          ['AGENT', 'STATE', 'CAMERAS', 'LAST WELCOME', 'LOST', 'SOFTWARE'],
          agents.map(({ name, connected, cameras, lastSeen, lost, software }) => [
            name,
            connected ? 'connected' : 'away',
            cameras.join(', '),
            when(lastSeen),
            String(lost),
            software,
          ]),
        ),
      )
    })
}
