import { writeFile } from 'node:fs/promises'
import { Refusal } from '@vedette/shared/errors'
import { Command } from 'commander'
import type { ErasureCertificate } from '../../erasure/certificate.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, say, when } from '../render.ts'

export function eraseCommand(): Command {
  return new Command('erase')
    .description('erase a person: key, photographs, templates, pictures of alerts; needs --reason')
    .argument('<entry>')
    .option('--certificate <file>', 'save what the server signs of it')
    .addHelpText('after', '\nExample:\n  vedette entries erase ID --reason "case 4711 closed"')
    .action(async (id: string, options: { certificate?: string }, command: Command) => {
      const globals = globalsOf(command)
      if (!globals.reason?.trim()) {
        throw new Refusal('request.invalid', 'erasing is recorded with its reason', {
          hint: 'give it: --reason TEXT',
        })
      }
      await using desk = await openDesk(globals)
      const path = `/entries/${encodeURIComponent(id)}`
      const certificate = await desk.json<ErasureCertificate>('DELETE', path)
      if (options.certificate !== undefined) {
        const text = `${JSON.stringify(certificate, null, 2)}\n`
        await writeFile(options.certificate, text, { mode: 0o600 })
        say(`saved ${options.certificate}`)
      }
      print(certificate, globals, ({ entry, erasedAt, by, rows, record, signer }) =>
        [
          `erased   ${entry}`,
          `when     ${when(erasedAt)}, by ${by}`,
          `rows     ${rowsText(rows)}`,
          `record   act ${record.seq}`,
          `signed   by key ${signer}`,
        ].join('\n'),
      )
    })
}

function rowsText(rows: Record<string, number>): string {
  const some = Object.entries(rows).filter(([, count]) => count > 0)
  return some.map(([table, count]) => `${table} ${count}`).join(', ')
}
