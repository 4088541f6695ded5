import type { Office } from '@vedette/certs/office'
import { readCredentials } from '@vedette/shared/credentials'
import type { Credentials } from '@vedette/shared/tls'
import { SmallGate, talk } from './certs-gate.ts'

/** An honest agent that takes what the server tells it, when it is told to. */
export class FollowingAgent {
  readonly name: string
  #credentials: Credentials
  #serial: string

  static async of(office: Office, name: string): Promise<FollowingAgent> {
    const { chain, key, serial } = await office.issue({ role: 'agent', name })
    return new FollowingAgent(name, { chain, key, trust: office.trust.roots }, serial)
  }

  private constructor(name: string, credentials: Credentials, serial: string) {
    this.name = name
    this.#credentials = credentials
    this.#serial = serial
  }

  /** Trusts what is trusted now; has a certificate of whoever signs now. */
  async follow(office: Office): Promise<void> {
    const entry = await office.ledger.find(this.#serial)
    this.#credentials = { ...this.#credentials, trust: office.trust.roots }
    if (entry?.authority === office.standing.signs) return
    const { chain, key, serial } = await office.issue({ role: 'agent', name: this.name })
    this.#credentials = { chain, key, trust: office.trust.roots }
    this.#serial = serial
  }

  /** What came of dialling a server that works with what `office` says: welcome, or why not. */
  async dial(office: Office): Promise<string> {
    await using gate = await SmallGate.start(office.credentials, office, 'agent')
    const { received } = await talk(gate.port, this.#credentials)
    if (received.toString() === '!') return 'welcome'
    const verdict = await Promise.race([gate.verdict(), later('server not trusted')])
    return typeof verdict === 'object' && 'refused' in verdict ? verdict.refused : String(verdict)
  }
}

/** Whether an operator's folder is good for a server that works with what `office` says. */
export async function operatorGetsIn(office: Office, folder: string): Promise<boolean> {
  await using gate = await SmallGate.start(office.credentials, office, 'operator')
  const { received } = await talk(gate.port, await readCredentials(folder))
  return received.toString() === '!'
}

function later(what: string): Promise<string> {
  return new Promise((resolve) => setImmediate(() => setImmediate(() => resolve(what))))
}
