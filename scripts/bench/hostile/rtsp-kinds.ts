import type { Socket } from 'node:net'
import { type Play, whileOpen } from './fake-camera.ts'
import type { Kind, Scene } from './kind.ts'
import { type Method, type RtspQuirks, reply, rtspCamera, SDP, sdpOf } from './rtsp.ts'
import { spsOf } from './sps.ts'

const quirky =
  (quirks: RtspQuirks | ((scene: Scene) => RtspQuirks)): ((scene: Scene) => Play) =>
  (scene) =>
    rtspCamera(scene.clip, typeof quirks === 'function' ? quirks(scene) : quirks)

/** Answers DESCRIBE in a way of its own. */
const describes = (answer: (cseq: string) => string) =>
  quirky({ answer: (method, cseq) => (method === 'DESCRIBE' ? answer(cseq) : undefined) })

/** Writes `piece` again and again, whatever is asked. */
const pours =
  (head: string, piece: string | Buffer, everyMs = 1): (() => Play) =>
  () =>
  (socket: Socket) => {
    socket.resume().write(head)
    whileOpen(socket, everyMs, () => socket.write(piece))
  }

const redirect = (to: (scene: Scene) => string) =>
  quirky((scene) => ({
    answer: (method, cseq) =>
      method === 'DESCRIBE' ? reply('302 Found', cseq, [`Location: ${to(scene)}`]) : undefined,
  }))

const shuffled = (buffer: Buffer, random: () => number, share: number) =>
  Buffer.from(buffer.map((byte) => (random() < share ? Math.floor(random() * 256) : byte)))

const noise = (length: number, random: () => number) =>
  Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)))

const OK = 'RTSP/1.0 200 OK\r\nCSeq: 1\r\n'
const SPS = 7
const SLICES = new Set([1, 5])
const AFTER: readonly Method[] = ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY']

const plays: Record<string, (scene: Scene) => Play> = {
  'headers without end': pours(OK, `X-Header: ${'a'.repeat(4000)}\r\n`),
  'a line without end': pours('RTSP/1.0 200 ', 'a'.repeat(2 ** 16)),
  'random bytes for an answer': ({ random }) => pours('', noise(4096, random), 5)(),
  'an SDP that claims two gigabytes': describes((cseq) =>
    reply('200 OK', cseq, ['Content-Length: 2147483647', 'Content-Type: application/sdp'], SDP),
  ),
  'an SDP of 16 megabytes': describes((cseq) =>
    reply('200 OK', cseq, ['Content-Type: application/sdp'], SDP + 'a=x:y\r\n'.repeat(2_400_000)),
  ),
  'an SDP of negative length': describes(
    (cseq) => `${OK.replace('1\r\n', `${cseq}\r\n`)}Content-Length: -1\r\n\r\n${SDP}`,
  ),
  'an SDP of a thousand streams': quirky({ sdp: SDP + SDP.slice(SDP.indexOf('m=')).repeat(1000) }),
  'an empty SDP': quirky({ sdp: 'v=0\r\n' }),
  'an SDP of random bytes': quirky(({ random }) => ({
    sdp: noise(3000, random).toString('latin1'),
  })),
  'AV1 in RTP': quirky({
    sdp: sdpOf('m=video 0 RTP/AVP 96', ['a=rtpmap:96 AV1/90000', 'a=control:track1']),
  }),
  'MPEG-TS in RTP': quirky({
    sdp: sdpOf('m=video 0 RTP/AVP 33', ['a=rtpmap:33 MP2T/90000', 'a=control:track1']),
  }),
  'a control address elsewhere': quirky((scene) => ({
    sdp: SDP.replaceAll('a=control:track1', `a=control:file://${scene.canary}`),
  })),
  'redirect to a file': redirect(({ canary }) => `file://${canary}`),
  'redirect to a play-list protocol': redirect(({ canary }) => `concat:${canary}`),
  'redirect to itself': redirect(({ self }) => self),
  'redirect to where nobody listens': redirect(() => 'rtsp://127.0.0.1:1/'),
  'asks for a password for ever, by digest': quirky({
    answer: (_method, cseq) =>
      reply('401 Unauthorized', cseq, [
        `WWW-Authenticate: Digest realm="x", nonce="${cseq}", stale=true`,
      ]),
  }),
  'asks for a password for ever': quirky({
    answer: (_method, cseq) =>
      reply('401 Unauthorized', cseq, ['WWW-Authenticate: Basic realm="x"']),
  }),
  'half-open': () => (socket) => void socket.pause(),
  'closes at once': () => (socket) => void socket.destroy(),
  'a byte a second': pours('', 'R', 1000),
  'lies about the channel': quirky({
    packet: (packet) => Buffer.from(packet.map((byte, at) => (at === 1 ? 77 : byte))),
  }),
  'lies about the length': quirky({
    packet: (packet) => Buffer.concat([Buffer.from([0x24, 0, 0xff, 0xff]), packet.subarray(4)]),
  }),
  'packets of 64 KB of noise': quirky(({ random }) => {
    const body = noise(65_000, random)
    return {
      packet: (packet) => {
        const head = Buffer.from(packet.subarray(0, 16))
        head.writeUInt16BE(12 + body.length, 2)
        return Buffer.concat([head, body])
      },
    }
  }),
  'random bytes for pictures': quirky(({ random }) => ({
    units: () => [noise(3000, random), noise(40, random)],
  })),
  'pictures cut in half': quirky(({ clip }) => ({
    units: (n) =>
      clip.pictures[n % clip.pictures.length]!.map((unit) =>
        SLICES.has(unit[0]! & 31) ? unit.subarray(0, Math.ceil(unit.length / 2)) : unit,
      ),
  })),
  'pictures with every tenth byte wrong': quirky(({ clip, random }) => ({
    units: (n) =>
      clip.pictures[n % clip.pictures.length]!.map((unit) =>
        Buffer.concat([unit.subarray(0, 1), shuffled(unit.subarray(1), random, 0.1)]),
      ),
  })),
  'another codec than it says': quirky(({ clip }) => ({
    units: (n) => [clip.jpegs[n % clip.jpegs.length]!],
  })),
  'a picture of 16,384 × 16,384': quirky(({ clip }) => ({
    units: (n) =>
      clip.pictures[n % clip.pictures.length]!.map((unit) =>
        (unit[0]! & 31) === SPS ? spsOf(1024, 1024) : unit,
      ),
  })),
  'a picture of 4096 × 4096 that is none': quirky(({ clip }) => ({
    units: (n) =>
      clip.pictures[n % clip.pictures.length]!.map((unit) =>
        (unit[0]! & 31) === SPS ? spsOf(256, 256) : unit,
      ),
  })),
  'one picture and no more': quirky(({ clip }) => ({
    units: (n) => (n < 10 ? clip.pictures[n]! : []),
  })),
  'two thousand pictures a second of noise': quirky(({ random }) => {
    const body = noise(1000, random)
    return { fps: 1000, units: () => [body, body] }
  }),
}

/** Those of which pictures come: only their times, or their sizes, are not to be believed. */
const shows: Record<string, (scene: Scene) => Play> = {
  'all pictures at the same time': quirky({ time: () => 1000 }),
  'a million pictures a second, by its own account': quirky({ time: (n) => n * 0.09 }),
  'time that runs backwards': quirky({ time: (n) => 1e9 - n * 9000 }),
  'time that jumps by hours': quirky({ time: (n) => n * 9000 + (n % 7) * 1.9e9 }),
  'a size that changes with every picture group': quirky(({ clip, large }) => ({
    units: (n) => {
      const { pictures } = Math.floor(n / 5) % 2 === 0 ? clip : large
      return pictures[n % pictures.length]!
    },
  })),
  'redirect to another host': redirect(({ elsewhere }) => elsewhere.rtsp),
}

export const rtspKinds: readonly Kind[] = [
  ...Object.entries(plays).map(
    ([name, play]) => ({ name: `RTSP: ${name}`, of: 'rtsp', play }) as const,
  ),
  ...AFTER.flatMap((method) => [
    {
      name: `RTSP: closes after ${method}`,
      of: 'rtsp',
      play: quirky({ closesAfter: method }),
    } as const,
    {
      name: `RTSP: silent after ${method}`,
      of: 'rtsp',
      play: quirky({ silentAfter: method }),
    } as const,
  ]),
  ...Object.entries(shows).map(
    ([name, play]) => ({ name: `RTSP: ${name}`, of: 'rtsp', play, pictures: true }) as const,
  ),
]
