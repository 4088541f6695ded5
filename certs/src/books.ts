import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { readCredentials } from '@vedette/shared/credentials'
import { ConfigFault } from '@vedette/shared/errors'
import type { Identity } from '@vedette/shared/identity'
import type { Credentials } from '@vedette/shared/tls'
import { IssuingAuthority } from './authority.ts'
import type { Listed } from './crl-shelf.ts'
import { certsLayout } from './files.ts'
import { readState, type Standing, type State, standingOf } from './state.ts'
import { type Trust, trustOf } from './trust.ts'

/** A deployment has one server; its folder bears no name. */
export const SERVER: Identity = { role: 'server', name: '' }

/** An issuing authority whose key is here. */
export type Signer = { authority: IssuingAuthority; certificate: string; key: KeyObject }

/** Everything that the files of an office say, but for its ledger and its lists. */
export type Books = {
  state: State
  standing: Standing
  /** Those whose certificates are let in, by id. */
  signers: ReadonlyMap<string, Signer>
  /** These and their roots. */
  listed: readonly Listed[]
  trust: Trust
  /** The server's own; undefined where there is none that can be used. */
  own: Credentials | undefined
  /** Differs when any of the files was written. */
  stamp: string
}

/** Throws ConfigFault `config.missing`, `config.invalid`. */
export async function readBooks(home: string): Promise<Books> {
  const place = certsLayout(home)
  const stamp = await stampOf(home)
  const state = await readState(home)
  const standing = standingOf(state)
  const roots = standing.roots.map(async (id): Promise<Listed> => {
    const certificate = await read(place.root(id).certificate)
    return { id, kind: 'root', certificate, place: place.root(id) }
  })
  const signers = standing.accepted.map(async (id): Promise<[string, Signer]> => {
    const [certificate, pem] = [place.issuing(id).certificate, place.issuing(id).key]
    const signer = { certificate: await read(certificate), key: await read(pem) }
    const authority = await IssuingAuthority.load(signer)
    return [id, { authority, certificate: signer.certificate, key: createPrivateKey(signer.key) }]
  })
  const trusted = await Promise.all(roots)
  const known = await Promise.all(signers)
  return {
    state,
    standing,
    signers: new Map(known),
    listed: [
      ...trusted,
      ...known.map(([id, { certificate }]) => {
        return { id, kind: 'issuing' as const, certificate, place: place.issuing(id) }
      }),
    ],
    trust: trustOf(
      trusted.map(({ certificate }) => certificate),
      standing.signs,
    ),
    own: await readCredentials(place.credentials(SERVER))
      .then(usable)
      .catch(() => undefined),
    stamp,
  }
}

/** Differs when any file that books are read from was written. */
export async function stampOf(home: string): Promise<string> {
  const place = certsLayout(home)
  const stamps = [place.state, place.chainOf(SERVER)].map(async (file) => {
    const found = await stat(file).catch(() => undefined)
    return found === undefined ? '' : `${found.ino}.${found.size}.${found.mtimeMs}`
  })
  return (await Promise.all(stamps)).join(' ')
}

/** Key and certificate may differ while another process puts new ones in their place. */
function usable(own: Credentials): Credentials | undefined {
  const leaf = new X509Certificate(own.chain)
  return leaf.checkPrivateKey(createPrivateKey(own.key)) ? own : undefined
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new ConfigFault('config.missing', `cannot read ${file}`, {
      cause,
      hint: 'take the file from a backup',
    })
  })
}
