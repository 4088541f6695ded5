import type { Clock } from '@vedette/shared/clock'
import { agentHand } from '../hand.ts'
import type { PatientNotes } from './patient-notes.ts'

type Presence = { serial: string; address: string; cameras: readonly string[]; since: number }

/** Records from when to when each agent and its cameras were in use. */
export class Presences {
  readonly #notes: Pick<PatientNotes, 'note'>
  readonly #clock: Pick<Clock, 'now'>
  readonly #here = new Map<string, Presence>()

  constructor(notes: Pick<PatientNotes, 'note'>, clock: Pick<Clock, 'now'>) {
    this.#notes = notes
    this.#clock = clock
  }

  arrived(name: string, newcomer: Omit<Presence, 'since'> & { software: string }): void {
    // One that comes again in the place of itself has not said that it went.
    this.left(name)
    const { serial, address, cameras, software } = newcomer
    const at = this.#clock.now()
    this.#here.set(name, { serial, address, cameras, since: at })
    this.#notes.note({
      kind: 'agent.arrived',
      hand: agentHand(name, address),
      at,
      about: { agent: name, certificate: serial },
      details: { cameras, software },
    })
  }

  left(name: string): void {
    const presence = this.#here.get(name)
    if (presence === undefined) return
    this.#here.delete(name)
    const { serial, address, cameras, since } = presence
    this.#notes.note({
      kind: 'agent.left',
      hand: agentHand(name, address),
      at: this.#clock.now(),
      about: { agent: name, certificate: serial },
      details: { cameras, since },
    })
  }

  /** The server ends, and with it everybody's presence. */
  end(): void {
    for (const name of [...this.#here.keys()]) this.left(name)
  }
}
