import { generateKeyPairSync, sign } from 'node:crypto'
import type { Finding } from '@vedette/server/audit/findings'
import type { Head } from '@vedette/server/audit/head'
import { BEGINNING, hashOf, type Row } from '@vedette/server/audit/row'
import type BetterSqlite3 from 'better-sqlite3'
import { type Made, openCopy } from './ledger.ts'

/** A copy that somebody who has the files may do with what he likes. */
export type Copy = {
  db: BetterSqlite3.Database
  heads: Head[]
  older: Made
  /** A whole number from `from` to `to`. */
  pick: (from: number, to: number) => number
}

/** Does it, and says by which finding it must be named. */
type Tampering = (copy: Copy) => (finding: Finding) => boolean

const is =
  (what: Finding['what'], more: object = {}) =>
  (finding: Finding) =>
    finding.what === what &&
    Object.entries(more).every(([key, value]) => Reflect.get(finding, key) === value)

const any =
  (...tests: ((finding: Finding) => boolean)[]) =>
  (finding: Finding) =>
    tests.some((test) => test(finding))

const lastOf = ({ db }: Copy) => db.prepare('SELECT max(seq) FROM acts').pluck().get() as number
/** An act that is neither the first nor the last. */
const inner = (copy: Copy) => copy.pick(2, lastOf(copy) - 1)
const foreign = generateKeyPairSync('ed25519')

/** Everything that whoever has the database, and the heads beside it, may try. */
export const TAMPERINGS: Record<string, Tampering> = {
  'the time of an act': (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    copy.db.prepare('UPDATE acts SET at = at + ? WHERE seq = ?').run(copy.pick(1, 1e6), seq)
    return is('edited', { seq, part: 'act' })
  },
  'the kind of an act': (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    copy.db.prepare("UPDATE acts SET kind = kind || 'x' WHERE seq = ?").run(seq)
    return is('edited', { seq, part: 'act' })
  },
  'the hash of an act': (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    flip(copy, 'acts', 'hash', seq)
    return is('edited', { seq, part: 'act' })
  },
  "the hash of an act's body": (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    flip(copy, 'acts', 'bodyHash', seq)
    return is('edited', { seq, part: 'body' })
  },
  'who did it': (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    copy.db
      .prepare(`UPDATE actBodies SET body = replace(body, '"by":"', '"by":"x') WHERE seq = ?`)
      .run(seq)
    return is('edited', { seq, part: 'body' })
  },
  'a letter of a body': (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    const body = String(
      copy.db.prepare('SELECT body FROM actBodies WHERE seq = ?').pluck().get(seq),
    )
    const at = copy.pick(0, body.length - 1)
    const other = body[at] === 'a' ? 'b' : 'a'
    const text = body.slice(0, at) + other + body.slice(at + 1)
    copy.db.prepare('UPDATE actBodies SET body = ? WHERE seq = ?').run(text, seq)
    return is('edited', { seq, part: 'body' })
  },
  'what it is found by': (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    copy.db
      .prepare("UPDATE actSubjects SET id = 'nobody' WHERE seq = ? AND subject = 'by'")
      .run(seq)
    return is('edited', { seq, part: 'index' })
  },
  'one thing it is found by taken away': (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    copy.db.prepare("DELETE FROM actSubjects WHERE seq = ? AND subject = 'entry'").run(seq)
    return is('edited', { seq, part: 'index' })
  },
  'a body taken away': (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    copy.db.prepare('DELETE FROM actBodies WHERE seq = ?').run(seq)
    copy.db.prepare('DELETE FROM actSubjects WHERE seq = ?').run(seq)
    return is('body-removed', { seq })
  },
  'a body taken away as if by retention': (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    copy.db.prepare('DELETE FROM actBodies WHERE seq = ?').run(seq)
    copy.db.prepare('DELETE FROM actSubjects WHERE seq = ?').run(seq)
    copy.db
      .prepare('INSERT OR REPLACE INTO auditCuts SELECT kind, seq FROM acts WHERE seq = ?')
      .run(seq)
    return is('body-removed', { seq })
  },
  'what retention is said to have deleted': (copy) => {
    copy.db.prepare("INSERT OR REPLACE INTO auditCuts VALUES ('alert.raised', 1)").run()
    return is('retention-edited', { kind: 'alert.raised' })
  },
  'an act taken out': (copy) => {
    const seq = copy.pick(1, lastOf(copy) - 1)
    remove(copy, seq, seq)
    return is('removed', { seq, to: seq })
  },
  'several acts taken out': (copy) => {
    const last = lastOf(copy)
    const seq = copy.pick(2, last - 2)
    const to = copy.pick(seq, last - 1)
    remove(copy, seq, to)
    return is('removed', { seq, to })
  },
  'acts taken out, the rest renumbered': (copy) => {
    const seq = copy.pick(2, lastOf(copy) - 6)
    const by = copy.pick(1, 4)
    remove(copy, seq, seq + by - 1)
    shift(copy, seq + by, -by)
    return is('removed', { seq, to: seq + by - 1 })
  },
  'an act put in, the rest renumbered': (copy) => {
    const seq = inner(copy)
    shift(copy, seq, 1)
    copyRow(copy, seq + 1, seq)
    return is('inserted', { seq, to: seq })
  },
  'two acts exchanged': (copy) => {
    const [a, b] = two(copy)
    exchange(copy, a, b)
    return any(is('reordered', { seq: a, from: b }), is('reordered', { seq: b, from: a }))
  },
  'two acts exchanged, not their hashes': (copy) => {
    const [a, b] = two(copy)
    exchange(copy, a, b)
    const hash = copy.db.prepare('SELECT hash FROM acts WHERE seq = ?').pluck()
    const [first, second] = [hash.get(a), hash.get(b)]
    const put = copy.db.prepare('UPDATE acts SET hash = ? WHERE seq = ?')
    put.run(second, a)
    put.run(first, b)
    return any(is('reordered', { seq: a, from: b }), is('reordered', { seq: b, from: a }))
  },
  'three acts moved round': (copy) => {
    const seq = copy.pick(2, lastOf(copy) - 4)
    exchange(copy, seq, seq + 1)
    exchange(copy, seq + 1, seq + 2)
    return is('reordered')
  },
  'the end cut off': (copy) => {
    const last = lastOf(copy)
    const seq = copy.pick(1, last - 1)
    remove(copy, seq + 1, last)
    copy.db.prepare('DELETE FROM auditHeads WHERE seq > ?').run(seq)
    return is('truncated', { seq, to: last })
  },
  'an older copy put in its place': (copy) => {
    const to = lastOf(copy)
    copy.db = openCopy(copy.older.database)
    return is('truncated', { seq: lastOf(copy), to })
  },
  'everything behind an edited act written anew': (copy) => {
    const seq = copy.pick(1, lastOf(copy))
    rewrite(copy, seq)
    return is('rewritten')
  },
  'the same, and all heads signed by another key': (copy) => {
    rewrite(copy, copy.pick(1, lastOf(copy)))
    const hash = copy.db.prepare('SELECT hash FROM acts WHERE seq = ?').pluck()
    copy.heads = copy.heads.map((head) => {
      return byForeignKey({ ...head, hash: hash.get(head.seq) as Buffer })
    })
    copy.db.exec('DELETE FROM auditHeads')
    const put = copy.db.prepare('INSERT INTO auditHeads VALUES (?, ?, ?, ?, ?)')
    for (const { seq, at, hash, signer, signature } of copy.heads) {
      put.run(seq, at, hash, signer, signature)
    }
    return any(is('head-foreign'), is('head-forged'))
  },
  'the time of a head': (copy) => {
    const { seq } = aHead(copy)
    copy.db.prepare('UPDATE auditHeads SET at = at + 1 WHERE seq = ?').run(seq)
    return is('head-forged', { seq })
  },
  'the hash of a head': (copy) => {
    const { seq } = aHead(copy)
    flip(copy, 'auditHeads', 'hash', seq)
    return is('head-forged', { seq })
  },
  'the signature of a head': (copy) => {
    const { seq } = aHead(copy)
    flip(copy, 'auditHeads', 'signature', seq)
    return is('head-forged', { seq })
  },
  'the signer of a head': (copy) => {
    const { seq } = aHead(copy)
    copy.db.prepare("UPDATE auditHeads SET signer = 'somebody' WHERE seq = ?").run(seq)
    return is('head-foreign', { seq })
  },
  'a head of another act': (copy) => {
    const head = aHead(copy)
    const seq = head.seq - 1
    copy.db.prepare('UPDATE auditHeads SET seq = ? WHERE seq = ?').run(seq, head.seq)
    return is('head-forged', { seq })
  },
  'a head taken out of the database': (copy) => {
    const { seq } = aHead(copy)
    copy.db.prepare('DELETE FROM auditHeads WHERE seq = ?').run(seq)
    return is('head-removed', { seq, place: 'database' })
  },
  'a head taken out of the file': (copy) => {
    const head = aHead(copy)
    copy.heads = copy.heads.filter((one) => one !== head)
    return is('head-removed', { seq: head.seq, place: 'file' })
  },
  'a head in the file': (copy) => {
    const head = aHead(copy)
    const at = head.at + copy.pick(1, 1000)
    copy.heads = copy.heads.map((one) => (one === head ? { ...one, at } : one))
    return is('head-forged', { seq: head.seq })
  },
}

function aHead({ heads, pick }: Copy): Head {
  return heads[pick(0, heads.length - 1)]!
}

/** Two acts, neither the first nor the last. */
function two(copy: Copy): [number, number] {
  const a = copy.pick(2, lastOf(copy) - 3)
  return [a, copy.pick(a + 1, lastOf(copy) - 1)]
}

function flip(copy: Copy, table: string, column: string, seq: number): void {
  const read = copy.db.prepare(`SELECT ${column} FROM ${table} WHERE seq = ?`).pluck()
  const bytes = Buffer.from(read.get(seq) as Buffer)
  const at = copy.pick(0, bytes.length - 1)
  bytes[at] = bytes[at]! ^ (1 << copy.pick(0, 7))
  copy.db.prepare(`UPDATE ${table} SET ${column} = ? WHERE seq = ?`).run(bytes, seq)
}

const TABLES = ['actBodies', 'actSubjects', 'acts']

function remove({ db }: Copy, from: number, to: number): void {
  for (const table of TABLES) {
    db.prepare(`DELETE FROM ${table} WHERE seq BETWEEN ? AND ?`).run(from, to)
  }
}

/** Gives acts from `from` on other numbers. */
function shift({ db }: Copy, from: number, by: number): void {
  for (const table of TABLES) {
    db.prepare(`UPDATE ${table} SET seq = -(seq + ?) WHERE seq >= ?`).run(by, from)
    db.prepare(`UPDATE ${table} SET seq = -seq WHERE seq < 0`).run()
  }
}

/** Puts a copy of act `from` at `to`, an hour earlier. */
function copyRow({ db }: Copy, from: number, to: number): void {
  db.prepare(
    'INSERT INTO acts SELECT ?, at - 3600000, kind, bodyHash, hash FROM acts WHERE seq = ?',
  ).run(to, from)
  db.prepare('INSERT INTO actBodies SELECT ?, body FROM actBodies WHERE seq = ?').run(to, from)
  db.prepare('INSERT INTO actSubjects SELECT subject, id, ? FROM actSubjects WHERE seq = ?').run(
    to,
    from,
  )
}

function exchange({ db }: Copy, a: number, b: number): void {
  for (const table of TABLES) {
    const move = db.prepare(`UPDATE ${table} SET seq = ? WHERE seq = ?`)
    move.run(-1, a)
    move.run(a, b)
    move.run(b, -1)
  }
}

/** Edits act `seq` and makes everything behind it follow. */
function rewrite({ db }: Copy, seq: number): void {
  db.prepare('UPDATE acts SET at = at + 60000 WHERE seq = ?').run(seq)
  const before = db
    .prepare('SELECT hash FROM acts WHERE seq = ?')
    .pluck()
    .get(seq - 1)
  let previous = (before as Buffer | undefined) ?? BEGINNING
  const put = db.prepare('UPDATE acts SET hash = ? WHERE seq = ?')
  for (const row of db.prepare('SELECT * FROM acts WHERE seq >= ?').all(seq) as Row[]) {
    const hash = hashOf(previous, row)
    put.run(hash, row.seq)
    previous = hash
  }
}

function byForeignKey(head: Head): Head {
  const text = `vedette-head-1\n${head.seq}\n${head.at}\n${Buffer.from(head.hash).toString('hex')}\n`
  return { ...head, signature: sign(null, Buffer.from(text), foreign.privateKey) }
}
