import { duration } from '@vedette/shared/config'
import { Command, InvalidArgumentError } from 'commander'
import type { Invited } from '../../join/invitations.ts'
import type { Invitation, JoinAttempt } from '../../store/invitations.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, say, table, when } from '../render.ts'

type Options = { expires: number; server?: string; replace?: true }

export function inviteCommand(): Command {
  return new Command('invite')
    .description('a one-time code by which a camera machine becomes an agent')
    .argument('<name>', 'of the agent: lower-case letters, digits and hyphens')
    .option('--expires <time>', 'how long the code can be used', span, 3_600_000)
    .option('--server <host>', "the server's address, as the camera machine dials it")
    .option('--replace', 'the newcomer takes the place of the agent that has the name')
    .addHelpText('after', '\nExample:\n  vedette agents invite gate-north --server 10.0.0.5')
    .action(async (agent: string, options: Options, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const made = await desk.json<Invited & { server: string }>('POST', '/invitations', {
        agent,
        ...options,
      })
      print(made, globals, ({ code }) => code)
      say(`For ${agent}, once, until ${when(made.expiresAt)}. It dials ${made.server}.`)
      say('On the camera machine: vedette-agent join CODE --camera NAME=SOURCE --run')
      say(`To take it back: vedette agents withdraw ${made.id}`)
    })
}

export function invitationsCommand(): Command {
  return new Command('invitations')
    .description('who was invited, by whom, and what came of it')
    .option('--attempts', 'every attempt to join instead, good or not')
    .action(async ({ attempts }: { attempts?: true }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      if (attempts) {
        print(await desk.json<JoinAttempt[]>('GET', '/invitations/attempts'), globals, (all) =>
          table(
            ['WHEN', 'FROM', 'AGENT', 'OUTCOME'],
            all.map(({ at, address, agent, outcome }) => [
              when(at),
              address,
              agent ?? '?',
              outcome,
            ]),
          ),
        )
        return
      }
      print(await desk.json<Invitation[]>('GET', '/invitations'), globals, (all) =>
        table(
          ['INVITATION', 'AGENT', 'BY', 'UNTIL', 'STATE'],
          all.map((one) => [
            one.id,
            one.agent,
            one.invitedBy,
            when(one.expiresAt),
            stateOf(one, Date.now()),
          ]),
        ),
      )
    })
}

export function withdrawCommand(): Command {
  return new Command('withdraw')
    .description('take an invitation back that nobody has used')
    .argument('<invitation>', 'as `agents invitations` lists it')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      await desk.json('DELETE', `/invitations/${encodeURIComponent(id)}`)
      print({ withdrawn: id }, globals, () => `withdrawn ${id}`)
    })
}

function stateOf(
  { usedAt, usedFrom, withdrawnAt, withdrawnBy, expiresAt }: Invitation,
  now: number,
) {
  if (usedAt !== null) return `used ${when(usedAt)} from ${usedFrom}`
  if (withdrawnAt !== null) return `withdrawn by ${withdrawnBy}`
  return expiresAt <= now ? 'expired' : 'open'
}

function span(text: string): number {
  const parsed = duration.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('expected a time such as 30m, 1h, 2d')
}
