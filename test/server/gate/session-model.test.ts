import { BUSY_SINCE, type FromAgent, type FromServer, SPOKEN } from '@vedette/shared/message'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { helloOf, matchOf } from '../../support/server-client.ts'
import { jpegHeader } from '../../support/server-jpeg.ts'
import { viewOf } from '../../support/server-live.ts'
import { LoneSession } from '../../support/server-session.ts'

/** A longer run by hand: VEDETTE_SEQUENCES=100000 npx vitest run test/server/gate/session-model */
const SEQUENCES = Number(process.env.VEDETTE_SEQUENCES ?? 10_000)
const BURST = 3
const LIMITS = { questions: { rate: 1, burst: BURST }, waiting: 64 }

type Event = { say: FromAgent | FromServer } | { seconds: number }

const chip = jpegHeader(64, 64)
const probe = matchOf(1).probe
const question = (seq: number, camera: string): FromAgent =>
  matchOf(seq, { camera, track: `t${seq}`, chip, probe })

const say = (...messages: (FromAgent | FromServer)[]) =>
  fc.constantFrom(...messages.map((message) => ({ say: message })))

const hello = say(
  ...[1, 2, 2, 2].map((protocol) => helloOf({ protocol, cameras: ['north'] })),
  helloOf({ protocol: 0 }),
  helloOf({ protocol: 3 }),
  helloOf({ protocol: 2, model: 'another' }),
)
const match = fc
  .record({
    seq: fc.nat(12),
    camera: fc.constantFrom('north', 'north', 'north', 'north', 'nowhere'),
  })
  .map(({ seq, camera }): Event => ({ say: question(seq, camera) }))
/** Numbers as an honest agent gives them: most sequences would die young without. */
const honest = fc.nat(3).map((skip): Event => ({ say: question(-1 - skip, 'north') }))
const other = say(
  { type: 'resume' },
  { type: 'resume' },
  { type: 'ping', n: 1 },
  { type: 'pong', n: 1 },
  { type: 'fetch', sha256: 'ab'.repeat(32), offset: 0 },
  { type: 'renew', request: 'x' },
  { type: 'trusted', version: 'x' },
  { type: 'places', places: [] },
  viewOf(7),
  { type: 'unviewed', camera: 'north', code: 'camera.stalled' },
  { type: 'fares', cameras: [], waiting: 0, dropped: 0 },
)
const wrong = say(
  viewOf(7, { camera: 'nowhere' }),
  { type: 'more', n: 8, picture: Buffer.alloc(1) },
  { type: 'ack', seq: 1 },
  { type: 'goodbye', reason: 'shutdown' },
  helloOf({ protocol: 2 }),
)
const time = fc.constantFrom<Event>({ seconds: 1 }, { seconds: 2 })

const sequences = fc
  .tuple(
    fc.oneof({ weight: 9, arbitrary: hello }, { weight: 1, arbitrary: fc.oneof(match, other) }),
    fc.array(
      fc.oneof(
        { weight: 12, arbitrary: honest },
        { weight: 2, arbitrary: match },
        { weight: 6, arbitrary: other },
        { weight: 4, arbitrary: time },
        { weight: 1, arbitrary: wrong },
      ),
      { maxLength: 16 },
    ),
  )
  .map(([first, rest]) => {
    let seq = 0
    return [first, ...rest].map((event): Event => {
      if (!('say' in event) || event.say.type !== 'match' || event.say.seq >= 0) return event
      seq += -event.say.seq
      return { say: question(seq, event.say.camera) }
    })
  })

/** What a session is to do, written down once more and as plainly as can be. */
class Model {
  said: string[] = []
  probes: string[] = []
  /** `fault.code`, `by.reason`, or nothing while it goes on. */
  end = ''
  #welcome = false
  #protocol = 0
  #held = false
  #lastSeq = -1
  #tokens = BURST
  #unacked: number[] = []
  #unread: (FromAgent | FromServer)[] = []

  on(event: Event): void {
    if (this.end !== '') return
    if ('say' in event) {
      this.#unread.push(event.say)
    } else {
      this.said.push(...this.#unacked.splice(0).map((seq) => `ack ${seq}`))
      this.#tokens = Math.min(BURST, this.#tokens + event.seconds)
    }
    while (this.#unread.length > 0 && this.end === '') {
      if (this.#blocked(this.#unread[0]!)) return
      this.#hear(this.#unread.shift()!)
    }
  }

  /** An agent of the protocol before is not read on while it has no token. */
  #blocked(message: FromAgent | FromServer): boolean {
    const old = this.#welcome && this.#protocol < BUSY_SINCE
    return old && message.type === 'match' && this.#tokens === 0 && this.#fault(message) === ''
  }

  #fault(message: FromAgent | FromServer): string {
    if (message.type === 'ack') return 'message.unknown-type'
    if (!this.#welcome) return message.type === 'hello' ? '' : 'session.out-of-order'
    if (message.type === 'hello') return 'session.out-of-order'
    if (message.type === 'resume') return this.#held ? '' : 'session.out-of-order'
    if (message.type === 'view' && message.camera !== 'north') return 'session.unknown-camera'
    if (message.type === 'more') return 'view.piece'
    if (message.type !== 'match') return ''
    if (message.seq <= this.#lastSeq) return 'session.sequence'
    return message.camera === 'north' ? '' : 'session.unknown-camera'
  }

  #hear(message: FromAgent | FromServer): void {
    const fault = this.#fault(message)
    if (fault !== '') {
      this.end = `fault.${fault}`
      this.said.push('goodbye protocol')
      return
    }
    if (message.type === 'hello') this.#greet(message.protocol, message.model)
    if (message.type === 'match') this.#ask(message.seq)
    if (message.type === 'resume') this.#held = false
    if (message.type === 'ping') this.said.push('pong')
    if (message.type === 'renew') this.said.push('unrenewed')
    if (message.type === 'view') this.said.push('viewed')
    if (message.type === 'goodbye') this.end = `agent.${message.reason}`
  }

  #greet(protocol: number, model: string): void {
    const refusal = protocol < 1 || protocol > 2 ? 'version' : model === 'another' ? 'model' : ''
    if (refusal === '') {
      this.#welcome = true
      this.#protocol = protocol
      this.said.push(`welcome ${protocol}`)
    } else {
      this.end = `server.${refusal}`
      this.said.push(`goodbye ${refusal}`)
    }
  }

  #ask(seq: number): void {
    if (this.#held || this.#tokens === 0) {
      this.#held = true
      this.said.push(`busy ${seq}`)
      return
    }
    this.#tokens--
    this.#lastSeq = seq
    this.#unacked.push(seq)
    this.probes.push(`t${seq}`)
  }
}

function word(message: FromServer): string {
  if (message.type === 'ack' || message.type === 'busy') return `${message.type} ${message.seq}`
  if (message.type === 'welcome') return `welcome ${message.protocol}`
  if (message.type === 'goodbye') return `goodbye ${message.reason}`
  return message.type
}

function endOf({ fault, ending }: LoneSession): string {
  if (fault !== undefined) return `fault.${fault}`
  return ending === undefined ? '' : `${ending.by}.${ending.reason}`
}

/** What sequences came to, so that it can be seen that they went everywhere. */
const visited = new Map<string, number>()

async function agrees(events: readonly Event[]): Promise<void> {
  using session = new LoneSession(LIMITS)
  const model = new Model()
  for (const event of events) {
    model.on(event)
    if ('say' in event) session.say(event.say)
    else session.clock.advance(event.seconds * 1000)
    await (model.end === '' ? session.settled() : session.over)
    expect(session.said.map(word)).toEqual(model.said)
    expect(session.probes).toEqual(model.probes)
    expect(endOf(session)).toBe(model.end)
    if (model.end !== '') break
  }
  visited.set(model.end, (visited.get(model.end) ?? 0) + 1)
}

describe('a session', () => {
  it('does what the model does, whatever is said in whatever order', async () => {
    await fc.assert(fc.asyncProperty(sequences, agrees), { numRuns: SEQUENCES })
    const ends = ['', 'agent.shutdown', 'server.version', 'server.model', 'fault.session.sequence']
    const named = ['out-of-order', 'unknown-camera'].map((code) => `session.${code}`)
    const faults = [...named, 'message.unknown-type', 'view.piece']
    for (const end of [...ends, ...faults.map((code) => `fault.${code}`)]) {
      expect(visited.get(end) ?? 0, `sequences that end with ${end}`).toBeGreaterThan(
        SEQUENCES / 200,
      )
    }
  }, 600_000)

  it('speaks the protocols that the model speaks', () => {
    expect([...SPOKEN].sort()).toEqual([1, 2])
  })
})
