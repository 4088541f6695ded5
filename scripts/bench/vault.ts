import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Backups } from '@vedette/server/backup/backups'
import { restoreBackup } from '@vedette/server/backup/restore'
import { verifyBackup } from '@vedette/server/backup/verify'
import { SERVER_HAND } from '@vedette/server/hand'
import { PROTECTED } from '@vedette/server/store/protected'
import { Store } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import { withNewKey } from '@vedette/server/vault/key-ring'
import { KeySource } from '@vedette/server/vault/key-source'
import { systemClock } from '@vedette/shared/clock'
import type { Embedding } from '@vedette/shared/embedding'
import { createLog } from '@vedette/shared/log'
import BetterSqlite3 from 'better-sqlite3'
import type { Report } from './measure.ts'

/*
 * The vault at its full size: entries with three templates each, every bit that can be flipped,
 * keys wrapped anew by a process that is killed again and again, a backup taken and brought back,
 * and somebody erased.
 */

const ENTRIES = Number(process.env.VEDETTE_BENCH_ENTRIES ?? 10_000)
const FLIPS = 10_000
const KILLS = 50
const PHOTO_BYTES = 16_000

export async function benchVault(report: Report): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-vault-'))
  const place = { file: join(folder, 'data', 'wanted.db'), keyFile: join(folder, 'vault.key') }
  try {
    await Vault.create(place.keyFile)
    await fill(place, report)
    await opening(place, report)
    await flips(place, report)
    await rotation(place, report)
    await backups(place, folder, report)
    await erasing(place, report)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Where = { file: string; keyFile: string }

async function fill(place: Where, report: Report): Promise<void> {
  await using store = await Store.open(place)
  const random = mulberry(1)
  const began = performance.now()
  for (let i = 0; i < ENTRIES; i++) {
    const photos = Array.from({ length: 3 }, () => {
      const jpeg = Buffer.alloc(PHOTO_BYTES, i % 251)
      const [template, far] = [unit(random), unit(random)]
      return { jpeg, quality: 0.9, template, far, space: 'bench' }
    })
    const details = { name: `person ${i}`, aliases: [], reason: '', legalBasis: '', authority: '' }
    await store.entries.add(
      {
        ...{ ...details, caseNumber: '', note: '', list: 'wanted' },
        ...{ createdAt: Date.now(), hand: SERVER_HAND },
      },
      photos,
    )
  }
  const each = (performance.now() - began) / ENTRIES
  report({ bench: 'vault.enrol', value: each, unit: 'ms an entry of 3', detail: { ENTRIES } })
}

async function opening(place: Where, report: Report): Promise<void> {
  const began = performance.now()
  await using store = await Store.open(place)
  const opened = performance.now() - began
  const { ms, stall } = await watched(async () => {
    const templates = await store.entries.templates('bench', { liveAt: Date.now() })
    if (templates.length !== 3 * ENTRIES) throw new RangeError(`${templates.length} templates`)
  })
  const detail = { openMs: opened, templatesMs: ms, stallMs: stall }
  report({ bench: 'vault.open', value: opened + ms, unit: 'ms', detail })
}

/** One bit each of any column of any protected row, each put back before the next. */
async function flips(place: Where, report: Report): Promise<void> {
  await using store = await Store.open(place)
  const other = new BetterSqlite3(place.file)
  other.pragma('foreign_keys = OFF')
  other.pragma('synchronous = OFF')
  const random = mulberry(2)
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  const tables = PROTECTED.filter((name) => other.prepare(`SELECT 1 FROM ${name} LIMIT 1`).get())
  const rows = new Map(
    tables.map((name) => {
      const key = (other.pragma(`table_info(${name})`) as { name: string }[])[0]!.name
      return [
        name,
        { key, ids: other.prepare(`SELECT ${key} FROM ${name}`).pluck().all() },
      ] as const
    }),
  )
  let [done, found] = [0, 0]
  const began = performance.now()
  while (done < FLIPS) {
    const table = pick(tables)
    const { key, ids } = rows.get(table)!
    const { name, type } = pick(
      other.pragma(`table_info(${table})`) as { name: string; type: string }[],
    )
    const id = pick(ids)
    const value = other.prepare(`SELECT ${name} FROM ${table} WHERE ${key} = ?`).pluck().get(id)
    const flipped = flip(value, random)
    if (flipped === undefined) continue
    const put = type === 'TEXT' ? 'CAST(? AS TEXT)' : '?'
    const change = other.prepare(`UPDATE ${table} SET ${name} = ${put} WHERE ${key} = ?`)
    try {
      change.run(flipped, id)
    } catch {
      continue
    }
    const now = name === key ? flipped : id
    const row = other.prepare(`SELECT * FROM ${table} WHERE ${key} = CAST(? AS TEXT)`).get(now)
    done++
    if (!store.seals.isWhole(table, row as Record<string, unknown>)) found++
    const back = `UPDATE ${table} SET ${name} = ? WHERE ${key} = CAST(? AS TEXT)`
    other.prepare(back).run(value, now)
  }
  const ms = performance.now() - began
  other.close()
  const run = store.seals.checkAll()
  let step = run.next()
  while (!step.done) step = run.next()
  const detail = { flips: done, missed: done - found, left: step.value.damages.length, ms }
  report({ bench: 'vault.flips', value: found / done, unit: 'of the flips found', detail })
}

/** Wrapped anew by processes that are killed, and once in one go. */
async function rotation(place: Where, report: Report): Promise<void> {
  const source = new KeySource({ kind: 'file', path: place.keyFile })
  await source.write(withNewKey(await source.read()))
  const random = mulberry(3)
  let [kills, unreadable] = [0, 0]
  while (kills < KILLS) {
    const ended = await rewrapping(place, 250 + random() * 500)
    if (ended === 'done') await source.write(withNewKey(await source.read()))
    else kills++
    if (kills % 10 === 0 && ended === 'killed') unreadable += await unread(place)
  }
  report({ bench: 'vault.rotation.killed', value: kills, unit: 'kills', detail: { unreadable } })
  await source.write(withNewKey(await source.read()))
  await using store = await Store.open(place)
  const { ms, stall } = await watched(async () => {
    for await (const _keys of store.rewrapping.run());
  })
  const { old, damaged, keys } = await store.rewrapping.look()
  const detail = { keys, old, damaged, stallMs: stall }
  report({ bench: 'vault.rotation', value: ms / 1000, unit: 's', detail })
}

async function rewrapping({ file, keyFile }: Where, ms: number): Promise<'done' | 'killed'> {
  const program = fileURLToPath(new URL('./vault-rewrap.js', import.meta.url))
  const child = spawn(process.execPath, [program, file, keyFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // Time counts from the first slice: killed while it starts it would have done nothing.
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
  clearTimeout(timer)
  return code === 0 ? 'done' : 'killed'
}

async function unread(place: Where): Promise<number> {
  await using store = await Store.open(place)
  const all = await store.entries.templates('bench', {})
  return 3 * ENTRIES - all.length + store.seals.damages.length
}

async function backups(place: Where, folder: string, report: Report): Promise<void> {
  const data = join(folder, 'data')
  const log = createLog('bench', 'silent')
  let taken = ''
  {
    await using store = await Store.open(place)
    await using made = new Backups({ store, data, clock: systemClock, log })
    const { ms, stall } = await watched(async () => {
      taken = (await made.take(join(folder, 'backups'), SERVER_HAND)).folder
    })
    report({ bench: 'vault.backup', value: ms / 1000, unit: 's', detail: { stallMs: stall } })
    const check = await watched(async () => {
      const { damages } = await made.check()
      if (damages.length > 0) throw new RangeError(`${damages.length} damages`)
    })
    const detail = { stallMs: check.stall }
    report({ bench: 'vault.check', value: check.ms / 1000, unit: 's', detail })
  }
  const vault = await Vault.open(place.keyFile)
  const verify = await watched(async () => void (await verifyBackup(taken, vault)))
  const to = { data, vault, by: 'bench', why: 'bench', now: Date.now() }
  const restore = await watched(async () => void (await restoreBackup(taken, to)))
  report({
    bench: 'vault.restore',
    value: restore.ms / 1000,
    unit: 's, verified',
    detail: { verifyMs: verify.ms },
  })
}

async function erasing(place: Where, report: Report): Promise<void> {
  await using store = await Store.open(place)
  const [someone] = await store.entries.all()
  const { id } = someone!
  const other = new BetterSqlite3(place.file, { readonly: true })
  const blobs = other
    .prepare<[string, string], Buffer>(
      `SELECT image FROM photos WHERE entryId = ? UNION ALL
       SELECT vector FROM templates WHERE entryId = ?`,
    )
    .pluck()
    .all(id, id)
  other.close()
  const began = performance.now()
  await store.erasures.erase(id, SERVER_HAND, Date.now())
  const isWiped = await store.erasures.wipe(5000)
  const ms = performance.now() - began
  const held = await readFile(place.file)
  const hits = blobs.filter((blob) => held.includes(blob.subarray(16, 80))).length
  report({ bench: 'vault.erase', value: ms, unit: 'ms', detail: { wiped: String(isWiped), hits } })
}

type Watched = { ms: number; stall: number }

/** How long `work` took, and the longest time in which nothing else had its turn; milliseconds. */
async function watched(work: () => Promise<void>): Promise<Watched> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await wait(20)
  delay.reset()
  const began = performance.now()
  await work()
  const ms = performance.now() - began
  delay.disable()
  return { ms, stall: delay.max / 1e6 }
}

function flip(value: unknown, random: () => number): Buffer | number | undefined {
  const bytes = bytesOf(value)
  if (bytes === undefined || bytes.length === 0) return undefined
  const bit = Math.floor(random() * bytes.length * 8)
  bytes[bit >> 3]! ^= 1 << (bit & 7)
  if (typeof value !== 'number') return bytes
  const flipped = bytes.readDoubleBE()
  return Number.isFinite(flipped) && flipped !== value ? flipped : undefined
}

function bytesOf(value: unknown): Buffer | undefined {
  if (typeof value === 'string' || value instanceof Uint8Array) return Buffer.from(value as string)
  if (typeof value !== 'number') return undefined
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes
}

function unit(random: () => number): Embedding {
  const vector = Float32Array.from({ length: 128 }, () => random() - 0.5)
  const norm = Math.hypot(...vector)
  return vector.map((value) => value / norm) as Embedding
}

/** Source: mulberry32, Tommy Ettinger 2017, public domain. */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
