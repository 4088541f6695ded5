import { Argument, Command, Option } from 'commander'
import { ROLES } from '../../operators/roles.ts'
import type { Operator } from '../../store/operators/operators.ts'
import { globalsOf, openDesk } from '../context.ts'
import { newPassword } from '../password.ts'
import { print, say, table, when } from '../render.ts'
import { addUserCommand, usersCertificateCommand } from './users-add.ts'
import { signInCommands } from './users-sign-in.ts'

type ScopeOptions = { lists?: string[]; cameras?: string[]; everything?: true }

export function usersCommand(): Command {
  const users = new Command('users')
    .description('the people who work at the desk: roles, scopes, passwords')
    .addCommand(addUserCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(roleCommand())
    .addCommand(scopeCommand())
    .addCommand(passwordCommand())
    .addCommand(usersCertificateCommand())
    .addCommand(doorCommand('disable', 'close an account; its connections end at once'))
    .addCommand(doorCommand('enable', 'open an account that was closed'))
  for (const command of signInCommands()) users.addCommand(command)
  return users
}

function listCommand(): Command {
  return new Command('list')
    .description('everybody who has an account')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<Operator[]>('GET', '/operators'), globals, (all) =>
        table(
          ['NAME', 'ROLE', 'STATE', 'PASSWORD', 'LISTS', 'CAMERAS', 'LAST SEEN', 'FULL NAME'],
          all.map((one) => [
            one.name,
            one.role,
            one.disabledAt === null ? 'open' : 'disabled',
            one.hasPassword ? 'yes' : 'no',
            one.lists?.join(' ') ?? 'all',
            one.cameras?.join(' ') ?? 'all',
            one.seenAt === null ? 'never' : when(one.seenAt),
            one.fullName,
          ]),
        ),
      )
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('one account; without a name, your own')
    .argument('[name]')
    .action(async (name: string | undefined, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = name === undefined ? '/me' : `/operators/${encodeURIComponent(name)}`
      print(await desk.json<Operator>('GET', path), globals, account)
    })
}

function roleCommand(): Command {
  return new Command('role')
    .description('give somebody another role; their connections end at once')
    .argument('<name>')
    .addArgument(new Argument('<role>').choices(ROLES))
    .action(async (name: string, role: string, _options: object, command: Command) => {
      await change(command, 'PUT', name, 'role', { role })
    })
}

function scopeCommand(): Command {
  return new Command('scope')
    .description('confine somebody to lists and cameras; what is outside is not there for them')
    .argument('<name>')
    .option('--lists <list...>', 'these lists alone (else all)')
    .option('--cameras <camera...>', 'AGENT/CAMERA or AGENT/*, these alone (else all)')
    .addOption(
      new Option('--everything', 'all lists and all cameras').conflicts(['lists', 'cameras']),
    )
    .addHelpText(
      'after',
      "\nExample:\n  vedette users scope bert --lists wanted --cameras 'gate-7/*'",
    )
    .action(async (name: string, options: ScopeOptions, command: Command) => {
      const { lists, cameras, everything } = options
      if (!everything && lists === undefined && cameras === undefined) {
        command.error('say --lists, --cameras or --everything')
      }
      await change(command, 'PUT', name, 'scope', {
        lists: lists ?? null,
        cameras: cameras ?? null,
      })
    })
}

function passwordCommand(): Command {
  return new Command('password')
    .description('set a password, for the console and for grave acts; without a name, your own')
    .argument('[name]')
    .option('--new-password-file <file>', 'the new password (else it is typed)')
    .action(
      async (
        name: string | undefined,
        { newPasswordFile }: { newPasswordFile?: string },
        command: Command,
      ) => {
        const globals = globalsOf(command)
        await using desk = await openDesk(globals)
        const { name: me } = await desk.json<Operator>('GET', '/me')
        const password = await newPassword(newPasswordFile, name ?? me)
        const own = name === undefined || name === me
        const path = own ? '/me/password' : `/operators/${encodeURIComponent(name)}/password`
        print(await desk.json<Operator>('PUT', path, { password }), globals, account)
        if (!own) say(`${name} changes it when they first sign in at the console.`)
      },
    )
}

function doorCommand(verb: 'disable' | 'enable', words: string): Command {
  return new Command(verb)
    .description(words)
    .argument('<name>')
    .action(async (name: string, _options: object, command: Command) => {
      await change(command, 'POST', name, verb, {})
      if (verb === 'disable') {
        say(
          `Their certificates stay good for when it is opened again; for good: vedette certs revoke operator/${name}`,
        )
      }
    })
}

async function change(
  command: Command,
  method: 'POST' | 'PUT',
  name: string,
  what: string,
  body: object,
): Promise<void> {
  const globals = globalsOf(command)
  await using desk = await openDesk(globals)
  const path = `/operators/${encodeURIComponent(name)}/${what}`
  print(await desk.json<Operator>(method, path, body), globals, account)
}

function account(one: Operator): string {
  const rows: [string, string][] = [
    ['name', one.fullName === '' ? one.name : `${one.name} (${one.fullName})`],
    ['role', one.role],
    ['lists', one.lists?.join(', ') ?? 'all'],
    ['cameras', one.cameras?.join(', ') ?? 'all'],
    ['password', one.hasPassword ? 'yes' : 'no: a stolen certificate would be enough'],
    ['made', `${when(one.createdAt)} by ${one.createdBy}`],
    ['last seen', one.seenAt === null ? 'never' : when(one.seenAt)],
  ]
  if (one.disabledAt !== null)
    rows.push(['disabled', `${when(one.disabledAt)} by ${one.disabledBy}`])
  return rows.map(([head, text]) => `${head.padEnd(10)} ${text}`).join('\n')
}
