import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, IntegrityFault, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { SOFTWARE } from '@vedette/shared/software'
import { HEADS_FILE } from '../audit/heads-file.ts'
import type { ServerConfig } from '../config.ts'
import { type Hand, SERVER_HAND } from '../hand.ts'
import { MIGRATIONS } from '../store/migrations.ts'
import type { Store } from '../store/store.ts'
import { Thread, threadModule } from '../thread.ts'
import type { DatabaseReply, DatabaseRequest } from './database-thread.ts'
import {
  type Contents,
  hashOf,
  MANIFEST,
  type Manifest,
  readManifest,
  sealManifest,
} from './manifest.ts'

/** Databases that are backed up; what is kept for hours only is in none of them. */
export const DATABASES = ['wanted.db', 'operators.db'] as const
const NAME = /^vedette-\d{8}T\d{9}Z$/
/** A backup that failed is tried again after that long, milliseconds. */
const AGAIN_MS = 300_000

export type BackupsOptions = {
  store: Store
  data: string
  /** Taken by itself `every` so many milliseconds into `folder`, of which `keep` stay. */
  plan?: { every: number; folder: string; keep: number } | undefined
  clock: Clock
  log: Log
}

/** What the configuration says of backups that are taken by themselves. */
export function planOf({ every, ...rest }: ServerConfig['backup']): BackupsOptions['plan'] {
  return every === 'off' ? undefined : { every, ...rest }
}

export type CheckReport = Omit<Extract<DatabaseReply, { kind: 'check' }>, 'kind'>

/** Copies of the databases while they are in use, and whether they are whole. */
export class Backups {
  readonly #options: BackupsOptions
  #thread: Thread<DatabaseRequest, DatabaseReply> | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #timer: Timer | undefined

  constructor(options: BackupsOptions) {
    this.#options = options
    if (options.plan !== undefined) this.#wait(options.plan.every)
  }

  /**
   * Puts a backup into a new folder below `folder`; `keep` says how many stay there. Resolves when it
   * is on the disk. Throws what the file system throws.
   */
  take(folder: string, hand: Hand, keep?: number): Promise<Manifest & { folder: string }> {
    return this.#inTurn(() => this.#take(folder, hand, keep))
  }

  /** Looks at all there is of wanted.db, beside the work that goes on. */
  check(): Promise<CheckReport> {
    return this.#inTurn(async () => {
      const { store, data, clock, log } = this.#options
      const file = join(data, 'wanted.db')
      const reply = await this.#ask({ kind: 'check', file, key: store.seals.key })
      if (reply.kind !== 'check') throw new TypeError('another answer was expected')
      const { kind: _, ...report } = reply
      for (const damage of report.damages) store.seals.tell(damage)
      const { rows, ms, structure } = report
      const found = { rows, ms, structure, damages: report.damages.length }
      await store.audit.note({
        kind: 'database.checked',
        hand: SERVER_HAND,
        at: clock.now(),
        about: {},
        details: found,
      })
      log.info(found, 'database.checked')
      return report
    })
  }

  async #take(folder: string, hand: Hand, keep?: number): Promise<Manifest & { folder: string }> {
    const { store, data, clock, log } = this.#options
    const at = clock.now()
    const name = `vedette-${new Date(at).toISOString().replaceAll(/[-:.]/g, '')}`
    const made = join(folder, name)
    const part = `${made}.part`
    await mkdir(part, { recursive: true, mode: 0o700 })
    try {
      const acts = (await store.audit.last()).seq
      const files: Contents['files'] = {}
      // Before the database: a head of what the copy does not hold would call the copy rolled back.
      if (await copied(join(data, HEADS_FILE), join(part, HEADS_FILE))) {
        files[HEADS_FILE] = await hashOf(join(part, HEADS_FILE))
      }
      for (const file of DATABASES) {
        const from = join(data, file)
        if ((await stat(from).catch(() => undefined)) === undefined) continue
        const reply = await this.#ask({ kind: 'copy', from, to: join(part, file) })
        if (reply.kind !== 'copy') throw new TypeError('another answer was expected')
        files[file] = { bytes: reply.bytes, sha256: reply.sha256 }
      }
      const manifest = sealManifest(
        {
          kind: 'vedette-backup',
          version: 1,
          ...{ name, at, software: SOFTWARE, schema: MIGRATIONS.length },
          entries: await store.entries.count(),
          ...{ acts, keys: store.vault.marks, files },
        },
        store.seals.key,
      )
      await writeSynced(join(part, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`)
      await rename(part, made)
      await syncFolder(folder)
      const bytes = Object.values(files).reduce((sum, one) => sum + one.bytes, 0)
      const details = { bytes, entries: manifest.entries, ms: clock.now() - at }
      await store.audit.note({
        kind: 'database.backed-up',
        hand,
        at: clock.now(),
        about: { backup: name },
        details,
      })
      log.info({ backup: name, by: hand.by, ...details }, 'database.backed-up')
      if (keep !== undefined) await dropOld(folder, keep)
      return { ...manifest, folder: made }
    } finally {
      await rm(part, { recursive: true, force: true })
    }
  }

  #ask(request: DatabaseRequest): Promise<DatabaseReply> {
    if (this.#thread === undefined || this.#thread.over) {
      this.#thread = new Thread(threadModule('database-thread', import.meta.url), undefined)
    }
    return this.#thread.ask(request)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }

  #wait(ms: number): void {
    const { plan, clock, log } = this.#options
    this.#timer = clock.after(ms, () => {
      this.take(plan!.folder, SERVER_HAND, plan!.keep).then(
        () => this.#wait(plan!.every),
        (error) => {
          const why = { code: codeOf(error), message: messageOf(error) }
          log.error({ ...why, hint: 'see backup in server.yaml' }, 'database.backup-failed')
          this.#wait(Math.min(plan!.every, AGAIN_MS))
        },
      )
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel()
    await this.#turn
    await this.#thread?.[Symbol.asyncDispose]()
  }
}

/** The oldest go; only folders that are backups of ours count. */
async function dropOld(folder: string, keep: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort()
  for (const name of names.slice(0, Math.max(0, names.length - keep))) {
    const old = join(folder, name)
    const known = await readManifest(old).catch((error) => {
      if (error instanceof IntegrityFault) return undefined
      throw error
    })
    if (known?.name === basename(old)) await rm(old, { recursive: true })
  }
}

async function copied(from: string, to: string): Promise<boolean> {
  const known = await stat(from).catch(() => undefined)
  if (known !== undefined) await copyFile(from, to)
  return known !== undefined
}

export async function writeSynced(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600, flush: true })
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
