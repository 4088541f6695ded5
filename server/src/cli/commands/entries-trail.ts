import { placeText } from '@vedette/shared/place'
import { Command } from 'commander'
import type { Trail } from '../../desk/answered/trail.ts'
import { globalsOf, openDesk } from '../context.ts'
import { beginning, end } from '../period.ts'
import { print, say, table, when } from '../render.ts'

type Options = { since?: number; until?: number }

/** `vedette entries trail ENTRY`. */
export function trailCommand(): Command {
  return new Command('trail')
    .description('where and when cameras saw one person: alerts that stand, oldest first')
    .argument('<entry>')
    .option('--since <time>', 'from then on: 2026-03-01, yesterday, 24h', beginning)
    .option('--until <time>', 'and until then', end)
    .action(async (id: string, { since, until }: Options, command: Command) => {
      const globals = globalsOf(command)
      const query = new URLSearchParams()
      if (since !== undefined) query.set('since', String(since))
      if (until !== undefined) query.set('until', String(until))
      await using desk = await openDesk(globals)
      const path = `/entries/${encodeURIComponent(id)}/trail?${query}`
      const trail = await desk.json<Trail>('GET', path)
      print(trail, globals, ({ points }) =>
        table(
          ['WHEN', 'CAMERA', 'PLACE', 'ALERT', 'CERTAINTY'],
          points.map(({ at, agent, camera, place, alert, certainty, undecided }) => [
            when(at),
            `${agent}/${camera}`,
            place === null ? '' : placeText(place),
            alert,
            undecided ? `${certainty}, another is as likely` : certainty,
          ]),
        ),
      )
      if (trail.more) say('These are the latest 500; for earlier ones: --until')
    })
}
