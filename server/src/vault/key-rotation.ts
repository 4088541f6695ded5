import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Hand } from '../hand.ts'
import type { Store } from '../store/store.ts'
import { withLastOnly } from './key-ring.ts'
import type { KeySource } from './key-source.ts'

/** How far the vault's key has been replaced. */
export type KeyStatus = {
  /** Where the keys come from. */
  source: string
  /** Version of the key in use, and its mark. */
  version: number
  mark: string
  /** Versions that are here. */
  versions: number[]
  /** Keys wrapped anew since that was begun. */
  rewrapped: number
  running: boolean
  /** All keys are wrapped by the newest one, and each was opened with it. */
  done: boolean
  /** Keys that could not be wrapped anew: their rows were tampered with. */
  damaged: number
}

export type KeyRotationOptions = {
  store: Pick<Store, 'vault' | 'rewrapping' | 'audit' | 'rewrapPast' | 'matchKeys'>
  source: KeySource
  clock: Clock
  log: Log
}

/** Takes up a newer key of the vault, and wraps everything by it while matching goes on. */
export class KeyRotation {
  readonly #options: KeyRotationOptions
  #running: Promise<void> | undefined
  #stopped = false
  #rewrapped = 0
  #damaged = 0
  #done: boolean

  constructor(options: KeyRotationOptions) {
    this.#options = options
    this.#done = options.store.vault.marks.length === 1
  }

  get status(): KeyStatus {
    const { vault } = this.#options.store
    const { marks } = vault
    const { version, mark } = marks.at(-1)!
    return {
      source: this.#options.source.name,
      ...{ version, mark },
      versions: marks.map((one) => one.version),
      rewrapped: this.#rewrapped,
      running: this.#running !== undefined,
      done: this.#done,
      damaged: this.#damaged,
    }
  }

  /** Goes on with what was begun before the start, where two keys are here. */
  start(): void {
    if (this.#options.store.vault.marks.length > 1) this.#begin()
  }

  /**
   * Reads the keys again and begins to wrap by the newest. Throws Refusal `vault.no-newer` where
   * there is none; IntegrityFault `vault.*` where they are not this database's.
   */
  async rotate(): Promise<KeyStatus> {
    const { store, source } = this.#options
    const ring = await source.read()
    store.matchKeys(ring)
    const newest = ring.at(-1)!.version
    if (ring.length === 1 && newest === store.vault.version) {
      throw new Refusal('vault.no-newer', `${source.name} holds no newer key`, {
        hint: 'vedette db rotate-key makes one; under systemd, restart the service so that it is handed over',
      })
    }
    store.vault.use(ring)
    this.#begin()
    return this.status
  }

  /** Lets go of the older keys: nothing is wrapped by them. Throws Refusal `vault.not-done`. */
  async retire(hand: Hand): Promise<KeyStatus> {
    const { store, clock, log } = this.#options
    await this.#running
    const { keys, old, damaged } = await store.rewrapping.look()
    if (old + damaged > 0) {
      throw new Refusal('vault.not-done', `${old + damaged} of ${keys} keys are not wrapped anew`, {
        hint: 'see what was tampered with: vedette db check; erase it or restore it, and try again',
        params: { left: old + damaged, keys },
      })
    }
    const { versions, version } = this.status
    if (versions.length > 1) {
      await store.rewrapping.retire(clock.now())
      store.vault.use(withLastOnly(store.vault.ring))
      const details = { from: versions[0]!, to: version, keys }
      const act = { kind: 'vault.key-rotated', hand, at: clock.now(), about: {}, details } as const
      await store.audit.note(act)
      log.info({ ...details, by: hand.by }, 'vault.key-rotated')
    }
    return this.status
  }

  #begin(): void {
    this.#done = false
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    const { store, log } = this.#options
    try {
      for await (const keys of store.rewrapping.run()) {
        this.#rewrapped += keys
        if (this.#stopped) return
      }
      await store.rewrapPast()
      const { old, damaged } = await store.rewrapping.look()
      this.#damaged = old + damaged
      this.#done = old + damaged === 0
      log.info({ version: store.vault.version, rewrapped: this.#rewrapped }, 'vault.rewrapped')
    } catch (error) {
      // It is gone on with when it is asked for again, and at the next start.
      const why = { code: codeOf(error), message: messageOf(error) }
      log.error({ ...why, hint: 'go on: vedette db rotate-key' }, 'vault.rewrap-failed')
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#running
  }
}
