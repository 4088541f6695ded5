import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { Journal } from '@vedette/server/cli/import/journal'
import type { Outcome } from '@vedette/server/cli/import/row'
import { runImport } from '@vedette/server/cli/import/run'
import { enrolServer } from './enrol-server.ts'
import { withHome } from './gate-process.ts'
import type { Report } from './measure.ts'
import { picturesToCompare } from './recognition-pictures.ts'

const PEOPLE = 300
/** Photographs that are not counted: until the models are loaded. */
const WARM = 20

/** Photographs a second of an import, whole: files, desk, faces, look-alikes, store. */
export async function benchImport(report: Report): Promise<void> {
  await withHome(async (home) => {
    await using running = await enrolServer(home)
    const { images, files } = await picturesToCompare(home)
    const rows = files.slice(0, PEOPLE + WARM).map((file) => ({
      at: file,
      name: file,
      photos: [join(images, file)],
    }))
    const journal = await Journal.open(join(home, 'journal'))
    const photos = rows.length
    const { id: grant } = await running.desk.json<{ id: string }>('POST', '/imports', { photos })
    const outcomes: Outcome[] = []
    const times: number[] = []
    await runImport(rows, {
      ...{ desk: running.desk, journal, grant, startedAt: Date.now() },
      usual: { skipBad: false },
      signal: new AbortController().signal,
      onOutcome: (outcome) => {
        outcomes.push(outcome)
        times.push(performance.now())
      },
    })
    const seconds = (times.at(-1)! - times[WARM - 1]!) / 1000
    const count = (state: Outcome['state']) => outcomes.filter((one) => one.state === state).length
    report({
      bench: 'import.photos',
      value: (outcomes.length - WARM) / seconds,
      unit: 'photos/s',
      detail: {
        cores: availableParallelism(),
        enrolled: count('enrolled'),
        refused: count('refused'),
        failed: count('failed'),
      },
    })
  })
}
