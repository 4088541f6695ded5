import { decodeEmbedding, type Embedding } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { type Alert, toAlert } from './alert-rows.ts'
import { type Database, guarded } from './database.ts'

/** Alerts looked at, at most: the newest. */
const MOST = 5000
/** Opened at a time, before others have their turn. */
const SLICE = 100

/** Alerts about what was seen from `since` to `until`, with what each looks like, newest first. */
export async function* alertProbes(
  db: Database,
  alerts: { probe(id: string): Promise<{ probe: Uint8Array }> },
  { since, until }: { since: number; until: number },
): AsyncGenerator<{ alert: Alert; probe: Embedding }> {
  const rows = await guarded(() =>
    db
      .selectFrom('alerts')
      .selectAll()
      .where('capturedAt', '>=', since)
      .where('capturedAt', '<=', until)
      .orderBy('capturedAt', 'desc')
      .limit(MOST)
      .execute(),
  )
  for (const [i, row] of rows.entries()) {
    if (i % SLICE === SLICE - 1) await new Promise(setImmediate)
    try {
      const { probe: bytes } = await alerts.probe(row.id)
      const probe = decodeEmbedding(bytes, bytes.length / Float32Array.BYTES_PER_ELEMENT)
      yield { alert: toAlert(row), probe }
    } catch (error) {
      // Its entry is gone, and what it looked like with it.
      if (!(error instanceof Refusal)) throw error
    }
  }
}
