import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { matchOf, ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { TestGate } from '../../support/server-gate.ts'

const deployment = await Deployment.found()

afterAll(() => deployment[Symbol.asyncDispose]())

const FLIPS = 60

/** Carries bytes between an agent and the gate, and turns one bit of them over where it is told to. */
class FaultyCable {
  readonly #server = createServer((near) => this.#carry(near))
  readonly #target: number
  readonly #sockets: Socket[] = []
  /** Bytes from the agent to let through before the one that is changed; undefined: none is. */
  flipAfter: number | undefined
  flipped = 0

  private constructor(target: number) {
    this.#target = target
  }

  static async between(target: number): Promise<FaultyCable> {
    const cable = new FaultyCable(target)
    cable.#server.listen(0, '127.0.0.1')
    await once(cable.#server, 'listening')
    return cable
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #carry(near: Socket): void {
    const far = connect(this.#target, '127.0.0.1')
    this.#sockets.push(near, far)
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
    far.on('data', (chunk: Buffer) => near.write(chunk))
    near.on('data', (chunk: Buffer) => far.write(this.#spoilt(chunk)))
  }

  #spoilt(chunk: Buffer): Buffer {
    if (this.flipAfter === undefined) return chunk
    if (this.flipAfter < chunk.length) {
      chunk[this.flipAfter]! ^= 1 << (this.flipAfter & 7)
      this.flipAfter = undefined
      this.flipped++
    } else {
      this.flipAfter -= chunk.length
    }
    return chunk
  }
}

describe('a bit that is turned over on the way', () => {
  it('ends the connection, and nothing of what it was part of is taken', async () => {
    await using door = await TestGate.open(deployment)
    await using cable = await FaultyCable.between(door.port)
    const credentials = await deployment.agent('gate-7')
    const random = seeded(19)
    const chip = Buffer.concat([Buffer.from(matchOf(1).chip), Buffer.alloc(2000, 7)])
    const question = matchOf(1, { chip })
    let ended = 0
    for (let i = 0; i < FLIPS; i++) {
      using agent = await ScriptedAgent.welcome(cable.port, credentials)
      cable.flipAfter = Math.floor(random() * 2000)
      agent.say(question)
      const atOnce = await Promise.race([agent.ended().then(() => true), wait(200, false)])
      if (atOnce) ended++
      else door.clock.advance(37_500) // a record that seems longer than it is never ends
      await agent.ended()
      await door.deserted()
    }
    expect(cable.flipped).toBe(FLIPS)
    expect(ended).toBeGreaterThan(FLIPS - 10)
    expect(door.probes).toEqual([])
  })

  it('would be taken over a good cable: the test can tell', async () => {
    await using door = await TestGate.open(deployment)
    await using cable = await FaultyCable.between(door.port)
    using agent = await ScriptedAgent.welcome(cable.port, await deployment.agent('gate-7'))
    agent.say(matchOf(1))
    await door.probed(1)
    expect(door.probes[0]?.track).toBe('track-1')
  })
})
