import { join } from 'node:path'
import process from 'node:process'
import { Command } from 'commander'
import { describe, isCall } from '../alert-lines.ts'
import { savePicture } from '../alert-picture.ts'
import { Bookmark } from '../bookmark.ts'
import { globalsOf, openDesk } from '../context.ts'
import { follow, tell } from '../follow.ts'
import { print } from '../render.ts'

type WatchOptions = { since?: string; count?: string; pictures?: string; bookmark?: string }

/** Rings the terminal. */
const BELL = '\u0007'

export function watchCommand(): Command {
  return new Command('watch')
    .description('print alerts as they come, and cameras that cannot be relied upon, until stopped')
    .option('--since <n>', 'also those after event number n; 0 is the first')
    .option('--bookmark <file>', 'go on behind the last event shown, and keep its number there')
    .option('--count <n>', 'end after that many')
    .option('--pictures <folder>', 'save a picture of each: enrolled photo beside the sighting')
    .action(async (options: WatchOptions, command: Command) => {
      const globals = globalsOf(command)
      await using desk = await openDesk(globals)
      const bookmark = options.bookmark === undefined ? undefined : new Bookmark(options.bookmark)
      const since = options.since ?? (await bookmark?.read())
      const stop = new AbortController()
      process.once('SIGINT', () => stop.abort())
      let left = options.count === undefined ? Number.POSITIVE_INFINITY : Number(options.count)
      for await (const change of follow(desk, since, stop.signal)) {
        if (!('alert' in change)) {
          tell(change, globals)
          continue
        }
        print(change, globals, describe)
        if (isCall(change) && process.stderr.isTTY) process.stderr.write(BELL)
        if (options.pictures !== undefined && change.kind === 'raised') {
          await savePicture(desk, change.alert, join(options.pictures, `${change.alert.id}.jpg`))
        }
        await bookmark?.write(change.seq)
        if (--left <= 0) return
      }
    })
}
