import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import sharp from 'sharp'

/** An HTTP server that is a camera, good or bad. */
export class HttpCamera {
  readonly #server: Server
  /** What was asked of it: the paths, in order. */
  readonly asked: string[] = []

  private constructor(answer: RequestListener) {
    this.#server = createServer((request, response) => {
      this.asked.push(request.url ?? '')
      answer(request, response)
    })
  }

  static async start(answer: RequestListener): Promise<HttpCamera> {
    const camera = new HttpCamera(answer)
    camera.#server.listen(0, '127.0.0.1')
    await once(camera.#server, 'listening')
    return camera
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}/stream`
  }

  /** Connections that are open now. */
  async connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

/** A JPEG of one grey. */
export function greyJpeg(width: number, height: number, level: number): Promise<Buffer> {
  const background = { r: level, g: level, b: level }
  return sharp({ create: { width, height, channels: 3, background } })
    .jpeg()
    .toBuffer()
}

/** Answers with motion JPEG at `fps`: `picture(n)` is the nth, undefined ends the stream. */
export function motionJpeg(
  fps: number,
  picture: (n: number) => Buffer | undefined,
): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' })
    let n = 0
    const timer = setInterval(() => {
      const jpeg = picture(n++)
      if (jpeg === undefined) {
        response.end()
        return
      }
      const head = `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n`
      response.write(`--frame\r\n${head}\r\n`)
      response.write(jpeg)
      response.write('\r\n')
    }, 1000 / fps)
    response.on('close', () => clearInterval(timer))
  }
}
