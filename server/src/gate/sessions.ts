import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf, ProtocolFault } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Canary, Watch } from '@vedette/shared/message'
import type { Asker } from '../evidence/witness.ts'
import type { Alert } from '../store/alerts.ts'
import type { Register } from './admission.ts'
import { Expiry } from './expiry.ts'
import type { GateFigures } from './figures.ts'
import { Places } from './places.ts'
import type { Ending, Session } from './session.ts'

/** Agents come back over this time when the gate stops: for each other one, and at most, milliseconds. */
const [SPREAD_EACH_MS, SPREAD_MOST_MS] = [40, 20_000]

export type SessionsOptions = {
  /** Connections that an agent may have at a time. */
  perAgent: number
  ledger: Register
  /** Agents that are told of alerts: of their own cameras, or of all. */
  announce: Readonly<Record<string, 'own' | 'all'>>
  figures: Pick<GateFigures, 'closed'>
  clock: Clock
  random: () => number
  log: Log
  /** The last connection of an agent has ended. */
  onGone?: (agent: string) => void
}

/** Whether an agent could show a camera; `old`: it knows not how, `off`: its site forbids it. */
export type Viewing = 'on' | 'away' | 'not-announced' | 'old' | 'off'

/** The talks with agents: who is here, and what is said to them. */
export class Sessions {
  readonly #options: SessionsOptions
  /** The welcome ones, by agent. */
  readonly #welcome = new Map<string, Session>()
  readonly #open = new Set<Session>()
  readonly #places: Places<Session>
  readonly #expiry: Expiry
  /** Agents that are told of alerts; may change meanwhile. */
  #announce: SessionsOptions['announce']

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#announce = options.announce
    this.#places = new Places(options.perAgent)
    this.#expiry = new Expiry(options.clock)
  }

  /** Agents that are welcome now. */
  get connected(): string[] {
    return [...this.#welcome.keys()]
  }

  /** The embedding space that each welcome agent speaks. */
  get spoken(): Map<string, string> {
    return new Map([...this.#welcome].map(([agent, { hello }]) => [agent, hello?.model ?? '']))
  }

  /** What agent `name` showed and said of itself; undefined where it is not here. */
  asker(name: string): Asker | undefined {
    const session = this.#welcome.get(name)
    if (session?.hello === undefined) return undefined
    const { serial, fingerprint, hello } = session
    return { serial, fingerprint, software: hello.software, detector: hello.detector ?? null }
  }

  /** Cameras of these agents. */
  get cameras(): { agent: string; camera: string }[] {
    return [...this.#welcome].flatMap(([agent, { hello }]) =>
      (hello?.cameras ?? []).map((camera) => ({ agent, camera })),
    )
  }

  /** Cameras of agents that know canaries. */
  get checkable(): { agent: string; camera: string }[] {
    return [...this.#welcome]
      .filter(([, { hello }]) => hello?.canary)
      .flatMap(([agent, { hello }]) => hello!.cameras.map((camera) => ({ agent, camera })))
  }

  /** Whether a camera could be looked through. */
  viewing({ agent, camera }: { agent: string; camera: string }): Viewing {
    const hello = this.#welcome.get(agent)?.hello
    if (hello === undefined) return 'away'
    if (!hello.cameras.includes(camera)) return 'not-announced'
    return hello.live ?? 'old'
  }

  /** The agent of `session` is here from now on. */
  welcome(session: Session, address: string): void {
    const { clock, log } = this.#options
    this.#welcome.get(session.agent)?.replaceBy(session)
    this.#welcome.set(session.agent, session)
    const { agent, serial, hello } = session
    const skew = clock.now() - (hello?.sentAt ?? 0)
    log.info({ agent, address, serial, skew }, 'agent.welcome')
  }

  /** Talks until somebody ends it. */
  async talk(session: Session): Promise<void> {
    const { agent } = session
    const { figures, log } = this.#options
    this.#open.add(session)
    this.#expiry.add(session)
    void this.#places.take(agent, session)?.close('replaced')
    try {
      const ending = await session.run()
      log.info({ agent, reason: ending.reason }, 'agent.left')
      figures.closed.inc({ reason: closingOf(ending) })
    } catch (error) {
      const [code, message] = [codeOf(error), messageOf(error)]
      log.warn({ agent, code, message }, 'agent.cut')
      const reason = error instanceof ProtocolFault ? 'protocol' : 'internal'
      figures.closed.inc({ reason: session.broken ? 'lost' : reason })
      await session.close(reason)
    } finally {
      this.#open.delete(session)
      this.#expiry.remove(session)
      this.#places.leave(agent, session)
      if (this.#welcome.get(agent) === session) {
        this.#welcome.delete(agent)
        this.#options.onGone?.(agent)
      }
    }
  }

  /** Tells every agent what has changed about certificates and roots. */
  async tellPapers(): Promise<void> {
    await Promise.all([...this.#welcome.values()].map((session) => session.tellPapers()))
  }

  /** Cuts off whose certificate does not count any more; resolves when nothing of theirs is read. */
  async recheck(): Promise<void> {
    const { ledger } = this.#options
    for (const session of [...this.#open]) {
      const entry = await ledger.find(session.serial)
      if (entry !== undefined && entry.revocation === undefined) continue
      session.cut('revoked')
      if (this.#welcome.get(session.agent) === session) this.#welcome.delete(session.agent)
    }
  }

  /** Has an agent show the test face to one of its cameras. */
  ask(agent: string, canary: Canary): void {
    this.#welcome.get(agent)?.post(canary)
  }

  /** Tells an agent that somebody looks through one of its cameras, or does not any more. */
  watch(agent: string, watch: Watch): void {
    this.#welcome.get(agent)?.post(watch)
  }

  /** Tells agents that speak another space than they should which model to fetch. */
  offerModel(): void {
    for (const session of this.#welcome.values()) session.offerModel()
  }

  /** From here on these agents may announce alerts. */
  useAnnounce(announce: SessionsOptions['announce']): void {
    this.#announce = announce
  }

  /** Tells the agents that may and want to announce `alert`. */
  announce(alert: Alert, name: string): void {
    const { id, camera, list, capturedAt } = alert
    for (const [agent, session] of this.#welcome) {
      const scope = this.#announce[agent]
      if (scope === undefined || !session.hello?.announce) continue
      if (scope === 'own' && alert.agent !== agent) continue
      session.post({ type: 'alert', id, camera, name, list, capturedAt })
    }
  }

  /** Says goodbye to every agent; they come back one after the other. */
  async leave(): Promise<void> {
    const agents = [...this.#open]
    const spread = Math.min(SPREAD_MOST_MS, (agents.length - 1) * SPREAD_EACH_MS)
    const { random } = this.#options
    await Promise.all(
      agents.map((session, i) => session.leave(((i + random()) / agents.length) * spread)),
    )
  }
}

/** An ending as it is counted: `left` and `lost` are the agent's doing, all others ours. */
function closingOf({ by, reason }: Ending): string {
  if (by === 'server') return reason
  return by === 'agent' ? 'left' : 'lost'
}
