import type { X509Certificate } from 'node:crypto'
import { connect, type TLSSocket } from 'node:tls'
import { Channel } from '@vedette/shared/channel'
import type { Clock } from '@vedette/shared/clock'
import { ProtocolFault, Unavailable } from '@vedette/shared/errors'
import {
  type FromAgent,
  type FromServer,
  type Goodbye,
  type Hello,
  PROTOCOL,
  parseFromServer,
  type Welcome,
} from '@vedette/shared/message'
import { type Credentials, dialOptions } from '@vedette/shared/tls'

/** For TLS, and then again for the welcome, milliseconds. */
const GREETING_TIMEOUT_MS = 10_000

export type ServerChannel = Channel<FromServer, FromAgent>

/** What an agent says of itself. */
export type About = Omit<Hello, 'type' | 'protocol' | 'sentAt'>

export type LineOptions = {
  server: { host: string; port: number; name?: string | undefined }
  credentials: Credentials
  hello: About
  clock: Clock
  /** TLS is up; the server has not judged our certificate yet. */
  onConnected?: () => void
}

/** A connection on which the server has said welcome. */
export type Line = {
  channel: ServerChannel
  /** Everything after the welcome; only one loop may read it. */
  messages: AsyncGenerator<FromServer, void, undefined>
  welcome: Welcome
  /** The embedding space that the hello named. */
  model: string
  /** The certificate that the server showed, with those above it. */
  peer: X509Certificate
  /** Hangs up on a server from which nothing comes. */
  leave(): void
  destroy(): void
}

/**
 * Dials, says hello and waits for the welcome; gives the server's goodbye where there is none.
 * Leaves no connection behind unless it gives a line. Throws Unavailable `uplink.*`, ProtocolFault,
 * and what TLS threw. When `signal` aborts it says goodbye, whatever came of the line.
 */
export async function openLine(
  options: LineOptions,
  signal: AbortSignal,
): Promise<Line | { goodbye: Goodbye }> {
  const socket = await dial(options, signal)
  const channel: ServerChannel = new Channel(socket, parseFromServer)
  const farewell = () => void channel.close({ type: 'goodbye', reason: 'shutdown' })
  signal.addEventListener('abort', farewell)
  socket.once('close', () => signal.removeEventListener('abort', farewell))
  if (signal.aborted) farewell()
  try {
    options.onConnected?.()
    const peer = socket.getPeerX509Certificate()
    if (peer === undefined) throw new Unavailable('uplink.closed', 'stopped')
    const line = await greet(socket, channel, options)
    if ('goodbye' in line) socket.destroy()
    return 'goodbye' in line ? line : { ...line, peer }
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function dial(
  { server, credentials, clock }: LineOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const socket = connect({
    ...dialOptions(credentials, { role: 'server', name: server.name }),
    host: server.host,
    port: server.port,
  })
  socket.setNoDelay(true)
  return new Promise((resolve, reject) => {
    const settle = () => {
      timer.cancel()
      signal.removeEventListener('abort', stop)
    }
    const fail = (error: Error) => {
      settle()
      socket.destroy()
      reject(error)
    }
    const timer = clock.after(GREETING_TIMEOUT_MS, () =>
      fail(new Unavailable('uplink.unreachable', `${server.host} did not answer in time`)),
    )
    const stop = () => fail(new Unavailable('uplink.closed', 'stopped'))
    signal.addEventListener('abort', stop)
    socket.on('error', fail)
    socket.once('secureConnect', () => {
      settle()
      resolve(socket)
    })
  })
}

async function greet(
  socket: TLSSocket,
  channel: ServerChannel,
  { hello, clock }: LineOptions,
): Promise<Omit<Line, 'peer'> | { goodbye: Goodbye }> {
  const { trust, ...about } = hello
  const { model } = about
  const messages = channel.messages()
  const leave = () => {
    channel.post({ type: 'goodbye', reason: 'silent' })
    socket.destroy(new Unavailable('uplink.silent', 'nothing came from the server'))
  }
  const late = clock.after(GREETING_TIMEOUT_MS, leave)
  const said = { ...about, ...(trust !== undefined && { trust }), sentAt: clock.now() }
  await channel.send({ type: 'hello', protocol: PROTOCOL, ...said })
  const first = await messages.next().finally(() => late.cancel())
  const welcome = first.value
  if (!welcome) throw new Unavailable('uplink.refused', 'server closed without a word')
  if (welcome.type === 'goodbye') return { goodbye: welcome }
  if (welcome.type !== 'welcome') {
    throw new ProtocolFault('session.out-of-order', `${welcome.type} before welcome`)
  }
  channel.welcome()
  return { channel, messages, welcome, model, leave, destroy: () => socket.destroy() }
}
