import type { Clock, Timer } from '@vedette/shared/clock'
import { codeOf, messageOf, Refusal } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { Placement } from '@vedette/shared/place'
import type { Hand } from '../hand.ts'
import type { CameraPlace, PlaceStore } from '../store/places.ts'
import type { PlanStore } from '../store/plans.ts'
import type { Geocoder } from './geocoder.ts'
import type { Placing, PlanSpot } from './placing.ts'

export type PlacesOptions = {
  store: PlaceStore
  plans: Pick<PlanStore, 'place' | 'unplace' | 'forget'>
  /** Left out where no address may leave the house. */
  geocoder: Geocoder | undefined
  clock: Clock
  log: Log
}

type Camera = { agent: string; camera: string }

/** An address that could not be asked about is asked about again after this long, milliseconds. */
const RETRY_MS = 600_000

/** Where cameras are. What an address means is asked once, and never where that is off. */
export class Places {
  readonly #options: PlacesOptions
  /** Addresses that the geocoder does not know. */
  readonly #unknown = new Set<string>()
  #finding: Promise<void> = Promise.resolve()
  #retry: Timer | undefined
  readonly #stop = new AbortController()

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  /** An agent says where its cameras are; resolves before their addresses are found. */
  async report(agent: string, cameras: readonly (Placement & { camera: string })[]): Promise<void> {
    const { store, clock } = this.#options
    await store.report(agent, cameras, clock.now())
    if (cameras.some(({ address }) => address !== undefined)) this.findAll()
  }

  /**
   * An operator says where a camera is. Throws Refusal `geocode.off`, `geocode.not-found` and
   * Unavailable `geocode.unreachable`: then nothing has changed.
   */
  async place(camera: Camera, placement: Placing, hand: Hand): Promise<void> {
    const { store, clock } = this.#options
    if (placement.address !== undefined) await this.#find(placement.address)
    await store.set(camera, placement, hand, clock.now())
  }

  /** What an operator said of it is forgotten. Throws Refusal `camera.not-found`. */
  async unplace(camera: Camera, hand: Hand): Promise<void> {
    const { store, clock } = this.#options
    if (await store.unset(camera, hand, clock.now())) return
    throw new Refusal('camera.not-found', `nobody has placed ${camera.agent}/${camera.camera}`, {
      hint: 'see: vedette cameras places',
    })
  }

  /** It is there on a floor plan, and on no other. Throws Refusal `plan.not-found`. */
  async onPlan(camera: Camera, spot: PlanSpot, hand: Hand): Promise<void> {
    const { plans, clock } = this.#options
    await plans.place(camera, spot, hand, clock.now())
  }

  /** Throws Refusal `camera.not-found`. */
  async offPlan(camera: Camera, hand: Hand): Promise<void> {
    const { plans, clock } = this.#options
    if (await plans.unplace(camera, hand, clock.now())) return
    throw new Refusal('camera.not-found', `${camera.agent}/${camera.camera} is on no floor plan`, {
      hint: 'see: vedette cameras places',
    })
  }

  /** The camera is gone for good. */
  async forget(camera: Camera): Promise<void> {
    const { store, plans } = this.#options
    await store.forget(camera)
    await plans.forget(camera)
  }

  all(): Promise<CameraPlace[]> {
    return this.#options.store.all()
  }

  /** Looks for every address that is not found yet, one after the other, in the background. */
  findAll(): void {
    if (this.#options.geocoder === undefined) return
    this.#retry?.cancel()
    this.#finding = this.#finding.then(() => this.#findUnfound())
  }

  /** Resolves when nothing is looked for any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.#retry?.cancel()
    await this.#finding
  }

  async #findUnfound(): Promise<void> {
    const { store, clock, log } = this.#options
    try {
      for (const address of await store.unfound()) {
        if (this.#stop.signal.aborted) return
        if (this.#unknown.has(address)) continue
        await this.#find(address)
      }
    } catch (error) {
      if (this.#stop.signal.aborted) return
      const [code, message] = [codeOf(error), messageOf(error)]
      log.warn({ code, message }, 'geocode.failed')
      this.#retry = clock.after(RETRY_MS, () => this.findAll())
    }
  }

  async #find(address: string): Promise<void> {
    const { store, geocoder, clock } = this.#options
    if ((await store.geocode(address)) !== undefined) return
    if (geocoder === undefined) {
      throw new Refusal('geocode.off', 'no address leaves this house', {
        hint: 'give latitude and longitude (--lat, --lon), or turn geocode on in server.yaml',
      })
    }
    try {
      await store.learn(address, await geocoder.find(address, this.#stop.signal), clock.now())
    } catch (error) {
      if (codeOf(error) === 'geocode.not-found') this.#unknown.add(address)
      throw error
    }
  }
}
