import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigFault } from '@vedette/shared/errors'
import { type Authority, authorityId, createIssuing, createRoot } from './authority.ts'
import { type CrlPlace, writeCrl } from './crl-files.ts'
import { type CertsLayout, certsLayout, moveFolders, type NewFile, writeFolder } from './files.ts'
import { CRL_LIFE } from './profile.ts'
import { openKey, sealKey } from './sealed-key.ts'

/** What the root's key is sealed for. */
export const ROOT_KEY = 'root key'

/** `now` in epoch milliseconds, `life` in milliseconds. */
type Making = { now: number; life?: number | undefined }

/** A root's certificate and its key as long as it is open. */
export type OpenRoot = Authority & { id: string }

/** The new root lies in its folder, with its sealed key and its list, when this resolves. */
export async function makeRoot(
  home: string,
  passphrase: string,
  making: Making,
): Promise<OpenRoot> {
  const root = await createRoot(making)
  const id = authorityId(root.certificate)
  const sealed = await sealKey(root.key, passphrase, ROOT_KEY)
  const until = endOf(root)
  await putFolder(certsLayout(home), root, 'root', { ...making, until }, (place) => [
    { path: place.key, text: sealed, secret: true },
  ])
  return { ...root, id }
}

/** The new issuing authority lies in its folder, with its key and its list, when this resolves. */
export async function makeIssuing(home: string, root: OpenRoot, making: Making): Promise<string> {
  const issuing = await createIssuing(root, making)
  const until = making.now + CRL_LIFE
  await putFolder(certsLayout(home), issuing, 'issuing', { ...making, until }, (place) => [
    { path: place.key, text: issuing.key, secret: true },
  ])
  return authorityId(issuing.certificate)
}

/** Throws Refusal `passphrase.*`, ConfigFault `config.missing` where the key is kept elsewhere. */
export async function openRoot(home: string, id: string, passphrase: string): Promise<OpenRoot> {
  const place = certsLayout(home).root(id)
  const sealed = await readFile(place.key, 'utf8').catch((cause) => {
    throw new ConfigFault('config.missing', `the root's key is not here: ${place.key}`, {
      cause,
      hint: 'put the file back from where it is kept, and take it away again afterwards',
    })
  })
  const key = await openKey(sealed, passphrase, ROOT_KEY)
  return { id, certificate: await readFile(place.certificate, 'utf8'), key }
}

/** Signs the list of a root anew, naming `revoked` (serial → when, ms) and nobody else. */
export async function writeRootList(
  home: string,
  root: OpenRoot,
  revoked: ReadonlyMap<string, number>,
  now: number,
): Promise<void> {
  const signer = { certificate: root.certificate, key: createPrivateKey(root.key) }
  const entries = [...revoked].map(([serial, at]) => ({ serial, at }))
  const options = { revoked: entries, now, until: endOf(root) }
  await writeCrl(certsLayout(home).root(root.id), signer, options)
}

/** Removes authorities that no phase knows of, and what was only begun. */
export async function sweep(home: string, known: readonly string[]): Promise<void> {
  const { roots, office } = certsLayout(home)
  for (const folder of [roots, office]) {
    for (const name of await readdir(folder)) {
      const isAuthority = /^[0-9a-f]{8}$/.test(name) && !known.includes(name)
      if (!isAuthority && !name.startsWith('.new-')) continue
      await rm(join(folder, name), { recursive: true, force: true })
    }
  }
}

/** A whole folder or none: it is moved to where it belongs once everything in it is on the disk. */
async function putFolder(
  place: CertsLayout,
  authority: Authority,
  kind: 'root' | 'issuing',
  { now, until }: { now: number; until: number },
  keyFile: (place: CrlPlace & { key: string }) => NewFile[],
): Promise<void> {
  const id = authorityId(authority.certificate)
  const staging = await mkdtemp(join(kind === 'root' ? place.roots : place.office, '.new-'))
  try {
    const own = stagedPlace(staging, kind)
    await writeFolder(staging, [
      { path: own.certificate, text: authority.certificate, secret: false },
      ...keyFile(own),
    ])
    const signer = { certificate: authority.certificate, key: createPrivateKey(authority.key) }
    await writeCrl(own, signer, { revoked: [], now, until })
    await moveFolders([staging], [place[kind](id).folder], (to, cause) => {
      return new ConfigFault('config.exists', `there is an authority already: ${to}`, { cause })
    })
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

function stagedPlace(staging: string, kind: 'root' | 'issuing') {
  return {
    certificate: join(staging, 'certificate.pem'),
    key: join(staging, kind === 'root' ? 'key.sealed.json' : 'key.pem'),
    crl: join(staging, 'crl.pem'),
    crlNumber: join(staging, 'crl-number'),
  }
}

function endOf({ certificate }: Authority): number {
  return Date.parse(new X509Certificate(certificate).validTo)
}
