import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { openKey, sealKey } from '@vedette/certs/sealed-key'
import { ConfigFault, codeOf, IntegrityFault, Refusal } from '@vedette/shared/errors'
import { type KeyRing, parseRing, ringText } from './key-ring.ts'

/** Where the vault's keys come from, as `vaultKey` in the configuration names it. */
export type KeyPlace =
  | { kind: 'file'; path: string }
  /** A file that systemd has read for us, by its name there; nobody but root writes it. */
  | { kind: 'credential'; name: string }
  /** A file that a passphrase closes. */
  | { kind: 'passphrase'; path: string }

/** What places of keys are read with; only main knows. */
export type KeyMeans = {
  /** Folder of what systemd has read for us; undefined outside a service. */
  credentials: string | undefined
  /** Asks for the passphrase. Throws Refusal `passphrase.missing` where nobody can be asked. */
  passphrase: () => Promise<string>
}

/** A place of keys that can be read, and written where it is ours. */
export class KeySource {
  readonly place: KeyPlace
  readonly #means: KeyMeans
  #passphrase: string | undefined

  constructor(place: KeyPlace, means: KeyMeans = NO_MEANS) {
    this.place = place
    this.#means = means
  }

  /** What it is called in messages. */
  get name(): string {
    const { place } = this
    if (place.kind === 'credential') return `the credential ${place.name}`
    return place.kind === 'file' ? place.path : `${place.path} (closed by a passphrase)`
  }

  /** Throws IntegrityFault `vault.key-missing`, `vault.key-invalid`; Refusal `passphrase.*`. */
  async read(): Promise<KeyRing> {
    const file = this.#file()
    const text = await readFile(file, 'utf8').catch((cause) => {
      throw this.#unreadable(cause)
    })
    if (this.place.kind !== 'passphrase') return parseRing(text, this.name)
    const passphrase = await this.#ask()
    return parseRing(await openKey(text, passphrase, PURPOSE), this.name)
  }

  /** Writes the first ring where there must be nothing. Throws ConfigFault `config.exists`. */
  async create(ring: KeyRing): Promise<void> {
    const file = this.#file()
    if ((await stat(file).catch(() => undefined)) !== undefined) {
      throw new ConfigFault('config.exists', `there is a vault key already: ${file}`, {
        hint: 'choose another file, or move this one away',
      })
    }
    await this.write(ring)
  }

  /**
   * Puts `ring` in the place of what is there: whole or not at all, on the disk when this resolves,
   * and the former overwritten. Throws ConfigFault `config.fixed` where it is not ours to write.
   */
  async write(ring: KeyRing): Promise<void> {
    const { place } = this
    if (place.kind === 'credential') {
      throw new ConfigFault('config.fixed', `${this.name} can only be written by who made it`, {
        hint: 'run this as root where the file lies that the unit loads, with --key FILE',
      })
    }
    const text =
      place.kind === 'file'
        ? ringText(ring)
        : await sealKey(ringText(ring), await this.#ask(), PURPOSE)
    await replaceSecret(place.path, text)
  }

  #file(): string {
    const { place } = this
    if (place.kind !== 'credential') return place.path
    const { credentials } = this.#means
    if (credentials !== undefined) return join(credentials, place.name)
    throw new IntegrityFault('vault.key-missing', `${this.name} is not there: no service`, {
      hint: 'start it by systemd: vedette-server service install writes a unit that loads it',
    })
  }

  /** Asked for once: a rotation writes what it has just read. */
  async #ask(): Promise<string> {
    this.#passphrase ??= await this.#means.passphrase()
    return this.#passphrase
  }

  #unreadable(cause: unknown): IntegrityFault {
    return new IntegrityFault(
      'vault.key-missing',
      `cannot read the vault key ${this.name}: ${codeOf(cause)}`,
      {
        cause,
        hint: 'restore it from where you keep it apart from the database; vedette init makes the first',
      },
    )
  }
}

const PURPOSE = 'vault key'

/** Without a service and without anybody to ask. */
const NO_MEANS: KeyMeans = {
  credentials: undefined,
  passphrase: async () => {
    throw new Refusal('passphrase.missing', 'the vault key is closed by a passphrase', {
      hint: 'give it in the credential vault.passphrase, in VEDETTE_VAULT_PASSPHRASE_FD, or at a terminal',
    })
  },
}

/** `file:PATH`, `credential:NAME`, `passphrase:PATH`; anything else is the path of a file. */
export function parseKeyPlace(text: string, resolve: (path: string) => string): KeyPlace {
  const [, kind, rest = ''] = /^(file|credential|passphrase):(.+)$/.exec(text) ?? []
  if (kind === 'credential') return { kind, name: rest }
  if (kind === 'passphrase') return { kind, path: resolve(rest) }
  return { kind: 'file', path: resolve(kind === 'file' ? rest : text) }
}

/** The reverse of `parseKeyPlace`. */
export function keyPlaceText(place: KeyPlace): string {
  if (place.kind === 'file') return place.path
  return `${place.kind}:${place.kind === 'credential' ? place.name : place.path}`
}

/** The former file is overwritten before it goes: a disk that writes in place keeps nothing of it. */
async function replaceSecret(path: string, text: string): Promise<void> {
  const next = `${path}.next`
  await rm(next, { force: true })
  const file = await open(next, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  const former = await open(path, 'r+').catch(() => undefined)
  try {
    await rename(next, path)
    const folder = await open(dirname(path), 'r')
    await folder.sync().finally(() => folder.close())
    if (former !== undefined) {
      await former.write(Buffer.alloc((await former.stat()).size), 0, undefined, 0)
      await former.sync()
    }
  } finally {
    await former?.close()
  }
}
