import { type Clock, systemClock } from '@vedette/shared/clock'
import { ConfigFault } from '@vedette/shared/errors'
import type { Identity } from '@vedette/shared/identity'
import type { SecureOptions } from '@vedette/shared/tls'
import type { Issued } from './authority.ts'
import { type Books, readBooks, SERVER, type Signer, stampOf } from './books.ts'
import type { Crl } from './crl.ts'
import { writeCrl } from './crl-files.ts'
import { CrlShelf, type CrlStatus, type Listed, type RefusedCrl } from './crl-shelf.ts'
import { certsLayout, restoreFolder } from './files.ts'
import { Ledger, type LedgerEntry } from './ledger.ts'
import { CRL_LIFE, type ServerNames } from './profile.ts'
import type { Standing, State } from './state.ts'
import type { Trust } from './trust.ts'

/** `life` in milliseconds; `names` are the server's, no other role has any. */
export type LeafWishes = { life?: number | undefined; names?: ServerNames | undefined }

export type OfficeOptions = {
  /** How long the list of an issuing authority is in force, milliseconds. */
  crlLife?: number | undefined
}

/** What came of tending to the lists. */
export type Tended = {
  made: Crl[]
  refused: RefusedCrl[]
  /** Lists that were due and could not be made; tried again a while later. */
  failed: RefusedCrl[]
}

/** A list is followed by the next after this share of its life. */
const RENEWED_AT = 2 / 3

/** Pause after a list could not be made, milliseconds. */
const RETRY_MS = 30_000

/**
 * Who signs, who is let in, what is trusted and what is revoked in the deployment below a home:
 * what the daemon and the CLI hold. Other processes change the files; `refresh` takes that in.
 */
export class Office {
  readonly ledger: Ledger
  readonly #home: string
  readonly #clock: Pick<Clock, 'now'>
  readonly #crlLife: number
  readonly #shelf = new CrlShelf()
  readonly #listeners = new Set<() => void>()
  readonly #retryAt = new Map<string, number>()
  #books: Books
  #refused: RefusedCrl[] = []
  #ledgerMark = ''
  #shown = ''
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(
    home: string,
    clock: Pick<Clock, 'now'>,
    ledger: Ledger,
    books: Books,
    { crlLife = CRL_LIFE }: OfficeOptions,
  ) {
    this.#home = home
    this.#clock = clock
    this.#crlLife = crlLife
    this.ledger = ledger
    this.#books = books
  }

  /** Throws ConfigFault `config.missing`, `config.invalid`. */
  static async open(
    home: string,
    clock: Pick<Clock, 'now'> = systemClock,
    options: OfficeOptions = {},
  ): Promise<Office> {
    await restoreFolder(certsLayout(home).credentials(SERVER))
    const books = await readBooks(home)
    const ledger = await Ledger.open(certsLayout(home).ledger, clock)
    const office = new Office(home, clock, ledger, books, options)
    await office.refresh()
    return office
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

  /** The lists of every authority that is let in and of their roots, PEM, as far as there are any. */
  get crls(): string[] {
    return this.#books.listed.flatMap(({ id }) => this.#shelf.get(id)?.pem ?? [])
  }

  /** The last good list of `authority`. */
  crl(authority: string): Crl | undefined {
    return this.#books.listed.some(({ id }) => id === authority)
      ? this.#shelf.get(authority)
      : undefined
  }

  /** How it stands with each list, roots first. */
  get lists(): CrlStatus[] {
    return this.#books.listed.map((listed) => this.#shelf.status(listed, this.#clock.now()))
  }

  /** The certificate of each authority that is let in, and of their roots, PEM, by id. */
  get certificates(): Map<string, { kind: 'root' | 'issuing'; certificate: string }> {
    return new Map(
      this.#books.listed.map(({ id, kind, certificate }) => [id, { kind, certificate }]),
    )
  }

  /**
   * What the gate and the desk work with now. Without lists where one is not in force: they would
   * keep out everybody, and the register still keeps out who is revoked. Throws ConfigFault
   * `config.missing`.
   */
  get credentials(): SecureOptions {
    const { own, trust, listed } = this.#books
    if (own === undefined) {
      throw new ConfigFault('config.missing', 'the server has no certificate', {
        hint: `take ${certsLayout(this.#home).folder}/server from a backup`,
      })
    }
    const crl = this.#shelf.inForce(listed, this.#clock.now())
    return { ...own, trust: trust.roots, ...(crl && { crl: crl.map(({ pem }) => pem) }) }
  }

  /**
   * The certificate with `serial` as the ledger has it; one of an authority that is not let in any
   * more counts as revoked.
   */
  async find(serial: string): Promise<LedgerEntry | undefined> {
    const entry = await this.ledger.find(serial)
    if (entry === undefined || this.standing.accepted.includes(entry.authority)) return entry
    const reason = `authority ${entry.authority} is retired`
    return { ...entry, revocation: entry.revocation ?? { revoked: serial, at: entry.at, reason } }
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
    const options = { ...wishes, now: this.#clock.now() }
    const issued = await authority.issueFor(identity, request, options)
    await this.ledger.record({ ...issued, ...identity, authority: id })
    return issued
  }

  /**
   * Takes in what another process changed; true when there was anything. The listeners are called
   * when what is shown or trusted is not what it was.
   */
  refresh(): Promise<boolean> {
    return this.#next(() => this.#refresh())
  }

  /** The daemon's turn: takes in what was changed, and makes the lists that are due. */
  tend(): Promise<Tended> {
    return this.#next(async () => {
      await this.#refresh()
      const refused = this.#refused.splice(0)
      const spoilt = new Set(refused.map(({ authority }) => authority))
      const [made, failed] = [[] as Crl[], [] as RefusedCrl[]]
      for (const listed of await this.#due(spoilt)) {
        try {
          made.push(await this.#make(listed))
          this.#retryAt.delete(listed.id)
        } catch (fault) {
          failed.push({ authority: listed.id, fault })
          this.#retryAt.set(listed.id, this.#clock.now() + RETRY_MS)
          this.#ledgerMark = ''
        }
      }
      this.#tell()
      return { made, refused, failed }
    })
  }

  /** Calls `listener` after every change; returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }

  async #refresh(): Promise<boolean> {
    const stale = (await stampOf(this.#home)) !== this.#books.stamp
    if (stale) {
      const { own } = this.#books
      const books = await readBooks(this.#home)
      // Another process may be about to put new credentials in their place.
      this.#books = { ...books, own: books.own ?? own }
    }
    const { changed, refused } = await this.#shelf.read(this.#books.listed)
    this.#refused.push(...refused)
    this.#tell()
    return stale || changed
  }

  /** Tells the listeners when `state`, `credentials` or `trust` is not what it was. */
  #tell(): void {
    const { own, trust, listed, state } = this.#books
    const crl = this.#shelf.inForce(listed, this.#clock.now())
    const lists = crl?.map(({ authority, number }) => `${authority} ${number}`)
    const shown = JSON.stringify([own?.chain, trust.version, state, lists])
    if (shown === this.#shown) return
    this.#shown = shown
    for (const listener of this.#listeners) listener()
  }

  /** Issuing authorities whose next list is to be made now. */
  async #due(spoilt: ReadonlySet<string>): Promise<Listed[]> {
    const now = this.#clock.now()
    await this.ledger.refresh()
    const news = this.ledger.mark !== this.#ledgerMark
    this.#ledgerMark = this.ledger.mark
    const due: Listed[] = []
    for (const listed of this.#books.listed) {
      if (listed.kind === 'root' || (this.#retryAt.get(listed.id) ?? 0) > now) continue
      const crl = this.#shelf.get(listed.id)
      if (crl === undefined || spoilt.has(listed.id) || isDue(crl, now)) due.push(listed)
      else if (news) {
        const revoked = await this.ledger.revokedBy(listed.id, now)
        if (revoked.some(({ serial }) => !crl.revoked.has(serial))) due.push(listed)
      }
    }
    return due
  }

  async #make(listed: Listed): Promise<Crl> {
    const now = this.#clock.now()
    const signer = this.#books.signers.get(listed.id)!
    const crl = await writeCrl(listed.place, signer, {
      revoked: await this.ledger.revokedBy(listed.id, now),
      now,
      until: now + this.#crlLife,
      above: this.#shelf.get(listed.id)?.number ?? 0,
    })
    await this.#shelf.put(listed, crl)
    return crl
  }

  #signerFor({ role }: Identity): Signer & { id: string } {
    const { standing, signers } = this.#books
    const id = role === 'server' ? standing.server : standing.signs
    return { id, ...signers.get(id)! }
  }
}

/** A list from the future was made before the clock was set back: OpenSSL would not take it. */
function isDue({ thisUpdate, nextUpdate }: Crl, now: number): boolean {
  return thisUpdate > now || now >= thisUpdate + RENEWED_AT * (nextUpdate - thisUpdate)
}
