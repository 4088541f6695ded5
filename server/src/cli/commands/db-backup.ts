import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import process from 'node:process'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import type { CheckReport } from '../../backup/backups.ts'
import type { Manifest } from '../../backup/manifest.ts'
import { restoreBackup } from '../../backup/restore.ts'
import { type BackupReport, verifyBackup } from '../../backup/verify.ts'
import { readServerConfig } from '../../config.ts'
import { Vault } from '../../store/vault.ts'
import { globalsOf, openDesk } from '../context.ts'
import { EXIT } from '../exit.ts'
import { print, table, when } from '../render.ts'
import { sourceOf } from './db-key.ts'

type KeyOptions = { key?: string; passphraseFile?: string }

export function backupCommand(): Command {
  return new Command('backup')
    .description('copy the databases while the server serves, into a new folder below FOLDER')
    .argument('<folder>', 'on the machine of the server')
    .option('--keep <n>', 'so many stay there, the newest')
    .action(async (folder: string, { keep }: { keep?: string }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const body = { folder: resolve(folder), ...(keep !== undefined && { keep: Number(keep) }) }
      const made = await desk.json<Manifest & { folder: string }>('POST', '/database/backups', body)
      print(made, globals, (backup) => [`folder   ${backup.folder}`, ...about(backup)].join('\n'))
    })
}

export function verifyCommand(): Command {
  return keyed(new Command('verify').description('whether a backup is whole, row by row'))
    .option('--no-key', 'without the key of the vault: files and structure only')
    .action(async (folder: string, options: KeyOptions | { key: false }, command: Command) => {
      const globals = globalsOf(command)
      const vault =
        options.key === false
          ? undefined
          : await Vault.open(await sourceOf(options as KeyOptions, globals))
      const report = await verifyBackup(resolve(folder), vault)
      print(report, globals, (backup) => ['whole', ...about(backup), rows(backup)].join('\n'))
    })
}

export function restoreCommand(): Command {
  return keyed(
    new Command('restore').description(
      'put a backup in the place of the databases; the server must be stopped; needs --reason',
    ),
  ).action(async (folder: string, options: KeyOptions, command: Command) => {
    const globals = globalsOf(command)
    const why = globals.reason?.trim()
    if (!why) {
      throw new Refusal('request.invalid', 'restoring is recorded with its reason', {
        hint: 'give it: --reason TEXT',
      })
    }
    const { data } = await readServerConfig(globals.home)
    const vault = await Vault.open(await sourceOf(options, globals))
    const by = globals.operator ?? `system:${userInfo().username}`
    const to = { data, vault, by, why, now: Date.now() }
    const report = await restoreBackup(resolve(folder), to)
    print(report, globals, (backup) =>
      ['restored', ...about(backup), 'next     start the server: vedette-server'].join('\n'),
    )
  })
}

export function checkCommand(): Command {
  return new Command('check')
    .description('whether the database is whole, row by row, while the server serves')
    .action(async (_options: object, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const report = await desk.json<CheckReport>('POST', '/database/check')
      print(report, globals, ({ structure, rows: count, ms, damages }) =>
        damages.length === 0 && structure === 'ok'
          ? `whole: ${count} rows in ${ms} ms`
          : [
              `structure  ${structure}`,
              table(
                ['TABLE', 'ROW', 'WHAT'],
                damages.map(({ table: name, row, what }) => [name, row, what]),
              ),
            ].join('\n'),
      )
      if (report.damages.length > 0 || report.structure !== 'ok') process.exitCode = EXIT.failure
    })
}

function keyed(command: Command): Command {
  return command
    .argument('<folder>')
    .option('--key <file>', "the vault's key, where it is not what server.yaml names")
    .option('--passphrase-file <file>', 'passphrase of the key (or VEDETTE_PASSPHRASE)')
}

function about({ at, entries, schema, files }: Manifest): string[] {
  const bytes = Object.values(files).reduce((sum, file) => sum + file.bytes, 0)
  return [
    `taken    ${when(at)}`,
    `entries  ${entries}, ${Math.ceil(bytes / 1e6)} MB, schema ${schema}`,
  ]
}

function rows({ rows: count }: BackupReport): string {
  return `rows     ${count === null ? 'not compared with their seals' : `${count} as they were written`}`
}
