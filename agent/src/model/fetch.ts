import { appendFile, mkdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { EmbedderRow, InstalledRow } from '@vedette/models/manifest'
import { checkVacant, installModel, parseRow, readModels } from '@vedette/models/registry'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Fetch, Piece } from '@vedette/shared/message'

/** A model that was refused is not fetched again before then, milliseconds. */
const REFUSED_MS = 3_600_000

/** Asks the server over the connection that the offer, or the piece, came by. */
export type Ask = (message: Fetch) => void

export type ModelFetchOptions = {
  /** Folder of the installed models. */
  folder: string
  clock: Clock
  log: Log
  /** The model that was offered is here, whole; rejects where it cannot be used. */
  onReady: (row: EmbedderRow) => Promise<void>
}

type Under = { row: InstalledRow; part: string; done: number }

/**
 * Fetches the model that the server wants spoken, piece by piece, each asked for when the one before
 * is on the disk. What is there is kept over a broken connection; what is wrong is not kept at all.
 */
export class ModelFetch {
  readonly #options: ModelFetchOptions
  readonly #refusedAt = new Map<string, number>()
  #under: Under | undefined

  constructor(options: ModelFetchOptions) {
    this.#options = options
  }

  /** The server offers a model: its manifest row, JSON. */
  async offered(json: Uint8Array, ask: Ask): Promise<void> {
    this.#under = undefined
    await this.#guarded('offered', async () => {
      const row = rowOf(json)
      if (this.#refusedLately(row)) return
      await this.#trying(row, async () => {
        const { folder, log } = this.#options
        const known = await this.#installed(row)
        if (known !== undefined) return this.#options.onReady(known)
        await checkVacant(folder, row)
        await mkdir(folder, { recursive: true, mode: 0o700 })
        const part = join(folder, `${row.sha256}.part`)
        const done = await sizeOf(part)
        this.#under = { row, part, done }
        const { id, bytes, sha256 } = row
        log.info({ model: id, bytes, done, sha256 }, 'model.fetching')
        await this.#goOn(this.#under, ask)
      })
    })
  }

  /** A piece came. Pieces that were not asked for are passed over. */
  async piece({ sha256, offset, data }: Piece, ask: Ask): Promise<void> {
    const under = this.#under
    if (under === undefined || under.row.sha256 !== sha256 || under.done !== offset) return
    await this.#guarded(under.row.id, () =>
      this.#trying(under.row, async () => {
        if (data.length > 0) await appendFile(under.part, data, { mode: 0o600 })
        under.done += data.length
        await this.#goOn(under, ask, data.length === 0)
      }),
    )
  }

  /** Asks for the next piece, or installs what is whole. */
  async #goOn(under: Under, ask: Ask, dry = false): Promise<void> {
    const { row, part, done } = under
    if (done < row.bytes && !dry) {
      ask({ type: 'fetch', sha256: row.sha256, offset: done })
      return
    }
    this.#under = undefined
    try {
      await installModel(this.#options.folder, row, await readFile(part))
    } finally {
      await rm(part, { force: true })
    }
    this.#options.log.info({ model: row.id, bytes: row.bytes }, 'model.fetched')
    const installed = await this.#installed(row)
    if (installed !== undefined) await this.#options.onReady(installed)
  }

  /** The same model where it is here already. */
  async #installed({ id, sha256 }: InstalledRow): Promise<EmbedderRow | undefined> {
    const rows = await readModels(this.#options.folder)
    return rows.find(
      (row): row is EmbedderRow => row.task === 'embed' && row.id === id && row.sha256 === sha256,
    )
  }

  #refusedLately({ id, sha256 }: InstalledRow): boolean {
    const at = this.#refusedAt.get(sha256)
    if (at === undefined || this.#options.clock.now() - at > REFUSED_MS) return false
    this.#options.log.debug({ model: id }, 'model.refused-lately')
    return true
  }

  /** What goes wrong with `row` is remembered, so that it is not tried again and again. */
  async #trying(row: InstalledRow, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#refusedAt.set(row.sha256, this.#options.clock.now())
      throw error
    }
  }

  /** Whatever goes wrong, the cameras go on being watched with the model that is here. */
  async #guarded(model: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#under = undefined
      const [code, message] = [codeOf(error), messageOf(error)]
      this.#options.log.error({ model, code, message }, 'model.refused')
    }
  }
}

/** Throws Refusal `model.invalid` for what is no embedder to speak. */
function rowOf(json: Uint8Array): InstalledRow {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(json).toString())
  } catch (cause) {
    throw new Refusal('model.invalid', `the offered row is not JSON: ${messageOf(cause)}`, {
      cause,
    })
  }
  const row = parseRow(value)
  if (row.task === 'embed' && row.calibration !== undefined) return row
  throw new Refusal('model.invalid', `${row.id} is not a calibrated embedder`)
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0
}
