import { writeFile } from 'node:fs/promises'
import { Command } from 'commander'
import type { Account } from '../../report/account.ts'
import { accountPage } from '../../report/page.ts'

import { accountText } from '../account-text.ts'
import { globalsOf, openDesk } from '../context.ts'
import { beginning, end } from '../period.ts'
import { print, say } from '../render.ts'

type Options = { from?: number; to?: number; page?: string }

export function reportCommand(): Command {
  return new Command('report')
    .description('what was done in a period and what came of it, for the public and for the judge')
    .option('--from <when>', 'a day, a time, or so long ago (default: 30d)', beginning)
    .option('--to <when>', 'the same; a day is meant whole (default: now)', end)
    .option('--page <file>', 'also write it as a page with plots, HTML')
    .addHelpText('after', '\nExample:\n  vedette report --from 2026-11-01 --page november.html')
    .action(
      async ({ from = beginning('30d'), to = Date.now(), page }: Options, command: Command) => {
        const globals = globalsOf(command)
        await using desk = await openDesk(globals)
        const query = new URLSearchParams({
          from: String(from),
          to: String(to),
          timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        })
        const account = await desk.json<Account>('GET', `/report?${query}`)
        if (page !== undefined) {
          await writeFile(page, await accountPage(account))
          say(`written to ${page}`)
        }
        print(account, globals, accountText)
      },
    )
}
