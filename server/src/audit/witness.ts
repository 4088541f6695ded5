import type { Office } from '@vedette/certs/office'
import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { SERVER_HAND } from '../hand.ts'
import type { ReferenceState } from '../store/reference.ts'
import type { Store } from '../store/store.ts'
import type { JsonObject } from './act.ts'
import { changedSections, configurationHash } from './configuration.ts'
import { PapersWatch } from './papers-watch.ts'
import { PatientNotes } from './patient-notes.ts'
import { Presences } from './presences.ts'

/** How often it is looked for what nobody told of, milliseconds. */
const LOOK_MS = 5000
/** Acts after which the list may be another. */
const CHANGING = ['entry', 'request', 'list', 'model']

export type WitnessOptions = {
  store: Pick<Store, 'audit' | 'reference'>
  office: Office
  /** The embedding space that is active. */
  space: () => string
  clock: Clock
  log: Log
}

/**
 * Records what no operator asks for: who is there from when to when, certificates and rotations,
 * what the configuration is, and which faces can be matched.
 */
export class Witness {
  readonly presences: Presences
  readonly #options: WitnessOptions
  readonly #notes: PatientNotes
  readonly #papers: PapersWatch
  #reference: ReferenceState | undefined
  /** The last act that was looked at for a change of the list. */
  #seen = 0
  #looking: Promise<void> = Promise.resolve()
  #timer: Timer | undefined

  static async open(options: WitnessOptions): Promise<Witness> {
    const [last] = await options.store.audit.search({ limit: 1 })
    return new Witness(options, last?.at ?? 0)
  }

  private constructor(options: WitnessOptions, since: number) {
    const { store, office, clock, log } = options
    this.#options = options
    this.#notes = new PatientNotes({ store: store.audit, clock, log })
    this.presences = new Presences(this.#notes, clock)
    const { audit } = store
    this.#papers = new PapersWatch({ office, store: audit, notes: this.#notes, since, clock })
  }

  /**
   * What the server starts with: its configuration, and which faces it can match. A configuration
   * that is another than the last time is recorded by the names of what differs.
   */
  async started(config: object): Promise<JsonObject> {
    const { store, space, clock } = this.#options
    const configuration = configurationHash(config)
    const kinds = ['server.started', 'configuration.changed']
    const [known] = await store.audit.search({ kinds, limit: 1 })
    const before = known?.details?.configuration as JsonObject | undefined
    const changed = before === undefined ? [] : changedSections(before, configuration)
    if (changed.length > 0) this.configured(config, changed)
    this.#reference = await store.reference(space(), clock.now())
    this.#seen = (await store.audit.last()).seq
    this.#rest()
    return { configuration, reference: this.#reference }
  }

  /** The configuration is `config` from now on; `changed` are the names of what is other. */
  configured(config: object, changed: readonly string[]): void {
    const at = this.#options.clock.now()
    const configuration = configurationHash(config)
    const details = { changed, configuration }
    this.#notes.note({
      kind: 'configuration.changed',
      ...{ hand: SERVER_HAND, at, about: {}, details },
    })
  }

  /** Records what is new. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look()).catch((error) => this.#trouble(error))
    return this.#looking
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel()
    this.presences.end()
    await this.look()
    await this.#notes[Symbol.asyncDispose]()
  }

  #rest(): void {
    this.#timer = this.#options.clock.after(LOOK_MS, () => {
      void this.look().finally(() => this.#rest())
    })
  }

  async #look(): Promise<void> {
    await this.#papers.look()
    const { store, space, clock } = this.#options
    const { seq } = await store.audit.last()
    const after = this.#seen
    const [change] = await store.audit.search({ kinds: CHANGING, after, limit: 1 })
    this.#seen = seq
    if (change === undefined) return
    const reference = await store.reference(space(), clock.now())
    if (reference.hash === this.#reference?.hash) return
    this.#reference = reference
    const details = { space: space(), ...reference }
    const at = clock.now()
    this.#notes.note({
      kind: 'reference.changed',
      ...{ hand: SERVER_HAND, at, about: {}, details },
    })
  }

  #trouble(error: unknown): void {
    const { log } = this.#options
    log.error({ code: codeOf(error), message: messageOf(error) }, 'audit.unwatched')
  }
}
