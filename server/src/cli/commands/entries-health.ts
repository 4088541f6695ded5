import { Command } from 'commander'
import type { EntryHealth } from '../../health/health.ts'
import { globalsOf, openDesk } from '../context.ts'
import { print, table } from '../render.ts'

/** Rows shown unless all are asked for. */
const USUALLY_SHOWN = 20

export function healthCommand(): Command {
  return new Command('health')
    .description('which entries cause trouble: false alerts, near misses, and what to do')
    .argument('[entry]', 'one entry, camera by camera')
    .option('--all', 'also those without trouble')
    .action(async (id: string | undefined, { all }: { all?: true }, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const entries = await desk.json<EntryHealth[]>('GET', '/entries/health')
      const wanted = entries.filter(({ entryId, ...rest }) =>
        id === undefined ? all || troubled(rest) : entryId === id,
      )
      print(wanted, globals, (found) =>
        id === undefined ? overview(found, entries.length) : found.map(details).join('\n\n'),
      )
    })
}

function troubled(entry: Omit<EntryHealth, 'entryId'>): boolean {
  return entry.advice.length > 0 || entry.judgedFalse + entry.withdrawn + entry.nearMisses > 0
}

function overview(found: readonly EntryHealth[], entries: number): string {
  if (found.length === 0) return `none of ${entries} entries has caused trouble`
  const shown = found.slice(0, USUALLY_SHOWN)
  const rows = table(
    ['ENTRY', 'NAME', 'PHOTOS', 'CONFIRMED', 'WITHDRAWN', 'TRUE', 'FALSE', 'NEAR', 'MOST LIKE'],
    shown.map(({ entryId, name, photos, lookAlike, ...counts }) => [
      entryId,
      name,
      String(photos),
      String(counts.confirmed),
      String(counts.withdrawn),
      String(counts.judgedTrue),
      String(counts.judgedFalse),
      String(counts.nearMisses),
      lookAlike === null ? '' : `${lookAlike.name} ${lookAlike.score.toFixed(3)}`,
    ]),
  )
  const rest = found.length > shown.length ? [`and ${found.length - shown.length} more`] : []
  return [rows, ...rest, ...shown.flatMap(advised)].join('\n')
}

function advised({ name, advice }: EntryHealth): string[] {
  return advice.flatMap(({ words, command }) => ['', `${name}: ${words}`, `  ${command}`])
}

function details(entry: EntryHealth): string {
  const { entryId, name, cameras, agreement } = entry
  const photos = agreement.flatMap((score, i) =>
    score === null ? [] : `photograph ${i + 1} is like another of them by ${score.toFixed(3)}`,
  )
  const rows = table(
    ['CAMERA', 'CONFIRMED', 'PROVISIONAL', 'WITHDRAWN', 'TRUE', 'FALSE', 'NEAR', 'HIGHEST'],
    cameras.map((at) => [
      `${at.agent}/${at.camera}`,
      String(at.confirmed),
      String(at.provisional),
      String(at.withdrawn),
      String(at.judgedTrue),
      String(at.judgedFalse),
      String(at.nearMisses),
      at.highest === 0 ? '' : at.highest.toFixed(3),
    ]),
  )
  return [`${name} (${entryId})`, ...photos, rows, ...advised(entry)].join('\n')
}
