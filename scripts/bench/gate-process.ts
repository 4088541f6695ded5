import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { Office } from '@vedette/certs/office'
import { initPki } from '@vedette/certs/pki'
import type { Credentials } from '@vedette/shared/tls'

export type Usage = { rss: number; cpuMs: number; descriptors: number }

/** Agents here ask as fast as they can, all from one address: what the limits are there to stop. */
export const UNLIMITED = `
gate:
  port: 0
  limits:
    connections: 20000
    perAddress: 20000
    halfOpen: 20000
    arrivals: { rate: 100000, burst: 100000 }
    arrivalsPerAddress: { rate: 100000, burst: 100000 }
    questions: { rate: 100000, burst: 100000 }
`

/** A deployment's certificates in a folder that is gone afterwards. */
export async function withHome(use: (home: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  try {
    await initPki({
      home,
      passphrase: 'only for this bench',
      serverName: 'bench',
      serverNames: { dns: ['localhost'], ip: ['127.0.0.1'] },
      operator: 'bench',
    })
    await use(home)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** A gate with all that is behind it, in a process of its own (gate-server.ts). */
export class GateProcess {
  readonly port: number
  readonly #child: ChildProcess

  /**
   * `descriptors`: it may hold so many open, and no more. `keep`: walks that match nobody are kept for
   * a day.
   */
  static async start(
    home: string,
    templates: number,
    yaml = UNLIMITED,
    descriptors?: number,
    keep = false,
  ): Promise<GateProcess> {
    const program = new URL('./gate-server.js', import.meta.url)
    const args = [home, String(templates), yaml, keep ? 'keep' : 'drop']
    const limit = [`--nofile=${descriptors}:${descriptors}`, process.execPath]
    const through = descriptors === undefined ? [] : limit
    const child = fork(program, args, {
      ...(descriptors !== undefined && { execPath: 'prlimit' }),
      execArgv: [...through, '--expose-gc'],
    })
    const [{ port }] = (await once(child, 'message')) as [{ port: number }]
    return new GateProcess(child, port)
  }

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  /** After its garbage is gone. */
  async usage(): Promise<Usage> {
    const answer = once(this.#child, 'message')
    this.#child.send('usage')
    return ((await answer) as [Usage])[0]
  }

  /** As a server does that is told to: it says goodbye, and answers what it has taken. */
  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.send('stop')
    await gone
  }

  /** As by a power cut. */
  async kill(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}

/** Credentials in memory for many agents; each must be another or it would replace the last. */
export async function issueMany(
  home: string,
  count: number,
  prefix = 'bench',
): Promise<Credentials[]> {
  const office = await Office.open(home)
  const { roots: trust } = office.trust
  const made: Credentials[] = []
  for (let i = 0; i < count; i++) {
    const identity = { role: 'agent', name: `${prefix}-${i}` } as const
    const { chain, key } = await office.issue(identity)
    made.push({ chain, key, trust })
  }
  return made
}
