import { Command } from 'commander'
import { rotateKeyCommand } from './db-key.ts'

export function dbCommand(): Command {
  return new Command('db')
    .description('the database: its key, backups, whether it is whole')
    .addCommand(rotateKeyCommand())
}
