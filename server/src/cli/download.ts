import { messageOf, Refusal, Unavailable } from '@vedette/shared/errors'
import { type Dispatcher, EnvHttpProxyAgent, fetch, type Response } from 'undici'

/** A file that has not come whole by then does not come, milliseconds. */
const PATIENCE_MS = 15 * 60_000
/** Silence on the line after which it is given up, milliseconds. */
const SILENCE_MS = 30_000
const MOST_HOPS = 5

export type DownloadOptions = {
  /** Bytes that the file has; more are not taken. */
  bytes: number
  onProgress: (done: number, total: number) => void
  dispatcher?: Dispatcher
}

/**
 * Fetches the file at `url` over HTTPS, wherever it redirects to over HTTPS. Throws Unavailable
 * `model.unreachable`, or Refusal `model.changed` for a file that is too long.
 */
export async function download(url: string, options: DownloadOptions): Promise<Buffer> {
  const { bytes, onProgress } = options
  const dispatcher = options.dispatcher ?? new EnvHttpProxyAgent({ bodyTimeout: SILENCE_MS })
  const parts: Uint8Array[] = []
  let done = 0
  try {
    const answer = await follow(url, dispatcher)
    if (!answer.ok || answer.body === null) throw unreachable(url, `HTTP status ${answer.status}`)
    for await (const part of answer.body) {
      done += part.length
      if (done > bytes) throw tooLong(url, bytes)
      parts.push(part)
      onProgress(done, bytes)
    }
    return Buffer.concat(parts)
  } catch (error) {
    if (error instanceof Unavailable || error instanceof Refusal) throw error
    const { cause } = error as { cause?: unknown }
    throw unreachable(url, messageOf(cause ?? error), error)
  }
}

/** Goes where it is sent to, over HTTPS only. */
async function follow(url: string, dispatcher: Dispatcher): Promise<Response> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  let place = new URL(url)
  for (let hops = 0; hops <= MOST_HOPS; hops++) {
    if (place.protocol !== 'https:')
      throw unreachable(url, `it was moved to ${place}, not over HTTPS`)
    const answer = await fetch(place, { dispatcher, signal, redirect: 'manual' })
    const location = answer.headers.get('location')
    if (answer.status < 300 || answer.status >= 400 || location === null) return answer
    place = new URL(location, place)
  }
  throw unreachable(url, `it was moved more than ${MOST_HOPS} times`)
}

function tooLong(url: string, bytes: number): Refusal {
  return new Refusal('model.changed', `${url} gives more than the ${bytes} bytes it should`, {
    hint: 'nothing was installed; it is not the file that was published',
  })
}

function unreachable(url: string, what: string, cause?: unknown): Unavailable {
  return new Unavailable('model.unreachable', `cannot fetch ${url}: ${what}`, {
    cause,
    hint: 'where this machine may not go out: fetch that file elsewhere, carry it here, and give it with --from FILE',
  })
}
