import { Office } from '@vedette/certs/office'
import type { Invited } from '@vedette/server/join/invitations'
import { type Joining, openJoining } from '@vedette/server/join/joining'
import { ManualClock } from './agent-clock.ts'
import type { Deployment } from './server-deployment.ts'
import { TestGate } from './server-gate.ts'
import { LogBook } from './server-log.ts'
import { HAND, TemporaryStore } from './server-store.ts'

/** A real door for newcomers with a real gate behind it, on time that stands still. */
export class TestJoining {
  readonly clock: ManualClock
  readonly book: LogBook
  readonly stored: TemporaryStore
  readonly office: Office
  readonly gate: TestGate
  readonly joining: Joining

  static async open(deployment: Deployment, port = 0): Promise<TestJoining> {
    const clock = new ManualClock(Date.now())
    const book = new LogBook()
    const stored = await TemporaryStore.make()
    const office = await Office.open(deployment.home, clock)
    const gate = await TestGate.open(deployment)
    const joining = await openJoining({
      host: '127.0.0.1',
      port,
      store: stored.store.invitations,
      office,
      life: 3_600_000,
      refresh: () => gate.gate.recheck(),
      gatePort: () => gate.port,
      clock,
      log: book.log,
    })
    return new TestJoining({ clock, book, stored, office, gate, joining })
  }

  private constructor(
    parts: Pick<TestJoining, 'clock' | 'book' | 'stored' | 'office' | 'gate' | 'joining'>,
  ) {
    this.clock = parts.clock
    this.book = parts.book
    this.stored = parts.stored
    this.office = parts.office
    this.gate = parts.gate
    this.joining = parts.joining
  }

  get port(): number {
    return this.joining.door.port
  }

  get listening(): boolean {
    return this.joining.door.listening
  }

  /** As the desk does it. */
  async invite(agent: string, { expires = 3_600_000, replace = false } = {}): Promise<Invited> {
    const { door, invitations } = this.joining
    const port = await door.hold()
    const about = { agent, expires, replace, host: '127.0.0.1', port, hand: HAND }
    return invitations.invite(about).finally(() => door.refresh())
  }

  /** What came of every attempt, newest first. */
  async outcomes(): Promise<string[]> {
    return (await this.stored.store.invitations.attempts()).map(({ outcome }) => outcome)
  }

  async certificatesOf(agent: string) {
    return (await this.office.ledger.all()).filter(({ name }) => name === agent)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.joining.door[Symbol.asyncDispose]()
    await this.gate[Symbol.asyncDispose]()
    await this.stored[Symbol.asyncDispose]()
  }
}
