import { ProtocolFault } from '@vedette/shared/errors'
import type { Fares, Fetch, FromAgent, Hello, PlacesReport } from '@vedette/shared/message'
import type { Peer } from '@vedette/shared/tls'
import type { Offered } from '../spaces/offer.ts'
import type { Papers } from './papers.ts'
import type { Taking } from './taking.ts'

export type ErrandsOptions = {
  peer: Peer
  taking: Taking
  /** The model that the agent should have. */
  offer: () => Offered
  papers: Pick<Papers, 'notices' | 'renew' | 'trusted'>
  onPlaces: (places: PlacesReport['places']) => Promise<void>
  onFares: (fares: Omit<Fares, 'type'>) => void
}

type Errand = Extract<FromAgent, { type: 'fetch' | 'renew' | 'trusted' | 'places' | 'fares' }>

/** What an agent and the server see to besides questions: its model, its papers, and its places. */
export class Errands {
  readonly #options: ErrandsOptions
  readonly #hello: Hello
  /** Version of the roots that the agent trusts, as far as it has said. */
  #trusts: string | undefined

  constructor(options: ErrandsOptions, hello: Hello) {
    this.#options = options
    this.#hello = hello
    this.#trusts = hello.trust
  }

  /** Tells an agent that speaks another space which model to fetch. */
  offerModel(): void {
    const { offer, taking } = this.#options
    const { space, row } = offer()
    if (this.#hello.model !== space) taking.post({ type: 'model', row })
  }

  /** Tells the agent what it must know of certificates and roots. */
  async tellPapers(): Promise<void> {
    const { papers, peer, taking } = this.#options
    for (const notice of await papers.notices(peer, this.#trusts)) taking.post(notice)
  }

  /** Throws ProtocolFault. */
  async run(errand: Errand): Promise<void> {
    const { papers, peer, taking } = this.#options
    switch (errand.type) {
      case 'fetch':
        return this.#piece(errand)
      case 'renew':
        return taking.post(await papers.renew(peer, errand.request))
      case 'trusted':
        this.#trusts = errand.version
        return papers.trusted(peer, errand.version)
      case 'places':
        return this.#place(errand)
      case 'fares':
        return this.#options.onFares(errand)
      default:
        errand satisfies never
    }
  }

  /** Waits until the agent has taken it: a model is large, and others want to send, too. */
  async #piece({ sha256, offset }: Fetch): Promise<void> {
    const offer = this.#options.offer()
    if (offer.sha256 !== sha256) return
    const data = await offer.piece(offset)
    if (data === undefined) return
    await this.#options.taking.send({ type: 'piece', sha256, offset, data })
  }

  async #place({ places }: PlacesReport): Promise<void> {
    const stranger = places.find(({ camera }) => !this.#hello.cameras.includes(camera))
    if (stranger !== undefined) {
      const { camera } = stranger
      throw new ProtocolFault('session.unknown-camera', `camera ${camera} was not announced`)
    }
    await this.#options.onPlaces(places)
  }
}
