import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { CREDENTIAL_FILES } from '@vedette/shared/credentials'
import { Refusal } from '@vedette/shared/errors'
import type { Identity } from '@vedette/shared/identity'
import type { Credentials } from '@vedette/shared/tls'

/*
 * Below the home of a deployment:
 *
 *   certs/roots/ID/        certificate.pem  key.sealed.json  crl.pem  crl-number
 *   certs/office/          state.json  ledger.jsonl
 *   certs/office/ID/       certificate.pem  key.pem  crl.pem  crl-number
 *   certs/server/          chain.pem  key.pem  roots.pem
 *   certs/operators/NAME/  chain.pem  key.pem  roots.pem
 *   certs/agents/NAME/     chain.pem  key.pem  roots.pem
 */

export type CertsLayout = ReturnType<typeof certsLayout>

function authorityIn(folder: string, key: string) {
  return {
    folder,
    certificate: join(folder, 'certificate.pem'),
    key: join(folder, key),
    crl: join(folder, 'crl.pem'),
    crlNumber: join(folder, 'crl-number'),
  }
}

/** Where everything lies below `home`. */
export function certsLayout(home: string) {
  const folder = join(home, 'certs')
  const roots = join(folder, 'roots')
  const office = join(folder, 'office')
  /** The credentials folder of an identity; a deployment has one server. */
  const credentials = ({ role, name }: Identity): string =>
    role === 'server' ? join(folder, 'server') : join(folder, `${role}s`, name)
  return {
    folder,
    roots,
    office,
    state: join(office, 'state.json'),
    ledger: join(office, 'ledger.jsonl'),
    /** Where the issuing authority lay in deployments that cannot be read any more. */
    former: join(folder, 'issuing'),
    root: (id: string) => authorityIn(join(roots, id), 'key.sealed.json'),
    issuing: (id: string) => authorityIn(join(office, id), 'key.pem'),
    credentials,
    chainOf: (identity: Identity) => join(credentials(identity), CREDENTIAL_FILES.chain),
  }
}

/** A file to write: `secret` ones are for their owner alone. */
export type NewFile = { path: string; text: string; secret: boolean }

/** True when anything lies at `path`. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}

/** Makes `folder` and writes `files` below it, on the disk when this resolves. Overwrites nothing. */
export async function writeFolder(folder: string, files: readonly NewFile[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  for (const { path, text, secret } of files) {
    const handle = await open(path, 'wx', secret ? 0o600 : 0o644)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
  }
  await syncFolder(folder)
}

/** Puts `text` in the place of what `file` held; on the disk when this resolves, or nothing changed. */
export async function writeAtomic(file: string, text: string, mode = 0o644): Promise<void> {
  const fresh = `${file}.${randomBytes(4).toString('hex')}`
  try {
    const handle = await open(fresh, 'wx', mode)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } finally {
    await rm(fresh, { force: true })
  }
  await syncFolder(dirname(file))
}

/**
 * Puts a credentials folder in its place, whole or not at all. Throws Refusal `certificate.exists`
 * when there is one already and `replace` does not say to put it in its place.
 */
export async function writeCredentials(
  folder: string,
  { chain, key, trust }: Credentials,
  replace = false,
): Promise<void> {
  const parent = dirname(folder)
  await mkdir(parent, { recursive: true, mode: 0o700 })
  const staging = await mkdtemp(join(parent, stagingOf(folder)))
  try {
    const staged = join(staging, 'new')
    await writeFolder(staged, [
      { path: join(staged, CREDENTIAL_FILES.chain), text: chain, secret: false },
      { path: join(staged, CREDENTIAL_FILES.key), text: key, secret: true },
      { path: join(staged, CREDENTIAL_FILES.trust), text: trust, secret: false },
    ])
    const old = join(staging, 'old')
    if (replace && (await exists(folder))) await rename(folder, old)
    await moveFolder(staged, folder, alreadyThere).catch(async (error) => {
      if (await exists(old)) await rename(old, folder)
      throw error
    })
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

/**
 * Finishes what `writeCredentials` was doing when it was killed: between its two renames there is
 * no folder, and the new one lies whole beside its place.
 */
export async function restoreFolder(folder: string): Promise<void> {
  if (await exists(folder)) return
  const parent = dirname(folder)
  const left = await readdir(parent).catch(() => [])
  for (const staging of left.filter((name) => name.startsWith(stagingOf(folder)))) {
    if (!(await exists(join(parent, staging, 'old')))) continue
    await moveFolder(join(parent, staging, 'new'), folder, alreadyThere)
    await rm(join(parent, staging), { recursive: true, force: true })
    return
  }
}

function stagingOf(folder: string): string {
  return `.new-${basename(folder)}-`
}

/** Renames a folder to where nothing is; throws what `occupied` makes when there is something. */
async function moveFolder(
  from: string,
  to: string,
  occupied: (to: string, cause: unknown) => Error,
): Promise<void> {
  try {
    await rename(from, to)
  } catch (cause) {
    throw (await exists(to)) ? occupied(to, cause) : cause
  }
  await syncFolder(dirname(to))
}

/** Renames each of `from` to its place in `to`, or leaves all where they were and throws. */
export async function moveFolders(
  from: readonly string[],
  to: readonly string[],
  occupied: (to: string, cause: unknown) => Error,
): Promise<void> {
  let moved = 0
  try {
    for (; moved < from.length; moved++) {
      await mkdir(dirname(to[moved]!), { recursive: true, mode: 0o700 })
      await moveFolder(from[moved]!, to[moved]!, occupied)
    }
  } catch (error) {
    while (moved-- > 0) await rename(to[moved]!, from[moved]!)
    throw error
  }
}

export function alreadyThere(folder: string, cause?: unknown): Refusal {
  return new Refusal('certificate.exists', `there are credentials in ${folder} already`, {
    cause,
    hint: 'to put new ones in their place, add --replace',
  })
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
