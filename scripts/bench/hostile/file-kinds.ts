import type { Kind, Scene } from './kind.ts'
import { bomb, playlist, SVG } from './pictures.ts'

const files: Record<string, (scene: Scene) => Buffer> = {
  'no video': () => Buffer.from('not a video\n'.repeat(1000)),
  empty: () => Buffer.alloc(0),
  'random bytes': ({ random }) =>
    Buffer.from(Array.from({ length: 2 ** 18 }, () => random() * 256)),
  'a play-list of files': ({ canary }) => Buffer.from(playlist(canary)),
  'a list of files for ffmpeg': ({ canary }) =>
    Buffer.from(`ffconcat version 1.0\nfile 'file:${canary}'\n`),
  'an SDP that listens': () =>
    Buffer.from('v=0\r\nm=video 19876 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n'),
  'an SVG that names a file': ({ canary }) => Buffer.from(SVG(canary)),
  'a PNG that unpacks to a gigabyte': () => bomb(16_384, 16_384),
  'a DASH manifest': ({ canary }) =>
    Buffer.from(
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>` +
        `<AdaptationSet contentType="video"><Representation id="0" bandwidth="1">` +
        `<BaseURL>file://${canary}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
    ),
  'AVI cut short': ({ video }) => video.subarray(0, 300),
  'AVI with its sizes wrong': ({ video }) => {
    const copy = Buffer.from(video)
    for (const at of [4, 16, 0x40, 0x44]) copy.writeUInt32LE(0xffff_fff0, at)
    return copy
  },
}

export const fileKinds: readonly Kind[] = Object.entries(files).map(
  ([name, bytes]) => ({ name: `file: ${name}`, of: 'file', bytes }) as const,
)
