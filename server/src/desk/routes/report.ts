import type { Account } from '../../report/account.ts'
import { accountFor, checkPeriod, period } from '../accounting.ts'
import { accountingAnswer } from '../answers/figures.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

/** What was done in a period, and what came of it. */
export async function reportRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const made = { config: { needs: 'reports.view', act: 'report.made' } } as const

  app.get(
    '/report',
    {
      ...made,
      schema: {
        summary: 'What was done in a period, and what came of it',
        answers: { 200: accountingAnswer },
        querystring: period,
      },
    },
    ({ query, caller }): Promise<Account> => {
      checkPeriod(query)
      return accountFor(caller, query, options)
    },
  )
}
