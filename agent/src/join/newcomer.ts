import type { X509Certificate } from 'node:crypto'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import type { Clock } from '@vedette/shared/clock'
import {
  codeOf,
  IdentityFault,
  messageOf,
  Refusal,
  type RefusalCode,
  Unavailable,
} from '@vedette/shared/errors'
import { type JoinCode, pinOf } from '@vedette/shared/join-code'
import {
  firstMessage,
  JOIN_LIMITS,
  type Joined,
  joinEnvelope,
  parseJoinAnswer,
} from '@vedette/shared/join-message'
import { SOFTWARE } from '@vedette/shared/software'
import { lookOptions, newcomerOptions } from '@vedette/shared/tls'
import { chainOf } from '../identity/wallet.ts'

/** For each of the two connections, milliseconds. */
const PATIENCE_MS = 15_000

/** What each code of a refusal means to the person at the machine. */
const REFUSALS: Partial<Record<string, string>> = {
  'join.unknown': 'the server knows no such code',
  'join.used': 'the code was used before',
  'join.expired': 'the code has expired',
  'join.withdrawn': 'the code was withdrawn',
  'request.invalid': 'the server does not take the request for a certificate',
}

/**
 * Shows the secret of a join code to the server that the code is for, and to no other: the root
 * below which the server stands must be the one that the code pins. Gives the answer. Throws
 * IdentityFault `identity.wrong-pin`, Refusal `join.*`, Unavailable `uplink.*`.
 */
export async function askToJoin(code: JoinCode, request: string, clock: Clock): Promise<Joined> {
  const root = await pinnedRoot(code, clock)
  await using line = await dial(code, newcomerOptions(root.toString()), clock)
  const { secret } = code
  line.socket.write(joinEnvelope({ type: 'join', secret, request, software: SOFTWARE }))
  const answer = await firstMessage(line.socket, parseJoinAnswer, JOIN_LIMITS.server).catch((e) => {
    throw unreachable(code, e)
  })
  if (answer.type === 'joined') return answer
  const { code: why } = answer
  const words = REFUSALS[why]
  const hint = 'make another code with: vedette agents invite NAME'
  if (words !== undefined) throw new Refusal(why as RefusalCode, words, { hint })
  throw new Unavailable('uplink.refused', `the server could not do it now: ${why}`, { hint })
}

/** Looks at what the server shows, and says nothing: the secret is not for whoever answers. */
async function pinnedRoot(code: JoinCode, clock: Clock): Promise<X509Certificate> {
  await using line = await dial(code, lookOptions(), clock)
  const peer = line.socket.getPeerX509Certificate()
  const shown = peer === undefined ? [] : chainOf(peer)
  const root = shown.find(({ raw }) => pinOf(raw) === code.pin)
  if (root !== undefined) return root
  throw new IdentityFault(
    'identity.wrong-pin',
    `${code.host}:${code.port} is not the server that the code is for; it was told nothing`,
    { hint: 'is it the right address? if the root was replaced since, make another code' },
  )
}

type Line = AsyncDisposable & { socket: TLSSocket }

async function dial(code: JoinCode, options: ConnectionOptions, clock: Clock): Promise<Line> {
  const { host, port } = code
  const socket = connect({ ...options, host, port })
  const timer = clock.after(PATIENCE_MS, () =>
    socket.destroy(new Unavailable('uplink.silent', `${host}:${port} did not answer in time`)),
  )
  const line = {
    socket,
    async [Symbol.asyncDispose]() {
      timer.cancel()
      socket.destroy()
    },
  }
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', () => resolve())
      socket.on('error', reject)
      socket.once('close', () => reject(new Unavailable('uplink.closed', 'closed')))
    })
    return line
  } catch (error) {
    await line[Symbol.asyncDispose]()
    throw unreachable(code, error)
  }
}

const CLOCK = new Set(['CERT_NOT_YET_VALID', 'CERT_HAS_EXPIRED'])

function unreachable({ host, port }: JoinCode, cause: unknown): Unavailable {
  const code = codeOf(cause)
  return new Unavailable('uplink.unreachable', `${host}:${port}: ${messageOf(cause)} (${code})`, {
    cause,
    hint: CLOCK.has(code)
      ? "set this machine's clock: by it the server's certificate is not valid"
      : 'the server listens there only while a code can be used; is a firewall between?',
  })
}
