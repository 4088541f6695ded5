import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '@vedette/shared/clock'
import { ConfigFault } from '@vedette/shared/errors'
import type { Identity } from '@vedette/shared/identity'
import type { Issued } from './authority.ts'
import {
  alreadyThere,
  type CertsLayout,
  certsLayout,
  exists,
  moveFolders,
  writeCredentials,
  writeFolder,
} from './files.ts'
import { makeIssuing, makeRoot } from './new-authority.ts'
import { Office } from './office.ts'
import { checkNames, type ServerNames } from './profile.ts'
import { checkPassphrase } from './sealed-key.ts'
import { formatState } from './state.ts'

const KEPT_APART = { recursive: true, mode: 0o700 } as const

export type InitOptions = {
  /** The folder of the deployment; everything is written below its `certs`. */
  home: string
  /** Opens the root's key again; at least 12 characters. */
  passphrase: string
  serverName: string
  serverNames: ServerNames
  /** The name of the first operator. */
  operator: string
  /** Epoch milliseconds. */
  now?: number | undefined
}

export type IssueOptions = {
  home: string
  identity: Identity
  /** The server's host names and addresses; no other role has them. */
  names?: ServerNames | undefined
  /** Put new credentials in the place of those that are there. The old certificate stays valid. */
  replace?: boolean | undefined
  /** Epoch milliseconds. */
  now?: number | undefined
  /** Milliseconds. */
  life?: number | undefined
}

/** A credentials folder that was written, and the certificate in it. */
export type IssuedCredentials = Issued & { folder: string }

export type Pki = {
  /** The root certificate, PEM. */
  root: string
  /** The file of the root's sealed key. */
  rootKey: string
  server: IssuedCredentials
  operator: IssuedCredentials
}

/**
 * Founds a deployment: a root whose key is sealed, an issuing authority with its ledger, and the
 * credentials of the server and of the first operator. All of it or nothing: throws ConfigFault
 * `config.exists` when any of it is there, Refusal `passphrase.missing` or `request.invalid`.
 */
export async function initPki(options: InitOptions): Promise<Pki> {
  const { home, passphrase, serverNames, now = systemClock.now() } = options
  const server: Identity = { role: 'server', name: options.serverName }
  const operator: Identity = { role: 'operator', name: options.operator }
  checkNames(server, serverNames)
  checkNames(operator)
  const place = certsLayout(home)
  const holders = [server, operator]
  await refuseExisting(foldersOf(place, holders))

  checkPassphrase(passphrase)

  await mkdir(place.folder, { recursive: true, mode: 0o700 })
  const staging = await mkdtemp(join(place.folder, '.init-'))
  try {
    const staged = certsLayout(staging)
    for (const folder of [staged.roots, staged.office]) await mkdir(folder, KEPT_APART)
    const root = await makeRoot(staging, passphrase, { now })
    const issuing = await makeIssuing(staging, root, { now })
    const old = { root: root.id, issuing }
    const state = { version: 1, phase: 'steady', old, new: null } as const
    await writeFolder(staged.office, [
      { path: staged.state, text: formatState(state), secret: false },
      { path: staged.ledger, text: '', secret: true },
    ])
    const office = await Office.open(staging, { now: () => now })
    const issue = (identity: Identity, names?: ServerNames) =>
      issueInto(staged, office, { home: staging, identity, names })
    const [forServer, forOperator] = [await issue(server, serverNames), await issue(operator)]
    await moveFolders(foldersOf(staged, holders), foldersOf(place, holders), founded)
    return {
      root: root.certificate,
      rootKey: place.root(root.id).key,
      server: { ...forServer, folder: place.credentials(server) },
      operator: { ...forOperator, folder: place.credentials(operator) },
    }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/**
 * Makes a credentials folder from the issuing key below `home`; whoever gets it trusts the roots
 * that the server trusts. The root's key may be elsewhere. Throws Refusal `certificate.exists`
 * without `replace` when there is one, `request.invalid`; ConfigFault as `Office.open` does.
 */
export async function issueCredentials(options: IssueOptions): Promise<IssuedCredentials> {
  const { home, identity, replace = false, now = systemClock.now() } = options
  checkNames(identity, options.names)
  const place = certsLayout(home)
  const folder = place.credentials(identity)
  if (!replace && (await exists(folder))) throw alreadyThere(folder)
  const office = await Office.open(home, { now: () => now })
  return issueInto(place, office, options)
}

async function issueInto(
  place: CertsLayout,
  office: Office,
  { identity, names, life, replace }: IssueOptions,
): Promise<IssuedCredentials> {
  const { key, ...issued } = await office.issue(identity, { life, names })
  const folder = place.credentials(identity)
  const { roots: trust } = office.trust
  await writeCredentials(folder, { chain: issued.chain, key, trust }, replace)
  return { ...issued, folder }
}

/** Every folder that init makes: the root is moved into place first, so that one init wins. */
function foldersOf(place: CertsLayout, holders: readonly Identity[]): string[] {
  const credentials = holders.map((holder) => place.credentials(holder))
  return [place.roots, place.office, ...credentials]
}

async function refuseExisting(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    if (await exists(folder)) throw founded(folder)
  }
}

function founded(folder: string, cause?: unknown): ConfigFault {
  return new ConfigFault('config.exists', `there is a deployment already: ${folder}`, {
    cause,
    hint: 'choose another home; only if this one was never used, remove the folder',
  })
}
