import { codeOf, Fault, messageOf } from '@vedette/shared/errors'
import { Agent, request } from 'undici'
import { type Delivered, dead, retry } from './notice.ts'
import { type Address, isLoopback, type Reach, type Resolve, reachable } from './reach.ts'

/** An answer is waited for so long, milliseconds. */
const PATIENCE_MS = 10_000
/** Nobody's answer is read beyond it, bytes. */
const MOST_BYTES = 64 * 1024
/** It is asked to wait no longer than that, milliseconds. */
const LONGEST_MS = 3_600_000

export type Ends = {
  reach: Reach
  resolve?: Resolve | undefined
}
export type Posted = {
  url: string
  headers: Record<string, string>
  body: Buffer | string
  /** PEM of who may have signed the other end's certificate; null: whom Node trusts. */
  ca?: string | null
}

/** Refusals that may pass: too early, too many, or somebody else is writing. */
const PASSING = new Set([408, 409, 423, 425, 429])

/**
 * Posts once, following nowhere, to the address that was judged. Whoever answers 2xx has it; what
 * would be refused again is dead.
 */
export async function post(
  { url, headers, body, ca }: Posted,
  { reach, resolve }: Ends,
  signal: AbortSignal,
): Promise<Delivered> {
  const { hostname, protocol } = new URL(url)
  if (protocol !== 'https:' && !isLoopback(hostname)) {
    return dead('channel.insecure', 'only https is spoken beyond this machine')
  }
  let agent: Agent | undefined
  try {
    const address = await reachable(hostname, reach, resolve)
    agent = agentFor(address, ca ?? null)
    const answer = await request(url, {
      method: 'POST',
      ...{ headers, body, dispatcher: agent },
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    })
    const retryAfter = answer.headers['retry-after']
    // Nothing that it says is kept: it may say what it was sent.
    await answer.body.dump({ limit: MOST_BYTES }).catch(() => {})
    return judged(answer.statusCode, typeof retryAfter === 'string' ? retryAfter : undefined)
  } catch (error) {
    if (error instanceof Fault && !error.retryable) {
      return dead(error.code, `${error.message}; ${error.hint ?? ''}`)
    }
    return retry(codeOf(error) === 'internal' ? 'channel.failed' : codeOf(error), saidOf(error))
  } finally {
    await agent?.destroy()
  }
}

function judged(status: number, retryAfter: string | undefined): Delivered {
  const said = `HTTP status ${status}`
  if (status >= 200 && status < 300) return { done: 'sent', said }
  if (status >= 300 && status < 400) {
    return dead(
      'channel.redirected',
      `${said}: nobody is followed elsewhere; give the final address`,
    )
  }
  const code = `http.${status}`
  if (status >= 500 || PASSING.has(status)) return retry(code, said, waitOf(retryAfter))
  return dead(code, said)
}

/** Milliseconds of a Retry-After in seconds; a date is not waited for. */
function waitOf(text: string | undefined): number | undefined {
  const seconds = Number(text)
  if (text === undefined || !Number.isFinite(seconds) || seconds < 0) return undefined
  return Math.min(seconds * 1000, LONGEST_MS)
}

function agentFor({ address, family }: Address, ca: string | null): Agent {
  return new Agent({
    connections: 1,
    pipelining: 0,
    connectTimeout: PATIENCE_MS,
    connect: {
      ...(ca !== null && { ca }),
      lookup: (_host, options, done) => {
        if (options.all) done(null, [{ address, family }])
        else done(null, address, family)
      },
    },
  })
}

const UNTRUSTED = 'its certificate is signed by nobody whom this machine trusts'
/** What systems say, for people. */
const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'it hung up',
  EHOSTUNREACH: 'there is no way there',
  ENETUNREACH: 'there is no way there',
  ETIMEDOUT: 'no answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'no answer in time',
  UND_ERR_SOCKET: 'it hung up',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is of another name',
}

/** What went wrong, in one line without what was sent. */
export function saidOf(error: unknown): string {
  const name = error instanceof Error ? error.name : ''
  if (name === 'TimeoutError') return 'no answer in time'
  return WORDS[codeOf(error)] ?? messageOf(error).split('\n')[0]!.slice(0, 200)
}
