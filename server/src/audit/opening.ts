import { IntegrityFault } from '@vedette/shared/errors'
import type { AuditStore } from '../store/audit.ts'
import { type Head, judgeHead } from './head.ts'
import type { HeadsRead } from './heads-file.ts'
import { hashOf } from './row.ts'

type Compared = {
  store: AuditStore
  file: HeadsRead
  known: ReadonlyMap<string, string>
}

const WHEN_LAWFUL = 'if a backup was put back on purpose: vedette-server --accept-rollback "why"'

/**
 * Holds the record against the heads that were signed of it, those outside the database first: an
 * older database put in place, or one that was cut short, ends before they do. Gives the heads that
 * the file lacks. Throws IntegrityFault `audit.rolled-back`, `audit.changed`, `audit.heads-missing`.
 */
export async function compareHeads({ store, file, known }: Compared): Promise<Head[]> {
  const heads = await store.heads()
  const outside = file.heads.at(-1)
  if (outside === undefined) {
    if (heads.length === 0) return []
    throw new IntegrityFault('audit.heads-missing', 'the file of signed heads is gone or empty', {
      hint: `put audit.heads back beside the database; ${WHEN_LAWFUL}`,
    })
  }
  const last = heads.at(-1)
  for (const head of last === undefined ? [outside] : [outside, last]) {
    await compare(store, known, head)
  }
  await followsFrom(store, outside)
  return heads.filter(
    ({ seq, at }) => seq > outside.seq || (seq === outside.seq && at > outside.at),
  )
}

async function compare(
  store: AuditStore,
  known: ReadonlyMap<string, string>,
  head: Head,
): Promise<void> {
  const time = new Date(head.at).toISOString()
  const verdict = judgeHead(known, head)
  if (verdict !== 'good') {
    throw changed(`the head of ${time} is ${verdict === 'foreign' ? 'by a foreign key' : 'forged'}`)
  }
  const { seq } = await store.last()
  if (seq < head.seq) {
    throw new IntegrityFault(
      'audit.rolled-back',
      `the database ends at act ${seq}, and act ${head.seq} was signed at ${time}: it is an older one`,
      { hint: `put the newer database back; ${WHEN_LAWFUL}` },
    )
  }
  const row = await store.row(head.seq)
  if (head.seq > 0 && !(row && Buffer.from(head.hash).equals(row.hash))) {
    throw changed(`act ${head.seq} is not what was signed at ${time}`)
  }
}

/** Throws where an act after `head` does not follow the one before it. */
async function followsFrom(store: AuditStore, head: Head): Promise<void> {
  let { seq, hash } = head
  for await (const rows of store.rows(seq + 1)) {
    for (const row of rows) {
      if (row.seq !== seq + 1 || !hashOf(hash, row).equals(row.hash)) {
        throw changed(`act ${row.seq} does not follow the one before it`)
      }
      ;({ seq, hash } = row)
    }
  }
}

function changed(what: string): IntegrityFault {
  return new IntegrityFault('audit.changed', `the record was changed: ${what}`, {
    hint: `see where: vedette audit verify --database FILE; ${WHEN_LAWFUL}`,
  })
}
