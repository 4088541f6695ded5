import { CLIP_FPS, type Clip } from './clip.ts'
import { type Play, whileOpen } from './fake-camera.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
export const MULTIPART = `${OK}Content-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n`

export type HttpQuirks = {
  head?: string
  /** What is written for picture `n`. */
  part?: (jpeg: Buffer, n: number) => Buffer
  fps?: number
}

export function partOf(jpeg: Buffer, length = jpeg.length): Buffer {
  const head = `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), jpeg, Buffer.from('\r\n')])
}

/** A camera that shows `clip` as motion JPEG over and over, right but for its quirks. */
export function httpCamera(clip: Clip, quirks: HttpQuirks = {}): Play {
  const { head = MULTIPART, part = (jpeg) => partOf(jpeg), fps = CLIP_FPS } = quirks
  return (socket) => {
    socket.once('data', () => {
      socket.write(head)
      let n = 0
      whileOpen(socket, 1000 / fps, () => {
        socket.write(part(clip.jpegs[n % clip.jpegs.length]!, n))
        n++
      })
    })
    socket.resume()
  }
}

/** Answers every request with these bytes, and hangs up. */
export function says(answer: string | Buffer): Play {
  return (socket) => {
    socket.once('data', () => socket.end(answer))
  }
}
