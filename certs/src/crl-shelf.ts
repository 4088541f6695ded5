import { stat } from 'node:fs/promises'
import type { Crl } from './crl.ts'
import { type CrlPlace, readCrlFile } from './crl-files.ts'

/** An authority whose list must be in force for its certificates to be let in. */
export type Listed = { id: string; kind: 'root' | 'issuing'; certificate: string; place: CrlPlace }

/** A list that was not taken: the one from before stays. */
export type RefusedCrl = { authority: string; fault: unknown }

export type CrlState = 'good' | 'late' | 'expired' | 'missing'

/** How it stands with one authority's list; instants are epoch milliseconds. */
export type CrlStatus = {
  authority: string
  kind: 'root' | 'issuing'
  state: CrlState
  number: number | null
  thisUpdate: number | null
  nextUpdate: number | null
  revoked: number
}

const HOUR = 3_600_000

/** A list with less time left than this should long have been followed by the next, ms. */
const LATE = { issuing: 8 * HOUR, root: 30 * 24 * HOUR } as const

/** A list this close to its end is not relied on any more: no handshake must meet its end, ms. */
const MARGIN = 5000

/** The last good list of each authority. */
export class CrlShelf {
  readonly #crls = new Map<string, Crl>()
  readonly #stamps = new Map<string, string>()

  get(id: string): Crl | undefined {
    return this.#crls.get(id)
  }

  /** Puts a list there that was made here. */
  async put(listed: Listed, crl: Crl): Promise<void> {
    this.#crls.set(listed.id, crl)
    this.#stamps.set(listed.id, await stampOf(listed.place.crl))
  }

  /** Reads the lists whose files have changed; those that are not in order are not taken. */
  async read(all: readonly Listed[]): Promise<{ changed: boolean; refused: RefusedCrl[] }> {
    const refused: RefusedCrl[] = []
    let changed = false
    for (const { id, certificate, place } of all) {
      const stamp = await stampOf(place.crl)
      if (this.#stamps.get(id) === stamp) continue
      this.#stamps.set(id, stamp)
      try {
        const crl = await readCrlFile(place, certificate, this.#crls.get(id)?.number)
        if (crl === undefined || crl.pem === this.#crls.get(id)?.pem) continue
        this.#crls.set(id, crl)
        changed = true
      } catch (fault) {
        refused.push({ authority: id, fault })
      }
    }
    return { changed, refused }
  }

  status({ id, kind }: Listed, now: number): CrlStatus {
    const crl = this.#crls.get(id)
    const [number, thisUpdate, nextUpdate] =
      crl === undefined ? [null, null, null] : [crl.number, crl.thisUpdate, crl.nextUpdate]
    const state = stateOf(crl, kind, now)
    const revoked = crl?.revoked.size ?? 0
    return { authority: id, kind, state, number, thisUpdate, nextUpdate, revoked }
  }

  /** The lists of all of `listed`; undefined unless every one is in force at `now`. */
  inForce(listed: readonly Listed[], now: number): Crl[] | undefined {
    const good = listed.flatMap(({ id, kind }) => {
      const crl = this.#crls.get(id)
      return crl !== undefined && stateOf(crl, kind, now) !== 'expired' ? [crl] : []
    })
    return good.length === listed.length ? good : undefined
  }
}

function stateOf(crl: Crl | undefined, kind: 'root' | 'issuing', now: number): CrlState {
  if (crl === undefined) return 'missing'
  const left = crl.nextUpdate - now
  if (left <= MARGIN || crl.thisUpdate > now) return 'expired'
  const life = crl.nextUpdate - crl.thisUpdate
  return left < Math.min(LATE[kind], life / 3 - MARGIN) ? 'late' : 'good'
}

async function stampOf(file: string): Promise<string> {
  const found = await stat(file).catch(() => undefined)
  return found === undefined ? '' : `${found.ino}.${found.size}.${found.mtimeMs}`
}
