import { Argument, Command } from 'commander'
import { CHANNEL_KINDS, type ChannelKind } from '../../channels/channel.ts'
import type {
  ChannelAdded,
  ChannelStatus,
  Delivered,
  NoticeRow,
} from '../../desk/routes/channels.ts'
import { count } from '../arguments.ts'
import { channelFrom, withChannel } from '../channel-options.ts'
import { globalsOf, openDesk } from '../context.ts'
import { hoursText } from '../hours-text.ts'
import { print, say, table, when } from '../render.ts'

const AROUND = 50

export function channelsCommand(): Command {
  return new Command('channels')
    .description('who is told outside the desk: webhooks, MQTT, e-mail, speech, devices')
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(addCommand())
    .addCommand(setCommand())
    .addCommand(testCommand())
    .addCommand(removeCommand())
    .addCommand(deliveriesCommand())
    .addCommand(deadCommand())
    .addCommand(retryCommand())
}

function listCommand(): Command {
  return new Command('list')
    .description('every channel, and how it does')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<ChannelStatus[]>('GET', '/channels'), globals, (all) =>
        table(
          ['CHANNEL', 'KIND', 'NAME', 'STATE', 'WAITING', 'DEAD', 'LAST TOLD'],
          all.map(({ id, kind, name, on, tally }) => [
            ...[id, kind, name],
            on ? (tally.trouble === null ? 'on' : 'failing') : 'off',
            ...[String(tally.waiting), String(tally.dead)],
            tally.sentAt === null ? 'never' : when(tally.sentAt),
          ]),
        ),
      )
    })
}

function showCommand(): Command {
  return new Command('show')
    .description('one channel')
    .argument('<channel>')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<ChannelStatus>('GET', pathOf(id)), globals, channelText)
    })
}

function addCommand(): Command {
  return withChannel(new Command('add'))
    .description('tell somebody else from now on')
    .addArgument(new Argument('<kind>').choices(CHANNEL_KINDS))
    .argument('<name>', 'what people call it')
    .addHelpText(
      'after',
      `
Examples:
  vedette channels add webhook "Duty system" --url https://duty.example/hook --priority 2
  vedette channels add mail "Night shift" --host mail.example --from desk@house.example \\
    --to night@house.example --quiet "mon-fri 06:00-22:00" --zone Europe/Berlin
  vedette channels add speech Loudspeaker --repeat 30s --language de`,
    )
    .action(async (kind: ChannelKind, name: string, options: object, command: Command) => {
      const globals = globalsOf(command)
      const { settings, rules } = await channelFrom(options)
      await using desk = await openDesk(globals)
      const said = { kind, name, settings, rules }
      print(await desk.json<ChannelAdded>('POST', '/channels', said), globals, addedText)
    })
}

function setCommand(): Command {
  return withChannel(new Command('set'))
    .description('change a channel; what is not said stays')
    .argument('<channel>')
    .option('--name <name>', 'what people call it')
    .option('--on', 'turn it on')
    .option('--off', 'turn it off: what happens meanwhile is not told')
    .option('--new-secret', 'webhook: sign with another secret from now on')
    .action(async (id: string, options: Setting, command: Command) => {
      const globals = globalsOf(command)
      const { name, on, off, newSecret } = options
      const change = {
        ...(await channelFrom(options)),
        ...(name !== undefined && { name }),
        ...((on || off) && { on: on === true }),
        ...(newSecret && { newSecret }),
      }
      await using desk = await openDesk(globals)
      print(await desk.json<ChannelAdded>('PATCH', pathOf(id), change), globals, addedText)
    })
}

type Setting = Parameters<typeof channelFrom>[0] & {
  name?: string
  on?: true
  off?: true
  newSecret?: true
}

function testCommand(): Command {
  return new Command('test')
    .description('tell a channel that this is a test, and say what came of it')
    .argument('<channel>')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const result = await desk.json<Delivered>('POST', `${pathOf(id)}/test`, {})
      print(result, globals, ({ done, said }) =>
        done === 'sent' ? `arrived: ${said}` : `did not arrive: ${said}`,
      )
      if (result.done !== 'sent') say('see: vedette channels show, and mend what it says')
    })
}

function removeCommand(): Command {
  return new Command('remove')
    .description('remove a channel, with what it was not told yet')
    .argument('<channel>')
    .action(async (id: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      await desk.json('DELETE', pathOf(id))
      print({ removed: id }, globals, () => `removed channel ${id}`)
    })
}

function deliveriesCommand(): Command {
  return new Command('deliveries')
    .description('what was told, newest first')
    .option('--channel <channel>', 'by one channel alone')
    .option('--limit <n>', 'so many at most', count, AROUND)
    .action((options: Listing, command: Command) => list(options, command))
}

function deadCommand(): Command {
  return new Command('dead')
    .description('what could not be told, and why; see retry')
    .option('--channel <channel>', 'by one channel alone')
    .option('--limit <n>', 'so many at most', count, AROUND)
    .action((options: Listing, command: Command) => list({ ...options, state: 'dead' }, command))
}

function retryCommand(): Command {
  return new Command('retry')
    .description('try again what a channel could not tell: all of it, or those named')
    .argument('<channel>')
    .argument('[notices...]', 'as `vedette channels dead` calls them')
    .action(async (id: string, notices: string[], _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const which = notices.length === 0 ? {} : { notices }
      const done = await desk.json<{ retried: number }>('POST', `${pathOf(id)}/retry`, which)
      print(done, globals, ({ retried }) => `${retried} tried again`)
    })
}

type Listing = { channel?: string; limit: number; state?: 'dead' }

async function list({ channel, limit, state }: Listing, command: Command): Promise<void> {
  const globals = globalsOf(command)
  await using desk = await openDesk(globals)
  const query = new URLSearchParams({
    limit: String(limit),
    ...(channel !== undefined && { channel }),
    ...(state !== undefined && { state }),
  })
  print(await desk.json<NoticeRow[]>('GET', `/channels/notices?${query}`), globals, (rows) =>
    table(
      ['NOTICE', 'CHANNEL', 'WHEN', 'WHAT', 'ABOUT', 'STATE', 'TRIES', 'SAID'],
      rows.map((row) => [
        ...[row.id, row.channelId, when(row.settledAt ?? row.at), row.kind],
        row.alertId ?? row.camera ?? '',
        ...[row.state, String(row.attempts)],
        [row.said, row.code && `(${row.code})`].filter(Boolean).join(' '),
      ]),
    ),
  )
}

function addedText(channel: ChannelAdded): string {
  const { secret } = channel
  if (secret === undefined) return channelText(channel)
  return `${channelText(channel)}\nsecret     ${secret}\n           keep it: it is not shown again`
}

function channelText({ id, kind, name, on, rules, settings, tally }: ChannelStatus): string {
  const { lists, cameras, priority, quiet, kinds, confirmed, names, picture } = rules
  const said = Object.entries(settings).map(([key, value]) => `${key} ${value}`)
  const urgent = quiet?.urgent == null ? '' : `, but for priority ${quiet.urgent}`
  const { trouble } = tally
  return [
    `channel    ${id}`,
    `name       ${name} (${kind}, ${on ? 'on' : 'off'})`,
    `goes to    ${said.join(', ')}`,
    `lists      ${lists?.join(', ') ?? 'all'}`,
    `priority   ${priority === 5 ? 'any' : `${priority} and more urgent`}`,
    `cameras    ${cameras?.join(', ') ?? 'all'}`,
    `quiet      ${quiet === null ? 'never' : `${hoursText(quiet)}${urgent}`}`,
    `told of    ${kinds.join(', ')}${confirmed ? '; once confirmed' : ''}`,
    `persons    ${names ? 'by name' : 'by id'}${picture ? ', with picture' : ''}`,
    `waiting    ${tally.waiting}, dead ${tally.dead}`,
    `last told  ${tally.sentAt === null ? 'never' : when(tally.sentAt)}`,
    ...(trouble === null ? [] : [`trouble    ${trouble.said} (${trouble.code})`]),
  ].join('\n')
}

function pathOf(id: string): string {
  return `/channels/${encodeURIComponent(id)}`
}
