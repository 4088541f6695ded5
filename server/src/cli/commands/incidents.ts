import { Command } from 'commander'
import type { NamedIncident } from '../../desk/answered/alerts.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, table, when } from '../render.ts'

export function incidentsCommand(): Command {
  return new Command('incidents')
    .description('one person crossing cameras: alerts that followed one another, the latest first')
    .option('--limit <n>', 'at most that many', '50')
    .action(async ({ limit }: { limit: string }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const query = new URLSearchParams({ limit })
      print(await desk.json<NamedIncident[]>('GET', `/incidents?${query}`), globals, (found) =>
        table(
          ['INCIDENT', 'NAME', 'FROM', 'TO', 'ALERTS', 'TRAIL'],
          found.map(({ id, name, firstAt, lastAt, alerts }) => [
            id,
            name ?? '(undecided or removed)',
            when(firstAt),
            when(lastAt),
            String(alerts.length),
            alerts.map(({ agent, camera }) => `${agent}/${camera}`).join(' → '),
          ]),
        ),
      )
    })
}
