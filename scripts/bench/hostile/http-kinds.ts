import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { type Play, whileOpen } from './fake-camera.ts'
import { httpCamera, MULTIPART, partOf, says } from './http.ts'
import type { Kind, Scene } from './kind.ts'
import { bomb, playlist, SVG } from './pictures.ts'
import { SDP } from './rtsp.ts'

const OK = 'HTTP/1.1 200 OK\r\n'

const pours =
  (head: string, piece: (scene: Scene) => string | Buffer, everyMs = 1) =>
  (scene: Scene): Play =>
  (socket: Socket) => {
    socket.resume().write(head)
    const bytes = piece(scene)
    whileOpen(socket, everyMs, () => socket.write(bytes))
  }

const redirect = (to: (scene: Scene) => string) => (scene: Scene) =>
  says(`HTTP/1.1 302 Found\r\nLocation: ${to(scene)}\r\nContent-Length: 0\r\n\r\n`)

/** Something that is no motion JPEG. */
const serves = (type: string, body: (scene: Scene) => string | Buffer) => (scene: Scene) =>
  says(Buffer.concat([Buffer.from(`${OK}Content-Type: ${type}\r\n\r\n`), Buffer.from(body(scene))]))

/** A JPEG whose header claims another size. */
function resized(jpeg: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg)
  const at = copy.indexOf(Buffer.from([0xff, 0xc0]))
  copy.writeUInt16BE(height, at + 5)
  copy.writeUInt16BE(width, at + 7)
  return copy
}

const plays: Record<string, (scene: Scene) => Play> = {
  'headers without end': pours(OK, () => `X-Header: ${'a'.repeat(4000)}\r\n`),
  'a line without end': pours('HTTP/1.1 200 ', () => 'a'.repeat(2 ** 16)),
  'a boundary that never comes': pours(MULTIPART, () => 'a'.repeat(2 ** 16)),
  'part headers without end': pours(`${MULTIPART}--frame\r\n`, () => `X: ${'a'.repeat(4000)}\r\n`),
  'parts of two gigabytes': ({ clip }) =>
    httpCamera(clip, { part: (jpeg) => partOf(jpeg, 2 ** 31 - 1) }),
  'parts of negative length': ({ clip }) => httpCamera(clip, { part: (jpeg) => partOf(jpeg, -5) }),
  'parts of nothing': ({ clip }) => httpCamera(clip, { part: () => partOf(Buffer.alloc(0)) }),
  'pictures of 65,500 × 65,500': ({ clip }) =>
    httpCamera(clip, { part: (jpeg) => partOf(resized(jpeg, 65_500, 65_500)) }),
  'random bytes for pictures': ({ clip, random }) =>
    httpCamera(clip, { part: (jpeg) => partOf(Buffer.from(jpeg.map(() => random() * 256))) }),
  'redirect to a file': redirect(({ canary }) => `file://${canary}`),
  'redirect to a play-list protocol': redirect(({ canary }) => `concat:${canary}`),
  'redirect to itself': redirect(() => '/again'),
  'a play-list of files': serves('application/vnd.apple.mpegurl', ({ canary }) => playlist(canary)),
  'a play-list in place of a stream': serves('multipart/x-mixed-replace; boundary=frame', (scene) =>
    playlist(scene.canary),
  ),
  'a list of files for ffmpeg': serves(
    'text/plain',
    ({ canary }) => `ffconcat version 1.0\nfile 'file:${canary}'\n`,
  ),
  'an SDP': serves('application/sdp', () => SDP),
  'an SVG that names a file': serves('image/svg+xml', ({ canary }) => SVG(canary)),
  'a PNG that unpacks to a gigabyte': serves('image/png', () => bomb(16_384, 16_384)),
  'gzip that unpacks to a gigabyte': () =>
    says(
      Buffer.concat([
        Buffer.from(`${OK}Content-Encoding: gzip\r\nContent-Type: image/jpeg\r\n\r\n`),
        gzipSync(Buffer.alloc(2 ** 26)),
      ]),
    ),
  'chunks that lie': pours(`${OK}Transfer-Encoding: chunked\r\n\r\n`, () => 'FFFFFFFFFFFF\r\nx'),
  'asks for a password for ever': () =>
    says(
      'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="x", nonce="y"\r\nContent-Length: 0\r\n\r\n',
    ),
  'half-open': () => (socket) => void socket.pause(),
  'a byte a second': pours('', () => 'H', 1000),
}

const shows: Record<string, (scene: Scene) => Play> = {
  'pictures cut in half': ({ clip }) =>
    httpCamera(clip, { part: (jpeg) => partOf(jpeg.subarray(0, jpeg.length >> 1)) }),
  'redirect to another host': redirect(({ elsewhere }) => elsewhere.mjpeg),
  'a size that changes with every picture': ({ clip, large }) =>
    httpCamera(clip, {
      part: (_jpeg, n) => partOf((n % 2 === 0 ? clip : large).jpegs[n % clip.jpegs.length]!),
    }),
}

export const httpKinds: readonly Kind[] = [
  ...Object.entries(plays).map(
    ([name, play]) => ({ name: `HTTP: ${name}`, of: 'mjpeg', play }) as const,
  ),
  ...Object.entries(shows).map(
    ([name, play]) => ({ name: `HTTP: ${name}`, of: 'mjpeg', play, pictures: true }) as const,
  ),
]
