import { readFile, stat } from 'node:fs/promises'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { readCredentials } from '@vedette/shared/credentials'
import { ConfigFault } from '@vedette/shared/errors'
import type { Identity } from '@vedette/shared/identity'
import type { Credentials, SecureOptions } from '@vedette/shared/tls'
import { type Issued, IssuingAuthority } from './authority.ts'
import { type CertsLayout, certsLayout } from './files.ts'
import { Ledger, type LedgerEntry } from './ledger.ts'
import type { ServerNames } from './profile.ts'
import { readState, type Standing, type State, standingOf } from './state.ts'
import { type Trust, trustOf } from './trust.ts'

/** `life` in milliseconds; `names` are the server's, no other role has any. */
export type LeafWishes = { life?: number | undefined; names?: ServerNames | undefined }

/** Everything that the files said when they were read. */
type Books = {
  state: State
  standing: Standing
  authorities: ReadonlyMap<string, IssuingAuthority>
  trust: Trust
  /** Of the server; undefined before it has any. */
  own: Credentials | undefined
  stamp: string
}

/**
 * Who signs, who is let in and what is trusted in the deployment below a home: what the daemon and
 * the CLI hold. Other processes change the files; `refresh` takes that in.
 */
export class Office {
  readonly ledger: Ledger
  readonly #home: string
  readonly #clock: Pick<Clock, 'now'>
  readonly #listeners = new Set<() => void>()
  #books: Books

  private constructor(home: string, clock: Pick<Clock, 'now'>, ledger: Ledger, books: Books) {
    this.#home = home
    this.#clock = clock
    this.ledger = ledger
    this.#books = books
  }

  /** Throws ConfigFault `config.missing`, `config.invalid`. */
  static async open(home: string, clock: Pick<Clock, 'now'> = systemClock): Promise<Office> {
    const books = await readBooks(home)
    const ledger = await Ledger.open(certsLayout(home).ledger, clock)
    return new Office(home, clock, ledger, books)
  }

  get state(): State {
    return this.#books.state
  }

  get standing(): Standing {
    return this.#books.standing
  }

  /** What agents are to trust now. */
  get trust(): Trust {
    return this.#books.trust
  }

  /** CRLs of every authority that is accepted and of their roots, PEM. */
  get crls(): string[] {
    return []
  }

  /** What the gate and the desk work with now. Throws ConfigFault `config.missing`. */
  get credentials(): SecureOptions {
    const { own, trust } = this.#books
    if (own === undefined) {
      throw new ConfigFault('config.missing', 'the server has no certificate', {
        hint: `take ${certsLayout(this.#home).credentials(SERVER)} from a backup`,
      })
    }
    return { ...own, trust: trust.roots }
  }

  /**
   * The certificate with `serial` as the ledger has it; one of an authority that is no longer
   * accepted counts as revoked.
   */
  async find(serial: string): Promise<LedgerEntry | undefined> {
    const entry = await this.ledger.find(serial)
    if (entry === undefined || this.standing.accepted.includes(entry.authority)) return entry
    const retired = {
      revoked: serial,
      at: entry.at,
      reason: `authority ${entry.authority} retired`,
    }
    return { ...entry, revocation: entry.revocation ?? retired }
  }

  /**
   * A certificate with a key generated here, in the ledger. Throws Refusal `request.invalid` for
   * names that cannot be, ConfigFault when the authority's life is over or the ledger is gone.
   */
  async issue(identity: Identity, wishes: LeafWishes = {}): Promise<Issued & { key: string }> {
    const { id, authority } = this.#signerFor(identity)
    const issued = await authority.issue(identity, { ...wishes, now: this.#clock.now() })
    await this.ledger.record({ ...issued, ...identity, authority: id })
    return issued
  }

  /** The same for the holder of the key that signed `request` (PKCS#10 PEM). */
  async issueFor(identity: Identity, request: string, wishes: LeafWishes = {}): Promise<Issued> {
    const { id, authority } = this.#signerFor(identity)
    const issued = await authority.issueFor(identity, request, {
      ...wishes,
      now: this.#clock.now(),
    })
    await this.ledger.record({ ...issued, ...identity, authority: id })
    return issued
  }

  /** Takes in what another process changed; true, and the listeners are called, if there was. */
  async refresh(): Promise<boolean> {
    if ((await stampOf(this.#home, this.#books.state)) === this.#books.stamp) return false
    this.#books = await readBooks(this.#home)
    for (const listener of this.#listeners) listener()
    return true
  }

  /** Calls `listener` after every change; returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #signerFor({ role }: Identity): { id: string; authority: IssuingAuthority } {
    const { standing, authorities } = this.#books
    const id = role === 'server' ? standing.server : standing.signs
    return { id, authority: authorities.get(id)! }
  }
}

const SERVER: Identity = { role: 'server', name: '' }

async function readBooks(home: string): Promise<Books> {
  const place = certsLayout(home)
  const state = await readState(home)
  const stamp = await stampOf(home, state)
  const standing = standingOf(state)
  const roots = standing.roots.map((id) => read(place.root(id).certificate))
  const authorities = standing.accepted.map(async (id) => [id, await load(place, id)] as const)
  const own = await readCredentials(place.credentials(SERVER)).catch(() => undefined)
  return {
    state,
    standing,
    authorities: new Map(await Promise.all(authorities)),
    trust: trustOf(await Promise.all(roots), standing.signs),
    own,
    stamp,
  }
}

async function load(place: CertsLayout, id: string): Promise<IssuingAuthority> {
  const { certificate, key } = place.issuing(id)
  return IssuingAuthority.load({ certificate: await read(certificate), key: await read(key) })
}

/** Differs when any file that the books are read from was written. */
async function stampOf(home: string, _state: State): Promise<string> {
  const place = certsLayout(home)
  const files = [place.state, place.chainOf(SERVER)]
  const stamps = files.map(async (file) => {
    const found = await stat(file).catch(() => undefined)
    return found === undefined ? '' : `${found.ino}.${found.size}.${found.mtimeMs}`
  })
  return (await Promise.all(stamps)).join(' ')
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ConfigFault('config.missing', `cannot read ${file}`, {
      cause,
      hint: 'take the file from a backup',
    })
  }
}
