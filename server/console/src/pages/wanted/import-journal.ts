import type { Outcome } from '@vedette/server/cli/import/row'

const NAME = 'vedette.imports'
const VERSION = 1

/** What holds where a row says nothing. */
export type Usual = {
  list: string
  /** YYYY-MM-DD; empty: as is usual for the list. */
  expires: string
  reason: string
  legalBasis: string
  authority: string
  caseNumber: string
  source: string
  skipBad: boolean
}

/** When an import began, the leave it draws from, and what was said of all its rows. */
export type Begun = { grant: string; by: string; startedAt: number; photos: number; usual: Usual }

/** What became of a row, by the key that its content has: it tells of nobody. */
export type Note = Pick<Outcome, 'key' | 'state' | 'entry' | 'code'> & { grant: string }

/**
 * How far imports have come, so that they go on where they were when the page was closed. No name and no
 * photograph is left in the browser.
 */
export class Journal {
  readonly #db: IDBDatabase

  static async open(): Promise<Journal> {
    const asked = indexedDB.open(NAME, VERSION)
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('begun', { keyPath: 'grant' })
      const notes = asked.result.createObjectStore('notes', { keyPath: ['grant', 'key'] })
      notes.createIndex('grant', 'grant')
    }
    return new Journal(await over(asked))
  }

  private constructor(db: IDBDatabase) {
    this.#db = db
  }

  all(): Promise<Begun[]> {
    return over(this.#store('begun', 'readonly').getAll())
  }

  async begin(begun: Begun): Promise<void> {
    await over(this.#store('begun', 'readwrite').put(begun))
  }

  async note(note: Note): Promise<void> {
    await over(this.#store('notes', 'readwrite').put(note))
  }

  async notes(grant: string): Promise<Map<string, Note>> {
    const found: Note[] = await over(this.#store('notes', 'readonly').index('grant').getAll(grant))
    return new Map(found.map((note) => [note.key, note]))
  }

  async forget(grant: string): Promise<void> {
    const notes = this.#store('notes', 'readwrite')
    for (const key of await over(notes.index('grant').getAllKeys(grant))) {
      await over(this.#store('notes', 'readwrite').delete(key))
    }
    await over(this.#store('begun', 'readwrite').delete(grant))
  }

  #store(name: 'begun' | 'notes', mode: IDBTransactionMode): IDBObjectStore {
    return this.#db.transaction(name, mode).objectStore(name)
  }
}

function over<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}
