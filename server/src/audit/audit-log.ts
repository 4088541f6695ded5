import { join } from 'node:path'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, IntegrityFault, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { SERVER_HAND } from '../hand.ts'
import type { AuditStore } from '../store/audit.ts'
import type { JsonObject } from './act.ts'
import { exportLines } from './export-file.ts'
import { findingWords } from './findings.ts'
import { type Head, headLineOf, signHead } from './head.ts'
import { HEADS_FILE, HeadsFile } from './heads-file.ts'
import { compareHeads } from './opening.ts'
import { Signer } from './signer.ts'
import { type Recorded, type Verdict, verifyRecord } from './verify.ts'

export type AuditLogOptions = {
  store: AuditStore
  /** Folder of the deployment, where the key is. */
  home: string
  /** Folder of the database, where the heads are. */
  data: string
  /** A head is signed this often, milliseconds, and after so many acts. */
  heads: { every: number; acts: number }
  /** Why the record is to be accepted as it is, whatever the heads say. */
  accept?: string | undefined
  clock: Clock
  log: Log
}

/** How often the whole record is verified, milliseconds. */
const VERIFY_MS = 86_400_000
/** Findings told in the log. */
const MOST_TOLD = 20
/** How often it is looked at whether a head is due, milliseconds. */
const LOOK_MS = 5000

/** Signs how far the record has come, in the database, beside it and in the log. */
export class AuditLog {
  readonly #options: AuditLogOptions
  readonly #file: HeadsFile
  readonly signer: Signer
  /** Heads that the file could not take yet. */
  #owed: Head[] = []
  #last: Pick<Head, 'seq' | 'at'> = { seq: 0, at: 0 }
  #started = false
  /** When it was last verified because a day was over, and when last at all. */
  #examinedAt = 0
  #verifiedAt: number | undefined
  #intact = true
  #timer: Timer | undefined
  #turn: Promise<unknown> = Promise.resolve()

  /**
   * Compares the record with what was signed of it. Throws IntegrityFault `audit.*` where it is not
   * what it was, unless that is accepted: then it says so in the record.
   */
  static async open(options: AuditLogOptions): Promise<AuditLog> {
    const { store, home, data, accept, clock, log } = options
    const signer = await Signer.open(home, { renew: accept !== undefined })
    const file = new HeadsFile(join(data, HEADS_FILE))
    const opened = new AuditLog(options, file, signer)
    try {
      const lacking = await compareHeads({ store, file: await file.read(), known: signer.known })
      if (lacking.length > 0) {
        log.warn({ lacking: lacking.length }, 'audit.heads-completed')
        await file.append(lacking)
      }
    } catch (error) {
      if (accept === undefined || !(error instanceof IntegrityFault)) throw error
      const { code, message } = error
      log.warn({ code, message, accept }, 'audit.accepted')
      await file.retire(`until-${clock.now()}`)
      const { seq } = await store.last()
      const details: JsonObject = { found: code, message, acts: seq }
      const hand = { ...SERVER_HAND, why: accept }
      await store.note({ kind: 'audit.accepted', hand, at: clock.now(), about: {}, details })
      await file.append(await store.heads())
    }
    const last = (await store.heads()).at(-1)
    if (last !== undefined) opened.#last = last
    opened.#look()
    return opened
  }

  private constructor(options: AuditLogOptions, file: HeadsFile, signer: Signer) {
    this.#options = options
    this.#file = file
    this.signer = signer
  }

  /** Signs how far the record has come by now; undefined where that is signed already. */
  sign(): Promise<Head | undefined> {
    return this.inTurn(() => this.#sign())
  }

  /** The server serves from here on, with what `details` says. */
  async started(details: JsonObject): Promise<void> {
    const { store, clock } = this.#options
    await store.note({
      kind: 'server.started',
      hand: SERVER_HAND,
      at: clock.now(),
      about: {},
      details,
    })
    this.#started = true
    await this.sign()
  }

  /** False from when the record did not verify. */
  get intact(): boolean {
    return this.#intact
  }

  /** The last head. */
  get signed(): Pick<Head, 'seq' | 'at'> {
    return this.#last
  }

  /** Does what must not happen while a head is signed or the record is verified. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work)
    this.#turn = mine.catch(() => {})
    return mine
  }

  /** When the whole record was last verified, epoch milliseconds; undefined since the start not yet. */
  get verifiedAt(): number | undefined {
    return this.#verifiedAt
  }

  /** Goes over the whole record; signing waits meanwhile. Tells which act it looked at last. */
  verify(onProgress?: (seq: number) => void): Promise<Verdict> {
    return this.inTurn(async () => {
      const { store } = this.#options
      const owed = new Set(this.#owed.map(({ seq, at }) => `${seq} ${at}`))
      const database = (await store.heads()).filter(({ seq, at }) => !owed.has(`${seq} ${at}`))
      const { heads: file } = await this.#file.read()
      const slices = store.recorded()
      const cuts = () => store.cuts()
      const { known } = this.signer
      const heads = { database, file }
      const verdict = await verifyRecord({ slices, heads, known, cuts, onProgress })
      this.#intact = verdict.good
      this.#verifiedAt = this.#options.clock.now()
      return verdict
    })
  }

  /** The record as it is exported, all of it signed. */
  async *exported(): AsyncGenerator<string> {
    await this.sign()
    const { store, clock } = this.#options
    const heads = await store.heads()
    const last = heads.at(-1)?.seq ?? 0
    const slices = upTo(last, store.recorded())
    yield* exportLines({ slices, heads, signer: this.signer }, clock.now())
  }

  /** A last head, and no more after that. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel()
    await this.#ended().catch((error) => this.#trouble(error))
  }

  async #ended(): Promise<void> {
    const { store, clock } = this.#options
    if (this.#started) {
      await store.note({ kind: 'server.stopped', hand: SERVER_HAND, at: clock.now(), about: {} })
    }
    await this.sign()
  }

  async #sign(): Promise<Head | undefined> {
    const { store, clock, log } = this.#options
    const at = clock.now()
    const last = await store.last()
    if (last.seq === this.#last.seq && at <= this.#last.at) return undefined
    const head = signHead(this.signer, { ...last, at })
    await store.addHead(head)
    this.#last = head
    // In the log it is where who has the database may not reach.
    log.info(headLineOf(head), 'audit.head')
    this.#owed.push(head)
    await this.#file.append(this.#owed)
    this.#owed = []
    return head
  }

  #look(): void {
    const { store, clock, heads } = this.#options
    this.#timer = clock.after(LOOK_MS, () => {
      const due = async () => {
        const acts = (await store.last()).seq - this.#last.seq
        if (acts >= heads.acts || clock.now() - this.#last.at >= heads.every) await this.sign()
        if (this.#started && clock.now() - this.#examinedAt >= VERIFY_MS) await this.#examine()
      }
      void due()
        .catch((error) => this.#trouble(error))
        .finally(() => this.#look())
    })
  }

  /** What the heads did not tell at the start is told aloud, and matching goes on. */
  async #examine(): Promise<void> {
    const { clock, log } = this.#options
    this.#examinedAt = clock.now()
    const { good, acts, last, findings } = await this.verify()
    if (good) return log.info({ acts, last }, 'audit.verified')
    const told = findings.slice(0, MOST_TOLD).map(findingWords)
    const hint = 'see: vedette audit verify'
    log.error({ acts, last, findings: findings.length, told, hint }, 'audit.broken')
  }

  /** Matching goes on without a head; the next one covers what this one would have. */
  #trouble(error: unknown): void {
    const { log } = this.#options
    log.error({ code: codeOf(error), message: messageOf(error) }, 'audit.unsigned')
  }
}

async function* upTo(
  last: number,
  slices: AsyncIterable<readonly Recorded[]>,
): AsyncGenerator<readonly Recorded[]> {
  for await (const slice of slices) {
    yield slice.filter(({ seq }) => seq <= last)
    if ((slice.at(-1)?.seq ?? 0) >= last) return
  }
}
