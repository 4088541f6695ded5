import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NewAlert, Seen } from '@vedette/server/store/alerts'
import type { NewEntry } from '@vedette/server/store/entries'
import { NOTHING_SAID } from '@vedette/server/store/entry-rows'
import type { NewPhoto } from '@vedette/server/store/photos'
import { Store, type StoreOptions } from '@vedette/server/store/store'
import { Vault } from '@vedette/server/store/vault'
import BetterSqlite3 from 'better-sqlite3'
import { seeded } from './agent-random.ts'
import { TemporaryFolder } from './certs-deployment.ts'
import { scattered } from './server-vectors.ts'

export const SPACE = 'test-space'

/** Who enrols in tests that do not say. */
export const HAND = { by: 'anna', from: '127.0.0.1', why: null }

/** A store in a folder of its own that is removed with it. */
export class TemporaryStore {
  readonly folder: string
  readonly file: string
  readonly keyFile: string
  readonly #temporary: TemporaryFolder
  readonly #elsewhere: BetterSqlite3.Database[] = []
  #store: Store | undefined

  private constructor(temporary: TemporaryFolder) {
    this.#temporary = temporary
    this.folder = join(temporary.path, 'data')
    this.file = join(this.folder, 'wanted.db')
    this.keyFile = join(temporary.path, 'vault.key')
  }

  /** `prepare` is called with the data folder before there is anything in it. */
  static async make(prepare: (folder: string) => void = () => {}): Promise<TemporaryStore> {
    const made = new TemporaryStore(await TemporaryFolder.make())
    await Vault.create(made.keyFile)
    await mkdir(made.folder)
    prepare(made.folder)
    await made.open()
    return made
  }

  /** Opens the store, again if it was closed. */
  async open(waiting: Omit<StoreOptions, 'file' | 'keyFile'> = {}): Promise<Store> {
    this.#store = await Store.open({ file: this.file, keyFile: this.keyFile, ...waiting })
    return this.#store
  }

  get store(): Store {
    if (this.#store === undefined) throw new TypeError('the store is closed')
    return this.#store
  }

  async close(): Promise<void> {
    await this.#store?.[Symbol.asyncDispose]()
    this.#store = undefined
  }

  /** Erases an entry, as an operator would have it done. */
  async erase(id: string): Promise<void> {
    const hand = { by: 'anna', from: '127.0.0.1', why: null }
    await this.store.erasures.erase(id, hand, 1_763_650_000_000)
    await this.store.erasures.wipe(1000)
  }

  /** The keys that it is sealed with. */
  vault(): Promise<Vault> {
    return Vault.open(this.keyFile)
  }

  /** A connection of its own, as another process would have. */
  elsewhere(): BetterSqlite3.Database {
    const connection = new BetterSqlite3(this.file)
    this.#elsewhere.push(connection)
    return connection
  }

  /** Rows of `table` on the disk. */
  rows(table: string): number {
    return this.elsewhere().prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
  }

  /** Every file of the data folder, by name. */
  async files(): Promise<Map<string, Buffer>> {
    const names = await readdir(this.folder)
    const read = async (name: string) => [name, await readFile(join(this.folder, name))] as const
    return new Map(await Promise.all(names.map(read)))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#elsewhere) connection.close()
    await this.close()
    await this.#temporary[Symbol.asyncDispose]()
  }
}

export function newEntry(name = 'Anna Example', more: Partial<NewEntry> = {}): NewEntry {
  return {
    name,
    ...NOTHING_SAID,
    list: 'wanted',
    // Alive by the clock of the machine, and by one that stands at an earlier time.
    createdAt: Date.now(),
    hand: HAND,
    ...more,
  }
}

/** A photograph with a template of 128 components, different for each `seed`. */
export function newPhoto(seed = 1, more: Partial<NewPhoto> = {}): NewPhoto {
  const [template] = scattered(1, 128, seeded(seed))
  return {
    jpeg: Buffer.from(`picture ${seed}`),
    quality: 0.9,
    template: template!,
    space: SPACE,
    ...more,
  }
}

/** What the life of a new alert makes of it. */
export const UNJUDGED = {
  outcome: null,
  resolvedAt: null,
  resolvedBy: null,
  openSince: 1_763_650_000_030,
  escalations: 0,
  escalatedAt: null,
  parkedUntil: null,
  parkedBy: null,
  affirmedAt: null,
  affirmedBy: null,
  takeBack: null,
} as const

let alerts = 0

/** An alert about entry `entryId`, each with an id after the one before. */
export function newAlert(entryId: string, more: Partial<NewAlert> = {}): NewAlert {
  const at = 1_763_650_000_000
  return {
    id: `alert-${String(++alerts).padStart(6, '0')}`,
    entryId,
    list: 'wanted',
    agent: 'gate-7',
    camera: 'north',
    track: `track-${alerts}`,
    capturedAt: at,
    receivedAt: at + 20,
    late: false,
    retrospective: false,
    raisedAt: at + 30,
    score: 0.96,
    threshold: 0.95,
    runnerUp: 0.9,
    templateId: 'template',
    certainty: 'provisional',
    rival: null,
    quality: 0.8,
    box: [1, 2, 30, 40.5],
    space: SPACE,
    ...more,
  }
}

/** Alerts about one entry within this time are one incident, in tests that do not say. */
export const TRAIL = 600_000

/** A frame that reaches the threshold, and makes of the walk what `alert` says. */
export function seenOf(alert: NewAlert, more: Partial<Omit<Seen, 'alert'>> = {}): Seen {
  return {
    alert,
    standing: 'reached',
    shot: 0,
    chips: 1,
    chip: Buffer.from('chip'),
    probe: newPhoto(99).template,
    look: { own: newPhoto(99).template, coherence: 1, side: 40, weight: 0.8 },
    ...more,
  }
}
