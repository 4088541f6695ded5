import { createPrivateKey, X509Certificate } from 'node:crypto'
import { open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { keepRenewed } from '@vedette/certs/renewed'
import { codeOf, IdentityFault, Refusal } from '@vedette/shared/errors'
import { splitPem } from '@vedette/shared/pem'
import { type Period, renewalDue } from '@vedette/shared/renewal'
import type { Credentials } from '@vedette/shared/tls'
import { leadsTo, rootsOf } from '@vedette/shared/trust'
import type { Renewed } from '../authority/registrar.ts'
import type { DeskClient } from './desk-client.ts'

/** Whoever holds the lock for longer has died, milliseconds. */
const LOCK_MS = 60_000
/** With less than this share of its life left a certificate that cannot be renewed is mentioned. */
const NEARLY_OVER = 0.1

/**
 * Renews an operator's credentials in `folder` when two thirds of their life are over. What goes
 * wrong is of no matter to the command that is under way: the next one tries again. `warn` is called
 * when that cannot go on for long.
 */
export async function renewWhenDue(
  desk: DeskClient,
  folder: string,
  credentials: Credentials,
  { now, warn }: { now: number; warn: (words: string) => void },
): Promise<void> {
  const period = periodOf(credentials)
  if (now < renewalDue(period, () => 0) || now >= period.notAfter) return
  try {
    await renewOperator(desk, folder, credentials)
  } catch (error) {
    const { notBefore, notAfter } = period
    if (notAfter - now > NEARLY_OVER * (notAfter - notBefore)) return
    warn(`Your certificate ends ${new Date(notAfter).toISOString()}, and is not renewed.`)
    warn(`  ${codeOf(error)}; try: vedette certs renew`)
  }
}

/**
 * New credentials for the operator in `folder`, with a new key. Throws Refusal `request.busy` while
 * another command does the same, IdentityFault for an answer that is not what was asked for, and as
 * DeskClient does.
 */
export async function renewOperator(
  desk: DeskClient,
  folder: string,
  credentials: Credentials,
): Promise<Renewed> {
  return alone(folder, async () => {
    // Read when it is needed: it takes longer than all else that most commands do.
    const { newRequest } = await import('@vedette/shared/certificate-request')
    const { request, key } = await newRequest()
    const renewed = await desk.json<Renewed>('POST', '/renewals', { request })
    const { chain, trust } = renewed
    check(credentials, { chain, key, trust })
    await keepRenewed(folder, { chain, key, trust })
    return renewed
  })
}

function check(before: Credentials, next: Credentials): void {
  const chain = splitPem(next.chain).map((pem) => new X509Certificate(pem))
  const [leaf] = chain
  const same = leaf?.subjectAltName === new X509Certificate(before.chain).subjectAltName
  const own = leaf?.checkPrivateKey(createPrivateKey(next.key)) === true
  if (same && own && leadsTo(chain, rootsOf(next.trust))) return
  throw new IdentityFault(
    'identity.bad-chain',
    'the desk gave a certificate that was not asked for',
  )
}

/** Two that write the folder at once would leave a key beside another's certificate. */
async function alone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'renewing.lock')
  const since = await stat(lock).catch(() => undefined)
  if (since !== undefined && Date.now() - since.mtimeMs > LOCK_MS) await rm(lock, { force: true })
  const handle = await open(lock, 'wx').catch((cause) => {
    if (codeOf(cause) !== 'EEXIST') throw cause
    throw new Refusal('request.busy', `another command is renewing ${folder}`, { cause })
  })
  try {
    return await work()
  } finally {
    await handle.close()
    await rm(lock, { force: true })
  }
}

function periodOf({ chain }: Credentials): Period {
  const { validFrom, validTo } = new X509Certificate(chain)
  return { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) }
}
