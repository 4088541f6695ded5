import { once } from 'node:events'
import { appendFile, mkdtemp, rm, utimes } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { connect, createServer } from 'node:tls'
import { certsLayout } from '@vedette/certs/files'
import { formatLine } from '@vedette/certs/ledger-line'
import { Office } from '@vedette/certs/office'
import { initPki } from '@vedette/certs/pki'
import { newSerial } from '@vedette/certs/profile'
import { acceptOptions, type Credentials, dialOptions } from '@vedette/shared/tls'
import { median, type Report } from './measure.ts'

const LENGTHS = [10, 10_000]
const RUNS = 9
const HANDSHAKES = 50

/** A long revocation list: making, reading, taking into use, and what it costs each handshake. */
export async function benchLists(report: Report): Promise<void> {
  for (const length of LENGTHS) {
    const home = await mkdtemp(join(tmpdir(), 'vedette-lists-'))
    try {
      await measure(home, length, report)
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  }
}

async function measure(home: string, length: number, report: Report): Promise<void> {
  await initPki({
    home,
    passphrase: 'a passphrase of the bench',
    serverName: 'hub',
    serverNames: { dns: [], ip: ['127.0.0.1'] },
    operator: 'anna',
  })
  const office = await Office.open(home)
  const { chain, key } = await office.issue({ role: 'agent', name: 'gate-7' })
  const agent: Credentials = { chain, key, trust: office.trust.roots }
  await revokeMany(home, office.standing.signs, length)
  const make = []
  for (let i = 0; i < RUNS; i++) {
    await revokeMany(home, office.standing.signs, 1)
    await office.ledger.refresh()
    make.push(await watched(async () => void (await office.tend())))
  }
  report(figureOf(`lists.make.${length}`, make))
  const { crl } = certsLayout(home).issuing(office.standing.signs)
  const read = []
  for (let i = 0; i < RUNS; i++) {
    const fresh = await Office.open(home)
    await utimes(crl, new Date(), new Date())
    read.push(await watched(async () => void (await fresh.refresh())))
  }
  report(figureOf(`lists.read.${length}`, read))

  const server = createServer(acceptOptions(office.credentials), (socket) => socket.end('!'))
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const use = []
  for (let i = 0; i < RUNS; i++) {
    use.push(await watched(async () => server.setSecureContext(acceptOptions(office.credentials))))
  }
  report(figureOf(`lists.use.${length}`, use))
  const { port } = server.address() as AddressInfo
  const began = performance.now()
  for (let i = 0; i < HANDSHAKES; i++) await dial(port, agent)
  const each = (performance.now() - began) / HANDSHAKES
  report({ bench: `lists.handshake.${length}`, value: each, unit: 'ms' })
  server.close()
}

type Watched = { ms: number; stall: number }

/** How long `work` took, and the longest time in which nothing else had its turn; milliseconds. */
async function watched(work: () => Promise<void>): Promise<Watched> {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await wait(20)
  delay.reset()
  const began = performance.now()
  await work()
  const ms = performance.now() - began
  await wait(20)
  delay.disable()
  return { ms, stall: delay.max / 1e6 }
}

/** Medians: on a machine with other work the longest says more of that. */
function figureOf(bench: string, runs: readonly Watched[]) {
  const middle = (of: keyof Watched) => median(runs.map((run) => run[of]))
  return { bench, value: middle('ms'), unit: 'ms', detail: { stallMs: middle('stall') } }
}

async function revokeMany(home: string, authority: string, length: number): Promise<void> {
  const at = Date.now()
  const lines = Array.from({ length }, (_, i) => {
    const serial = newSerial()
    const period = { notBefore: at, notAfter: at + 30 * 86_400_000, at }
    const fingerprint256 = Array(32).fill('AB').join(':')
    const who = { role: 'agent', name: `gate-${i}`, authority, fingerprint256 } as const
    const issue = formatLine({ serial, ...who, ...period })
    return `${issue}\n${formatLine({ revoked: serial, at, reason: 'bench' })}\n`
  })
  await appendFile(certsLayout(home).ledger, lines.join(''))
}

async function dial(port: number, credentials: Credentials): Promise<void> {
  const options = dialOptions(credentials, { role: 'server' })
  const socket = connect({ ...options, host: '127.0.0.1', port })
  socket.resume()
  await once(socket, 'close')
}
