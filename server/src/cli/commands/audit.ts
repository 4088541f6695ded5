import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import type { HeadLine } from '../../audit/head.ts'
import type { ActRecord } from '../../store/audit-search.ts'
import { count } from '../arguments.ts'
import { actLine, actTable } from '../audit-lines.ts'
import { globalsOf, openDesk } from '../context.ts'
import { beginning, end } from '../period.ts'
import { print, say, table, when } from '../render.ts'
import { verifyCommand } from './audit-verify.ts'

export function auditCommand(): Command {
  return new Command('audit')
    .description('the record of who did what, when, from where and why')
    .addCommand(tailCommand())
    .addCommand(searchCommand())
    .addCommand(verifyCommand())
    .addCommand(exportCommand())
    .addCommand(headsCommand())
    .addCommand(keyCommand())
}

function tailCommand(): Command {
  return new Command('tail')
    .description('what was done last')
    .option('-n, --lines <n>', 'so many acts', count, 20)
    .option('-f, --follow', 'and what is done from now on, until you stop it')
    .action(async ({ lines, follow }: { lines: number; follow?: true }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const acts = await desk.json<ActRecord[]>('GET', `/audit?limit=${lines}`)
      acts.reverse()
      if (!follow) {
        print(acts, globals, actTable)
        return
      }
      for (const act of acts) print(act, globals, actLine)
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      const after = acts.at(-1)?.seq ?? 0
      for await (const { data } of desk.events(`/audit/events?after=${after}`, stop.signal)) {
        print(JSON.parse(data) as ActRecord, globals, actLine)
      }
    })
}

type Search = {
  kind?: string
  by?: string
  entry?: string
  alert?: string
  list?: string
  camera?: string
  agent?: string
  about?: string
  since?: number
  until?: number
  text?: string
  limit: number
}

function searchCommand(): Command {
  return new Command('search')
    .description('acts by kind, by whom, about what, when; newest first')
    .option('--kind <kind>', 'one or several: entry.viewed,alert (all that begin with alert.)')
    .option('--by <who>', 'an operator, agent:NAME or server')
    .option('--entry <id>', 'about that entry')
    .option('--alert <id>', 'about that alert')
    .option('--list <list>', 'about that list')
    .option('--camera <agent/camera>', 'about that camera')
    .option('--agent <name>', 'about that agent')
    .option('--about <operator>', 'about that operator')
    .option('--since <time>', '24h, 7d, or a day', beginning)
    .option('--until <time>', 'the same; a day is meant whole', end)
    .option('--text <words>', 'in anything that is said of it')
    .option('--limit <n>', 'at most that many', count, 50)
    .addHelpText('after', '\nExample:\n  vedette audit search --kind entry.viewed --entry ID')
    .action(async ({ about, ...options }: Search, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const query = new URLSearchParams()
      for (const [key, value] of Object.entries({ ...options, operator: about })) {
        if (value !== undefined) query.set(key, String(value))
      }
      print(await desk.json<ActRecord[]>('GET', `/audit?${query}`), globals, actTable)
    })
}

function exportCommand(): Command {
  return new Command('export')
    .description('the whole record in one signed file that anybody can verify')
    .argument('<file>', 'JSON lines')
    .addHelpText('after', '\nVerify it anywhere with: vedette audit verify --file FILE')
    .action(async (file: string, _options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const out = createWriteStream(file, { flags: 'wx', mode: 0o600 })
      await once(out, 'open').catch((cause: Error) => {
        throw new Refusal('request.invalid', `cannot write ${file}: ${cause.message}`, {
          cause,
          hint: 'name a file that is not there yet',
        })
      })
      await pipeline(await desk.stream('/audit/export'), out)
      say(`Verify it with: vedette audit verify --file ${file}`)
      print({ file, bytes: out.bytesWritten }, globals, ({ bytes }) => `${file}: ${bytes} bytes`)
    })
}

function headsCommand(): Command {
  return new Command('heads')
    .description('how far the record had come, signed: keep copies of it elsewhere')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      print(await desk.json<HeadLine[]>('GET', '/audit/heads'), globals, (heads) =>
        table(
          ['SIGNED', 'ACT', 'HASH', 'BY KEY'],
          heads.map(({ at, seq, hash, signer }) => [when(at), `${seq}`, hash, signer]),
        ),
      )
    })
}

function keyCommand(): Command {
  return new Command('key')
    .description('the public key that the record is signed with, PEM: keep a copy elsewhere')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const key = await desk.json<{ signer: string; publicKeys: string }>('GET', '/audit/key')
      say(`signer ${key.signer}`)
      print(key, globals, ({ publicKeys }) => publicKeys.trimEnd())
    })
}
