import { Command } from 'commander'
import type { Account } from '../../desk/answered/operators.ts'
import type { SeenSession } from '../../desk/answered/own-account.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, say, table, when } from '../render.ts'

/** How people sign in at the console, and what an admin can do about it. */
export function signInCommands(): Command[] {
  return [sessionsCommand(), signOutCommand(), unlockCommand(), resetCommand()]
}

function sessionsCommand(): Command {
  return new Command('sessions')
    .description('where somebody is signed in at the console; without a name, you')
    .argument('[name]')
    .action(async (name: string | undefined, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = name === undefined ? '/me/sessions' : `${pathOf(name)}/sessions`
      print(await desk.json<SeenSession[]>('GET', path), globals, (all) =>
        table(
          ['SIGNED IN', 'LAST USED', 'UNTIL', 'FROM', 'KIND', 'BROWSER'],
          all.map((one) => [
            when(one.openedAt),
            when(one.actedAt),
            when(one.endsAt),
            one.address,
            one.wall ? 'wall' : one.secondFactor ? 'with a code' : 'password',
            one.browser,
          ]),
        ),
      )
    })
}

function signOutCommand(): Command {
  return new Command('sign-out')
    .description('end every session of somebody at the console, at once')
    .argument('<name>')
    .action(async (name: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const done = await desk.json<{ ended: number }>('DELETE', `${pathOf(name)}/sessions`)
      print(done, globals, ({ ended }) => `ended   ${ended} of ${name}`)
      say(`They may sign in again; to keep them out: vedette users disable ${name}`)
    })
}

function unlockCommand(): Command {
  return new Command('unlock')
    .description('forget wrong passwords, so that somebody may sign in again')
    .argument('<name>')
    .action(async (name: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const account = await desk.json<Account>('POST', `${pathOf(name)}/unlock`, {})
      print(account, globals, () => `unlocked  ${name}`)
    })
}

function resetCommand(): Command {
  return new Command('totp-reset')
    .description('take away a second factor that was lost; its holder sets up another')
    .argument('<name>')
    .action(async (name: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const account = await desk.json<Account>('DELETE', `${pathOf(name)}/second-factor`)
      print(account, globals, () => `reset   ${name} has no second factor`)
      say('Be sure that it is they who asked: until they set up another, a password is enough.')
    })
}

function pathOf(name: string): string {
  return `/operators/${encodeURIComponent(name)}`
}
