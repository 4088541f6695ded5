import { Command } from 'commander'
import { backupCommand, checkCommand, restoreCommand, verifyCommand } from './db-backup.ts'
import { rotateKeyCommand } from './db-key.ts'

export function dbCommand(): Command {
  return new Command('db')
    .description('the database: its key, backups, whether it is whole')
    .addCommand(checkCommand())
    .addCommand(backupCommand())
    .addCommand(verifyCommand())
    .addCommand(restoreCommand())
    .addCommand(rotateKeyCommand())
}
