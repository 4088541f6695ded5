import { createPrivateKey, X509Certificate } from 'node:crypto'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { newRequest } from '@vedette/shared/certificate-request'
import type { Clock } from '@vedette/shared/clock'
import { IdentityFault, Unavailable } from '@vedette/shared/errors'
import { parseIdentity } from '@vedette/shared/identity'
import { parseJoinCode } from '@vedette/shared/join-code'
import type { Joined } from '@vedette/shared/join-message'
import { splitPem } from '@vedette/shared/pem'
import { SOFTWARE } from '@vedette/shared/software'
import type { Credentials } from '@vedette/shared/tls'
import { leadsTo, rootsOf } from '@vedette/shared/trust'
import { openLine } from '../uplink/line.ts'
import { type NamedSource, refuseOccupied, writeConfig, writeJoined } from './folder.ts'
import { askToJoin } from './newcomer.ts'

export type JoinOptions = {
  /** The code as a person pasted it. */
  code: string
  /** Where credentials and configuration are written. */
  home: string
  cameras: readonly NamedSource[]
  /** Whatever agent lives there makes room. */
  replace: boolean
  clock: Clock
}

/** What came of it; `until` is epoch milliseconds. */
export type JoinReport = {
  agent: string
  server: string
  credentials: string
  configuration: string
  until: number
}

/**
 * Makes this machine an agent: a key that never leaves it, a certificate for it, a configuration,
 * and one connection to see that the server lets it in. Throws Refusal `join.*`,
 * `certificate.exists`; IdentityFault; Unavailable. Nothing is written before the server has agreed.
 */
export async function join(options: JoinOptions): Promise<JoinReport> {
  const { home, cameras, replace, clock } = options
  const code = parseJoinCode(options.code)
  await refuseOccupied(home, replace)
  const { request, key } = await newRequest()
  const joined = await askToJoin(code, request, clock)
  const credentials = credentialsOf(joined, key)
  const server = { host: code.host, port: joined.port }
  const folder = await writeJoined(home, credentials)
  const configuration = await writeConfig(home, server, cameras)
  await beWelcome(server, credentials, clock)
  const until = Date.parse(new X509Certificate(credentials.chain).validTo)
  const { agent } = joined
  return {
    agent,
    server: `${server.host}:${server.port}`,
    credentials: folder,
    configuration,
    until,
  }
}

/** What the server gave, if it is what was asked for. Throws IdentityFault `identity.bad-chain`. */
function credentialsOf({ agent, chain, roots }: Joined, key: string): Credentials {
  const bad = (why: string) =>
    new IdentityFault('identity.bad-chain', `the server gave a certificate ${why}`, {
      hint: 'nothing was written; report this, and make another code',
    })
  const [pem, trust] = [chain, roots].map((bytes) => Buffer.from(bytes).toString('utf8'))
  const certificates = splitPem(pem!).map((one) => new X509Certificate(one))
  const [leaf] = certificates
  if (leaf?.checkPrivateKey(createPrivateKey(key)) !== true) throw bad('for another key')
  const { role, name } = parseIdentity(leaf.subjectAltName)
  if (role !== 'agent' || name !== agent) throw bad(`for ${role} ${name}`)
  if (!leadsTo(certificates, rootsOf(trust!))) throw bad('below an unknown root')
  return { chain: pem!, key, trust: trust! }
}

/** Says hello once, as an agent without cameras, and leaves. */
async function beWelcome(
  server: { host: string; port: number },
  credentials: Credentials,
  clock: Clock,
): Promise<void> {
  const hello = {
    software: SOFTWARE,
    model: DEFAULT_MODELS.embedder,
    cameras: [],
    announce: false,
  }
  const never = new AbortController().signal
  const line = await openLine({ server, credentials, hello, clock }, never).catch((cause) => {
    throw new Unavailable('uplink.refused', 'joined, but the gate does not let this machine in', {
      cause,
      hint: `is ${server.host}:${server.port} open to this machine? then: vedette-agent`,
    })
  })
  // Another model is spoken there: the agent will be given it.
  if ('goodbye' in line && line.goodbye.reason !== 'model') {
    throw new Unavailable('uplink.refused', `joined, but the gate said: ${line.goodbye.reason}`)
  }
  if ('channel' in line) await line.channel.close({ type: 'goodbye', reason: 'shutdown' })
}
