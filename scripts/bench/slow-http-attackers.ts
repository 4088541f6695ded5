import { connect as dial, type Socket } from 'node:net'
import process from 'node:process'
import { type ConnectionOptions, connect } from 'node:tls'

/** Ways to be slow: before TLS, before asking, in the header, in the body, in reading. */
export const KINDS = ['tcp', 'tls', 'header', 'body', 'read'] as const
type Kind = (typeof KINDS)[number]

/** How many connections the server ended, and how long it held the longest, milliseconds. */
export type Held = { ended: number; longest: number }

/**
 * Connections that are slow and are opened anew: `node slow-http-attackers.js PORT KIND COUNT`. Speaks
 * over IPC: something when all are there, what became of them when it is asked.
 */
const [port = '0', kind = 'tcp', count = '0'] = process.argv.slice(2)
const DRIP_MS = 1000
const SOURCES = 5
const AGAIN_MS = 100

const held: Held = { ended: 0, longest: 0 }
/** Those that were let in, or not, at least once. */
const tried = new Set<number>()
let over = false

function open(number: number): void {
  if (over) return
  const began = performance.now()
  const options: ConnectionOptions & { localAddress: string } = {
    ...{ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false },
    localAddress: `127.0.0.${2 + (number % SOURCES)}`,
  }
  const socket: Socket =
    kind === 'tcp' ? dial({ ...options, port: Number(port) }) : connect(options)
  socket.once(kind === 'tcp' ? 'connect' : 'secureConnect', () => {
    attempted(number)
    linger(socket, kind as Kind)
  })
  socket.on('error', () => {})
  socket.once('close', () => {
    attempted(number)
    held.ended++
    held.longest = Math.max(held.longest, performance.now() - began)
    setTimeout(() => open(number), AGAIN_MS).unref()
  })
}

function attempted(number: number): void {
  if (tried.has(number)) return
  tried.add(number)
  if (tried.size === Number(count)) process.send?.('ready')
}

function linger(socket: Socket, how: Kind): void {
  const begins: Record<Kind, string> = {
    tcp: '',
    tls: '',
    header: 'GET / HTTP/1.1\r\nHost: x\r\n',
    body: 'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n',
    read: 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200),
  }
  const drips: Record<Kind, string> = {
    tcp: '',
    tls: '',
    header: 'X-A: b\r\n',
    body: ' ',
    read: '',
  }
  if (how === 'read') socket.pause()
  else socket.resume()
  if (begins[how]) socket.write(begins[how])
  if (drips[how] === '') return
  const drip = setInterval(() => socket.write(drips[how]), DRIP_MS)
  socket.once('close', () => clearInterval(drip))
}

if (process.send !== undefined) {
  for (let number = 0; number < Number(count); number++) open(number)
  process.on('message', () => process.send?.(held))
  process.once('disconnect', () => {
    over = true
    process.exit()
  })
}
