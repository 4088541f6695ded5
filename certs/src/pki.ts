import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { CREDENTIAL_FILES } from '@vedette/shared/credentials'
import { ConfigFault } from '@vedette/shared/errors'
import type { Identity } from '@vedette/shared/identity'
import { createIssuing, createRoot, type Issued, IssuingAuthority } from './authority.ts'
import {
  alreadyThere,
  type CertsLayout,
  certsLayout,
  exists,
  moveFolders,
  writeCredentials,
  writeFolder,
} from './files.ts'
import { Ledger } from './ledger.ts'
import { checkNames, type ServerNames } from './profile.ts'
import { sealKey } from './sealed-key.ts'

/** What the root's key is sealed for. */
export const ROOT_KEY = 'root key'

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
  server: IssuedCredentials
  operator: IssuedCredentials
}

/** The authority at work, as the daemon and the CLI hold it. */
export type Issuing = { authority: IssuingAuthority; ledger: Ledger }

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

  const root = await createRoot({ now })
  const issuing = await createIssuing(root, { now })
  const sealed = await sealKey(root.key, passphrase, ROOT_KEY)

  await mkdir(place.folder, { recursive: true, mode: 0o700 })
  const staging = await mkdtemp(join(place.folder, '.init-'))
  try {
    const staged = certsLayout(staging)
    await writeFolder(staged.root.folder, [
      { path: staged.root.certificate, text: root.certificate, secret: false },
      { path: staged.root.key, text: sealed, secret: true },
    ])
    await writeFolder(staged.issuing.folder, [
      { path: staged.issuing.certificate, text: issuing.certificate, secret: false },
      { path: staged.issuing.key, text: issuing.key, secret: true },
      { path: staged.issuing.ledger, text: '', secret: true },
    ])
    const office = await openIssuing(staging, { now: () => now })
    const issue = (identity: Identity, names?: ServerNames) =>
      issueInto(staged, office, root.certificate, { home: staging, identity, names, now })
    const [forServer, forOperator] = [await issue(server, serverNames), await issue(operator)]
    await moveFolders(foldersOf(staged, holders), foldersOf(place, holders), founded)
    return {
      root: root.certificate,
      server: { ...forServer, folder: place.credentials(server) },
      operator: { ...forOperator, folder: place.credentials(operator) },
    }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/**
 * Makes a credentials folder from the issuing key below `home`; whoever gets it trusts the roots
 * that the server trusts, so the root itself may be elsewhere. Throws Refusal `certificate.exists`
 * without `replace` when there is one, `request.invalid`; ConfigFault as `openIssuing` does.
 */
export async function issueCredentials(options: IssueOptions): Promise<IssuedCredentials> {
  const { home, identity, replace = false, now = systemClock.now() } = options
  checkNames(identity, options.names)
  const place = certsLayout(home)
  const folder = place.credentials(identity)
  if (!replace && (await exists(folder))) throw alreadyThere(folder)
  const office = await openIssuing(home, { now: () => now })
  const server = place.credentials({ role: 'server', name: '' })
  const trust = await read(join(server, CREDENTIAL_FILES.trust))
  return issueInto(place, office, trust, { ...options, now })
}

/** Opens the issuing authority below `home`. Throws ConfigFault `config.missing`, `config.invalid`. */
export async function openIssuing(
  home: string,
  clock: Pick<Clock, 'now'> = systemClock,
): Promise<Issuing> {
  const { issuing } = certsLayout(home)
  const [certificate, key] = await Promise.all([read(issuing.certificate), read(issuing.key)])
  const authority = await IssuingAuthority.load({ certificate, key })
  return { authority, ledger: await Ledger.open(issuing.ledger, clock) }
}

/** The ledger comes first: a certificate that it does not know is refused, whoever holds it. */
async function issueInto(
  place: CertsLayout,
  { authority, ledger }: Issuing,
  trust: string,
  { identity, names, now, life, replace }: IssueOptions & { now: number },
): Promise<IssuedCredentials> {
  const { key, ...issued } = await authority.issue(identity, { now, life, names })
  const folder = place.credentials(identity)
  await ledger.record({ ...issued, ...identity })
  await writeCredentials(folder, { chain: issued.chain, key, trust }, replace)
  return { ...issued, folder }
}

/** Every folder that init makes: the root is moved into place first, so that one init wins. */
function foldersOf(place: CertsLayout, holders: readonly Identity[]): string[] {
  const credentials = holders.map((holder) => place.credentials(holder))
  return [place.root.folder, place.issuing.folder, ...credentials]
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

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new ConfigFault('config.missing', `cannot read ${file}`, {
      cause,
      hint: 'a deployment is founded by: vedette init',
    })
  }
}
