import type { Socket } from 'node:net'
import { CLIP_FPS, type Clip } from './clip.ts'
import { type Play, whileOpen } from './fake-camera.ts'

/*
 * A camera that speaks RTSP 1.0 with RTP in the same connection (RFC 2326, section 10.12):
 *
 *   '$'  channel  length (2)   then an RTP packet: V P X CC M PT sequence (2) time (4) source (4)
 *
 * and H.264 after RFC 6184: NAL units of up to 1,200 bytes as they are, larger ones in FU-A pieces.
 */

const MOST_PAYLOAD = 1200
const PAYLOAD_TYPE = 96
const CLOCK_RATE = 90_000
const FU_A = 28

export type Method = 'OPTIONS' | 'DESCRIBE' | 'SETUP' | 'PLAY'

/** Where a camera departs from what is right. */
export type RtspQuirks = {
  sdp?: string
  /** The whole answer to a method, in place of the right one; undefined for the right one. */
  answer?: (method: string, cseq: string) => string | Buffer | undefined
  /** Hangs up after it has answered this. */
  closesAfter?: Method
  /** Says nothing any more after it has answered this. */
  silentAfter?: Method
  /** RTP time of picture `n`; a right camera counts 90,000 a second. */
  time?: (n: number) => number
  /** The NAL units sent for picture `n`. */
  units?: (n: number) => readonly Buffer[]
  /** Every framed packet on its way out. */
  packet?: (packet: Buffer, n: number) => Buffer
  fps?: number
}

export const SDP = sdpOf(`m=video 0 RTP/AVP ${PAYLOAD_TYPE}`, [
  `a=rtpmap:${PAYLOAD_TYPE} H264/${CLOCK_RATE}`,
  `a=fmtp:${PAYLOAD_TYPE} packetization-mode=1`,
  'a=control:track1',
])

export function sdpOf(media: string, attributes: readonly string[]): string {
  const head = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=camera', 'c=IN IP4 0.0.0.0', 't=0 0']
  return `${[...head, 'a=control:*', media, ...attributes].join('\r\n')}\r\n`
}

/** A camera that shows `clip` over and over, right but for its quirks. */
export function rtspCamera(clip: Clip, quirks: RtspQuirks = {}): Play {
  return (socket) => {
    let text = ''
    let silent = false
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text = (text + chunk).slice(-(2 ** 16))
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = text.slice(0, end)
        text = text.slice(end + 4)
        const [, method = ''] = /(\w+) rtsps?:\/\/\S+ RTSP/.exec(request) ?? []
        const [, cseq = '0'] = /^CSeq: *(\d+)/im.exec(request) ?? []
        if (silent || method === '') continue
        socket.write(quirks.answer?.(method, cseq) ?? rightAnswer(method, cseq, quirks.sdp ?? SDP))
        if (quirks.closesAfter === method) socket.end()
        else if (quirks.silentAfter === method) silent = true
        else if (method === 'PLAY') stream(socket, clip, quirks)
      }
    })
  }
}

export function reply(status: string, cseq: string, headers: readonly string[], body = ''): string {
  const length = body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]
  return `${[`RTSP/1.0 ${status}`, `CSeq: ${cseq}`, ...headers, ...length].join('\r\n')}\r\n\r\n${body}`
}

function rightAnswer(method: string, cseq: string, sdp: string): string {
  switch (method) {
    case 'DESCRIBE':
      return reply('200 OK', cseq, ['Content-Type: application/sdp'], sdp)
    case 'SETUP':
      return reply('200 OK', cseq, [
        'Transport: RTP/AVP/TCP;unicast;interleaved=0-1',
        'Session: 12345678;timeout=60',
      ])
    default:
      return reply('200 OK', cseq, [
        'Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER',
        'Session: 12345678',
      ])
  }
}

function stream(socket: Socket, clip: Clip, quirks: RtspQuirks): void {
  const { fps = CLIP_FPS, time = (n) => (n * CLOCK_RATE) / fps, packet = (one) => one } = quirks
  const units = quirks.units ?? ((n) => clip.pictures[n % clip.pictures.length]!)
  let [n, sequence] = [0, 0]
  whileOpen(socket, 1000 / fps, () => {
    const payloads = units(n).flatMap(payloadsOf)
    for (const [i, payload] of payloads.entries()) {
      const last = i === payloads.length - 1
      socket.write(packet(framed(payload, { sequence: sequence++, time: time(n), last }), n))
    }
    n++
  })
}

function payloadsOf(unit: Buffer): Buffer[] {
  if (unit.length <= MOST_PAYLOAD) return [unit]
  const head = unit[0]!
  const pieces: Buffer[] = []
  for (let at = 1; at < unit.length; at += MOST_PAYLOAD) {
    const piece = unit.subarray(at, at + MOST_PAYLOAD)
    const [start, end] = [at === 1 ? 0x80 : 0, at + MOST_PAYLOAD >= unit.length ? 0x40 : 0]
    const header = Buffer.from([(head & 0xe0) | FU_A, start | end | (head & 31)])
    pieces.push(Buffer.concat([header, piece]))
  }
  return pieces
}

function framed(
  payload: Buffer,
  { sequence, time, last }: { sequence: number; time: number; last: boolean },
): Buffer {
  const packet = Buffer.alloc(16 + payload.length)
  packet.write('$', 0, 'latin1')
  packet.writeUInt16BE(12 + payload.length, 2)
  packet.writeUInt8(0x80, 4)
  packet.writeUInt8((last ? 0x80 : 0) | PAYLOAD_TYPE, 5)
  packet.writeUInt16BE(sequence % 2 ** 16, 6)
  packet.writeUInt32BE(((Math.trunc(time) % 2 ** 32) + 2 ** 32) % 2 ** 32, 8)
  packet.writeUInt32BE(0x76656465, 12)
  payload.copy(packet, 16)
  return packet
}
