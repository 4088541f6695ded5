import type { Clock } from '@vedette/shared/clock'
import { messageOf, Refusal, Unavailable } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import { v7 as newId } from 'uuid'
import type { Dossier } from '../evidence/dossier.ts'
import { type Evidence, isLate, type Probe } from '../probe.ts'
import type { Alert, AlertChange, AlertStore, NewAlert } from '../store/alerts.ts'
import { eventOf, type Standing } from './life.ts'

/** One more frame of a walk, as it bears on one entry. */
export type Sighting = {
  probe: Probe
  evidence: Evidence
  entryId: string
  list: string
  templateId: string
  score: number
  threshold: number
  standing: Standing
  certain: boolean
  rival: string | null
  runnerUp: number | null
  space: string
}

/** A walk that was nobody's when it was seen; of most there is no picture. */
export type PastSighting = Omit<Sighting, 'probe'> & {
  probe: Omit<Probe, 'chip'> & { chip: Uint8Array | null }
}
/** A sighting, or a past one. */
type Any = PastSighting & { retrospective?: boolean }

/** A walk that an alert is about, whether it is its first or one more. */
export type AlertWalk = Pick<Alert, 'agent' | 'camera' | 'track' | 'list'> & { alert: string }

/** Read at every sighting: it may change meanwhile. */
export type Pace = {
  /** Sightings of one entry by one camera within this time are one alert, milliseconds. */
  readonly cooldown: number
  /** Alerts about one entry within this time of one another are one incident, milliseconds. */
  readonly trail: number
}

export type AlertsOptions = Pace & {
  store: AlertStore
  /** Tells what an alert is raised by and against; without it that is not kept. */
  witness?: ((sighting: PastSighting) => Promise<Dossier>) | undefined
  clock: Clock
  log: Log
}

const RETRY_MS = 1000

/**
 * Makes alerts of sightings, one after the other. Whoever listens is told of what is on disk and of
 * nothing else.
 */
export class Alerts {
  readonly #options: AlertsOptions
  readonly #listeners = new Set<(change: AlertChange) => void>()
  readonly #walkListeners = new Set<(walk: AlertWalk) => void>()
  readonly #stop = new AbortController()
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: AlertsOptions) {
    this.#options = options
  }

  /** Calls `listener` with every change from here on; the function returned ends that. */
  listen(listener: (change: AlertChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls `listener` whenever something of a walk goes to an alert; the function returned ends that. */
  listenToWalks(listener: (walk: AlertWalk) => void): () => void {
    this.#walkListeners.add(listener)
    return () => this.#walkListeners.delete(listener)
  }

  /**
   * Raises an alert, or goes on with the one that this sighting belongs to. Resolves when it is on
   * disk; while the disk is full or locked it tries again, for as long as it takes.
   */
  consider(sighting: Sighting): Promise<void> {
    return this.#inTurn(() => this.#persist(sighting))
  }

  /**
   * Raises an alert about what was seen in the past, or goes on with one of that time; undefined where
   * the same walk is an alert about the same entry already. Throws Refusal `entry.not-found`,
   * Unavailable `store.*`: whoever looks back can do so again.
   */
  lookBack(sighting: PastSighting): Promise<string | undefined> {
    return this.#inTurn(async () => {
      const { store, cooldown } = this.#options
      const { probe, entryId } = sighting
      const known = await store.find({ ...probe, entryId }, cooldown)
      if (known?.agent === probe.agent && known.track === probe.track) return undefined
      const change = await this.#write({ ...sighting, retrospective: true })
      if (change !== undefined) this.#tell(change)
      return change?.alert.id ?? known?.id
    })
  }

  /** Makes a change that no sighting brings about in its turn, and tells it. */
  change(write: () => Promise<AlertChange>): Promise<AlertChange> {
    return this.#inTurn(async () => {
      const made = await write()
      this.#tell(made)
      return made
    })
  }

  /** Resolves when all that was to be made of sightings until now is on disk. */
  settled(): Promise<unknown> {
    return this.#last
  }

  /** Gives up what waits for the disk. */
  stop(): void {
    this.#stop.abort(new Unavailable('store.failed', 'the server is stopping'))
  }

  async #persist(sighting: Sighting): Promise<void> {
    const { clock, log } = this.#options
    for (;;) {
      try {
        const change = await this.#write(sighting)
        if (change !== undefined) this.#tell(change)
        return
      } catch (error) {
        if (error instanceof Refusal) return // the entry was removed meanwhile
        if (!(error instanceof Unavailable)) throw error
        log.error({ code: error.code, message: messageOf(error) }, 'alert.waiting')
        await clock.sleep(RETRY_MS, this.#stop.signal)
      }
    }
  }

  async #write(sighting: Any): Promise<AlertChange | undefined> {
    const { store, witness, cooldown, trail } = this.#options
    const { probe, entryId, standing, evidence } = sighting
    // It may come again when the server died before it could say that it was done.
    if (await store.noted({ ...probe, entryId })) return undefined
    const known = await store.find({ ...probe, entryId }, cooldown)
    if (known === undefined && standing !== 'reached') return undefined
    const { shot, chip } = probe
    const { chips, probe: fused, coherence, side, weight = null } = evidence
    // Of what was kept of the past only the whole walk is known.
    const look = { own: sighting.retrospective ? null : probe.probe, coherence, side, weight }
    const seen = { alert: this.#alert(sighting), standing, shot, chips, chip, probe: fused, look }
    if (known === undefined) {
      const raised = await store.raise({ ...seen, dossier: await witness?.(sighting) }, trail)
      this.#walked(raised.alert.id, sighting)
      return raised
    }
    const change = await store.follow(known.id, seen, eventOf(known, sighting))
    if (standing === 'reached') this.#walked(known.id, sighting)
    return change
  }

  #alert(sighting: Any): NewAlert {
    const { probe, entryId, list, templateId, score, threshold, certain } = sighting
    const { agent, camera, track, capturedAt, receivedAt, quality, box } = probe
    const { rival, runnerUp, space, retrospective = false } = sighting
    return {
      id: newId(),
      ...{ entryId, list, templateId, score, threshold, rival, runnerUp, space },
      ...{ agent, camera, track, capturedAt, receivedAt, quality, box },
      late: retrospective || isLate(probe),
      retrospective,
      certainty: certain ? 'confirmed' : 'provisional',
      raisedAt: this.#options.clock.now(),
    }
  }

  #walked(alert: string, { probe, list }: Any): void {
    const { agent, camera, track } = probe
    for (const listener of this.#walkListeners) listener({ alert, agent, camera, track, list })
  }

  #tell(change: AlertChange): void {
    const { id, camera, agent, score } = change.alert
    this.#options.log.info({ alert: id, agent, camera, score }, `alert.${change.kind}`)
    for (const listener of this.#listeners) listener(change)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => {})
    return mine
  }
}
