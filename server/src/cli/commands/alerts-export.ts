import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import { globalsOf, openDesk } from '../context.ts'
import { print } from '../render.ts'

type Options = { out: string; photos?: true }

export function exportCommand(): Command {
  return new Command('export')
    .description('all that an alert rests on as one signed file; needs --reason')
    .argument('<alert>')
    .requiredOption('--out <file>', 'where it goes, a ZIP file')
    .option('--photos', 'with the photographs that were enrolled')
    .addHelpText('after', '\nVerified, by anybody and without a server, by: vedette verify FILE')
    .action(async (id: string, { out, photos }: Options, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const path = `/alerts/${encodeURIComponent(id)}/evidence${photos ? '?photos=1' : ''}`
      const bytes = await desk.bytes(path)
      await writeFile(out, bytes, { mode: 0o600 })
      print({ alert: id, file: out, bytes: bytes.length }, globals, () => {
        return `exported ${id} to ${out}, ${bytes.length} bytes`
      })
    })
}
