import { readFile } from 'node:fs/promises'
import type { Clock } from '@vedette/shared/clock'
import { ConfigFault, messageOf, Refusal, Unavailable } from '@vedette/shared/errors'
import { SOFTWARE } from '@vedette/shared/software'
import NodeGeocoder from 'node-geocoder'
import type { ServerConfig } from '../config.ts'
import type { Geocode } from '../store/places.ts'

export type GeocodeConfig = ServerConfig['geocode']
type Provider = Exclude<GeocodeConfig['provider'], 'off'>
type AskConfig = GeocodeConfig & { provider: Provider }

/** Who is asked by `fetch`. */
export type Fetch = typeof globalThis.fetch

/** Nominatim asks for no more than one question a second, and to be told who asks. */
const APART_MS = 1000
const PATIENCE_MS = 10_000
const MOST_BYTES = 256 * 1024
const NOMINATIM = 'https://nominatim.openstreetmap.org'
const USER_AGENT = `Vedette/${SOFTWARE} (camera places, asked once each)`

/** Finds out where addresses are, by asking somebody else: only where the administrator wants that. */
export class Geocoder {
  readonly provider: Provider
  readonly #config: AskConfig
  readonly #clock: Clock
  readonly #fetch: Fetch
  #last: Promise<unknown> = Promise.resolve()
  #nextAt = 0

  /** Nothing where it is off. */
  static of(
    { provider, ...config }: GeocodeConfig,
    clock: Clock,
    fetch: Fetch = globalThis.fetch,
  ): Geocoder | undefined {
    return provider === 'off' ? undefined : new Geocoder({ ...config, provider }, clock, fetch)
  }

  private constructor(config: AskConfig, clock: Clock, fetch: Fetch) {
    this.provider = config.provider
    this.#config = config
    this.#clock = clock
    this.#fetch = fetch
  }

  /**
   * One question after the other, a second apart. Throws Refusal `geocode.not-found`, Unavailable
   * `geocode.unreachable`, also when the signal aborts.
   */
  find(address: string, signal: AbortSignal): Promise<Geocode> {
    const found = this.#last.then(() => this.#ask(address, signal))
    this.#last = found.catch(() => {})
    return found
  }

  async #ask(address: string, signal: AbortSignal): Promise<Geocode> {
    const wait = this.#nextAt - this.#clock.now()
    const geocoder = NodeGeocoder(await this.#options(signal))
    const answer = async () => {
      if (wait > 0) await this.#clock.sleep(wait, signal)
      return geocoder.geocode(address)
    }
    const answers = await answer().catch((cause) => {
      throw new Unavailable('geocode.unreachable', `${this.provider}: ${messageOf(cause)}`, {
        cause,
        hint: 'later, or give latitude and longitude: vedette cameras place … --lat … --lon …',
      })
    })
    this.#nextAt = this.#clock.now() + APART_MS
    const { latitude, longitude } = answers[0] ?? {}
    if (!isDegrees(latitude, 90) || !isDegrees(longitude, 180)) {
      throw new Refusal(
        'geocode.not-found',
        `${this.provider} knows no ${JSON.stringify(address)}`,
        {
          hint: 'write it another way, or give latitude and longitude',
          params: { address },
        },
      )
    }
    return { latitude, longitude, provider: this.provider }
  }

  async #options(signal: AbortSignal): Promise<NodeGeocoder.Options> {
    const { provider, server, keyFile } = this.#config
    const options: NodeGeocoder.Options =
      provider === 'openstreetmap'
        ? { provider, osmServer: server ?? NOMINATIM }
        : { provider, apiKey: await readKey(keyFile, provider) }
    // Its type asks for the fetch of another package; it calls text() of what comes, and no more.
    return Object.assign(options, { fetch: limited(this.#fetch, signal) })
  }
}

/** Says who asks, waits for so long, follows nowhere, and reads no more than an answer has. */
function limited(fetch: Fetch, signal: AbortSignal): Fetch {
  return async (input, init) => {
    const response = await fetch(input, {
      ...init,
      headers: { accept: 'application/json', 'user-agent': USER_AGENT },
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
    })
    if (!response.ok) throw new Unavailable('geocode.unreachable', `it says ${response.status}`)
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of response.body ?? []) {
      length += chunk.length
      if (length > MOST_BYTES) throw new Unavailable('geocode.unreachable', 'it says too much')
      chunks.push(chunk)
    }
    return new Response(Buffer.concat(chunks), { status: response.status })
  }
}

async function readKey(file: string | undefined, provider: string): Promise<string> {
  const hint = `put the key that ${provider} gave you into a file: geocode: { keyFile: … }`
  if (file === undefined)
    throw new ConfigFault('config.missing', `${provider} needs a key`, { hint })
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new ConfigFault('config.unreadable', `cannot read ${file}`, { cause, hint })
  })
  return text.trim()
}

function isDegrees(value: unknown, most: number): value is number {
  return typeof value === 'number' && Math.abs(value) <= most
}
