import { readFile } from 'node:fs/promises'
import { duration } from '@vedette/shared/config'
import { ConfigFault } from '@vedette/shared/errors'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ChannelChange } from '../channels/changing.ts'
import { type Rules, TOLD, type Told } from '../channels/channel.ts'
import { count } from './arguments.ts'
import { parseSpans } from './hours-text.ts'

/** As commander has it, who takes null for nothing said. */
type Said = {
  url?: string
  host?: string
  port?: number
  security?: string
  username?: string
  channelPasswordFile?: string
  ca?: string
  from?: string
  to?: string[] | 'all'
  apart?: number
  topic?: string
  discovery?: string | false
  subject?: string
  speed?: number
  repeat?: number | 'never'
  most?: number
  lists?: string[] | 'all'
  priority?: number
  cameras?: string[] | 'all'
  quiet?: ReturnType<typeof parseSpans> | 'never'
  zone?: string
  urgent?: number | 'none'
  confirmed?: boolean
  kinds?: Told[]
  names?: boolean
  picture?: boolean
  language?: Rules['language']
}

/** The options that say where a channel goes and what it is told. */
export function withChannel(command: Command): Command {
  return command
    .option('--url <address>', 'webhook: https://…; mqtt: mqtts://HOST:PORT')
    .option('--ca <file>', 'certificate of the authority of the other end, PEM')
    .option('--username <name>', 'who signs in there')
    .option('--channel-password-file <file>', 'with what password')
    .option('--topic <topic>', 'mqtt: first part of every topic')
    .option('--discovery <topic>', 'mqtt: where Home Assistant looks')
    .option('--no-discovery', 'mqtt: say nothing to Home Assistant')
    .option('--host <host>', 'mail: the server')
    .option('--port <port>', 'mail: its port', count)
    .addOption(
      new Option('--security <how>', 'mail: encryption').choices(['starttls', 'tls', 'none']),
    )
    .option('--from <address>', 'mail: the sender')
    .option('--to <addresses>', 'mail: the recipients, with commas', named)
    .option('--apart <time>', 'mail: between two, such as 30s', time)
    .option('--subject <address>', 'push: mailto:… of whoever may be written to about it')
    .option('--speed <words>', 'speech: words in a minute', count)
    .option('--repeat <time>', 'speech: said again after so long, such as 30s; or never', repeating)
    .option('--most <times>', 'speech: so often at most', count)
    .option('--lists <ids>', 'told of these alone, with commas; or all', named)
    .option('--priority <n>', 'told of these and more urgent ones: 1 is the most urgent', count)
    .option('--cameras <names>', 'AGENT/CAMERA or AGENT/*, with commas; or all', named)
    .option('--quiet <spans>', 'told nothing then: mon-fri 22:00-06:00; or never', spans)
    .option('--zone <zone>', 'whose clocks the hours are of, such as Europe/Berlin')
    .option('--urgent <n>', 'told at quiet hours all the same; or none', urgent)
    .option('--confirmed', 'told once the evidence is confirmed')
    .option('--no-confirmed', 'told at once')
    .option('--kinds <kinds>', `told of: ${TOLD.join(',')}`, kinds)
    .option('--names', "say the person's name: it leaves the house this way")
    .option('--no-names', 'say no name')
    .option('--picture', 'show the face that was seen')
    .option('--no-picture', 'show none')
    .addOption(new Option('--language <language>', 'of what is said').choices(['en', 'de']))
}

/** What the options of `withChannel` say. Throws ConfigFault `config.missing`. */
export async function channelFrom(
  said: Said,
): Promise<Required<Pick<ChannelChange, 'settings' | 'rules'>>> {
  const { url, host, port, security, username, from, to, apart, topic, subject, speed } = said
  const { repeat, most, discovery, ca, channelPasswordFile: password } = said
  const settings = stated({
    ...{ url, host, port, security, username, from, to, apart, topic, subject, speed, most },
    repeat: repeat === 'never' ? null : repeat,
    discovery: discovery === false ? null : discovery,
    ca: ca && (await textOf(ca)),
    password: password && (await textOf(password)).replace(/\r?\n$/, ''),
  })
  const { priority, confirmed, names, picture, language } = said
  const rules = stated({
    ...{ priority, confirmed, names, picture, language, kinds: said.kinds },
    lists: said.lists === 'all' ? null : said.lists,
    cameras: said.cameras === 'all' ? null : said.cameras,
    quiet: quietFrom(said),
  })
  return { settings, rules }
}

function quietFrom({ quiet, zone, urgent }: Said): Rules['quiet'] | undefined {
  if (quiet === undefined) {
    if (zone === undefined && urgent === undefined) return undefined
    throw new InvalidArgumentError('--zone and --urgent need --quiet')
  }
  if (quiet === 'never') return null
  const own = zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  return { zone: own, spans: quiet, urgent: urgent === 'none' ? null : (urgent ?? 1) }
}

/** Commander says false of a `--no-…` that nobody gave only where there is no other default. */
function stated<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T
}

function named(text: string): string[] | 'all' {
  if (text === 'all') return text
  return text.split(',').map((name) => name.trim())
}

function spans(text: string): ReturnType<typeof parseSpans> | 'never' {
  return text === 'never' ? text : parseSpans(text)
}

function urgent(text: string): number | 'none' {
  return text === 'none' ? text : count(text)
}

function repeating(text: string): number | 'never' {
  return text === 'never' ? text : time(text)
}

function kinds(text: string): Told[] {
  return text.split(',').map((name) => {
    const known = TOLD.find((kind) => kind === name.trim())
    if (known !== undefined) return known
    throw new InvalidArgumentError(`'${name}' is none of: ${TOLD.join(', ')}`)
  })
}

function time(text: string): number {
  const parsed = duration.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError('expected a duration such as 30s or 5m')
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new ConfigFault('config.missing', `cannot read ${file}`, {
      cause,
      hint: 'is the name right, and may you read it?',
    })
  })
}
