import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Where the stand-in has addresses that begin so. */
const KNOWN: Record<string, [number, number]> = {
  'Bahnhofplatz 1': [47.37793, 8.54023],
  'Marktgasse 7': [46.94809, 7.44744],
}

/** Stands in for a Nominatim: answers in its form, and remembers who asked what and when. */
export class MapServer {
  readonly #server: Server
  readonly asked: { query: string | null; agent: string | undefined; at: number }[] = []

  /** Hangs up on whoever asks. */
  fails = false

  /** `answer` in place of what it would answer. */
  static async start(answer?: RequestListener): Promise<MapServer> {
    const map = new MapServer(answer)
    map.#server.listen(0, '127.0.0.1')
    await once(map.#server, 'listening')
    return map
  }

  private constructor(answer?: RequestListener) {
    this.#server = createServer((request, response) => {
      const query = this.#note(request)
      if (this.fails) return void response.destroy()
      if (answer !== undefined) return answer(request, response)
      const known = Object.entries(KNOWN).find(([address]) => query?.startsWith(address))
      const found = known?.[1].map(String)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(found === undefined ? [] : [{ lat: found[0], lon: found[1] }]))
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  #note({ url = '', headers }: IncomingMessage): string | null {
    const query = new URL(url, 'http://map').searchParams.get('q')
    this.asked.push({ query, agent: headers['user-agent'], at: Date.now() })
    return query
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
