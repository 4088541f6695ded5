import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import { type ExportVerdict, verifyExport } from '../../audit/export-file.ts'
import { HEADS_FILE, readHeads } from '../../audit/heads-file.ts'
import { knownKeys, signerFiles } from '../../audit/signer.ts'
import { type Verdict, verifyRecord } from '../../audit/verify.ts'
import { recordOf } from '../../store/audit-file.ts'
import { verdictText } from '../audit-lines.ts'
import { type GlobalOptions, globalsOf, openDesk } from '../context.ts'
import { EXIT } from '../exit.ts'
import { print, say } from '../render.ts'

type Options = { file?: string; database?: string; heads?: string; key?: string }

export function verifyCommand(): Command {
  return new Command('verify')
    .description('whether the record is what was recorded: of the server, an export, or a database')
    .option('--file <export>', 'a file of vedette audit export; asks no server')
    .option('--database <file>', 'a wanted.db whose server does not run, or a copy; asks no server')
    .option('--heads <file>', 'heads that were kept elsewhere, or a log of the server')
    .option('--key <file>', 'the public key to trust, PEM; see: vedette audit key')
    .addHelpText('after', '\nExit status: 0 when all is as it was recorded, 7 when it is not')
    .action(async (options: Options, command: Command) => {
      const globals = globalsOf(command)
      const verdict = await verdictOf(options, globals)
      print(verdict, globals, verdictText)
      if (!verdict.good) process.exitCode = EXIT.refused
    })
}

async function verdictOf(options: Options, globals: GlobalOptions): Promise<Verdict> {
  if (options.file !== undefined) return ofExport(options.file, options.key, globals)
  if (options.database !== undefined) return ofDatabase(options.database, options, globals)
  await using desk = await openDesk(globals)
  return await desk.json<Verdict>('POST', '/audit/verify')
}

async function ofExport(
  file: string,
  key: string | undefined,
  { home }: GlobalOptions,
): Promise<ExportVerdict> {
  // In a deployment its own key is at hand.
  const own = await readFile(signerFiles(home).known, 'utf8').catch(() => undefined)
  const pem = key === undefined ? own : await textOf(key)
  const verdict = await verifyExport(await textOf(file), pem)
  if (verdict === undefined) {
    throw new Refusal('request.invalid', `${file} is no export of a record`, {
      hint: 'make one with: vedette audit export FILE',
    })
  }
  const { signer, pinned } = verdict
  if (!pinned && signer !== null) {
    say(`Signed by ${signer}, a key that the file itself names: hold it against --key, or against`)
    say('what vedette audit key says.')
  }
  return verdict
}

async function ofDatabase(
  database: string,
  { heads = join(dirname(database), HEADS_FILE), key }: Options,
  { home }: GlobalOptions,
): Promise<Verdict> {
  const known = knownKeys(await textOf(key ?? signerFiles(home).known))
  const { heads: file } = readHeads(await textOf(heads))
  const { store, close } = recordOf(database)
  try {
    return await verifyRecord({
      slices: store.recorded(),
      heads: { database: await store.heads(), file },
      known,
      cuts: () => store.cuts(),
    })
  } finally {
    close()
  }
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: Error) => {
    throw new Refusal('request.invalid', `cannot read ${file}: ${cause.message}`, {
      cause,
      hint: 'the key lies in certs/audit/public.pem, the heads in audit.heads beside the database',
    })
  })
}
