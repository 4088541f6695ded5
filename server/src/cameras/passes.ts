import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { CameraStore } from '../store/cameras.ts'

type Pass = Parameters<CameraStore['passed']>[0][number]

/** Writes down which canaries came through. */
export class Passes {
  readonly #store: Pick<CameraStore, 'passed'>
  readonly #log: Log
  #waiting: { pass: Pass; written: (so: boolean) => void }[] = []
  #writing: Promise<void> | undefined

  constructor(store: Pick<CameraStore, 'passed'>, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** All that wait are written at once; false where that cannot be. */
  write(pass: Pass): Promise<boolean> {
    return new Promise((written) => {
      this.#waiting.push({ pass, written })
      this.#writing ??= this.#drain().finally(() => {
        this.#writing = undefined
      })
    })
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0)
      const so = await this.#store.passed(batch.map(({ pass }) => pass)).then(
        () => true,
        (error) => {
          this.#log.error({ code: codeOf(error), message: messageOf(error) }, 'canary.unwritten')
          return false
        },
      )
      for (const { written } of batch) written(so)
    }
  }
}
