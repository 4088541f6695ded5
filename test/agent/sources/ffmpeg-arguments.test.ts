import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { parseAgentConfig } from '@vedette/agent/config'
import { ffmpegArguments } from '@vedette/agent/sources/ffmpeg'
import { type FfmpegSourceConfig, ffmpegInput } from '@vedette/agent/sources/ffmpeg-input'
import { findFfmpeg } from '@vedette/agent/sources/ffmpeg-program'
import { ConfigFault, Unavailable } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { thrownBy } from '../../support/thrown.ts'

const URL = 'rtsp://admin:secret@camera/1'
const CLIP = { kind: 'file', path: '/clips/a.mp4', pace: 'fast', loop: false } as const
const NOTHING = { network: false, files: [], devices: [] }

/** The value of each option that stands before the input. */
function optionsOf({ args }: { args: readonly string[] }): Record<string, string> {
  return Object.fromEntries(args.flatMap((arg, i) => (i % 2 === 0 ? [[arg, args[i + 1]!]] : [])))
}

function clipInput(changed: Partial<FfmpegSourceConfig> = {}) {
  return ffmpegInput({ ...CLIP, ...changed } as FfmpegSourceConfig)
}

describe('ffmpegInput', () => {
  it('tells of an RTSP camera on standard input, and leaves the command line clean', () => {
    const { args, script, needs } = ffmpegInput({ kind: 'rtsp', url: URL, transport: 'tcp' })
    expect(script).toBe(
      `ffconcat version 1.0\nfile '${URL}'\noption rtsp_transport tcp\noption timeout 8000000\noption fpsprobesize 0\noption max_streams 16\n`,
    )
    expect(args.join(' ')).not.toMatch(/secret|camera/)
    expect(args.slice(-6)).toEqual(['-f', 'concat', '-safe', '0', '-i', 'pipe:0'])
    expect(needs).toEqual({ ...NOTHING, network: true })
    expect(optionsOf({ args })).toMatchObject({
      '-protocol_whitelist': 'pipe,rtsp,rtsps,crypto,tcp,tls',
      '-format_whitelist': 'concat,rtsp',
      '-codec_whitelist': 'h264,hevc,mjpeg,mpeg4',
      '-flags': 'low_delay',
    })
  })

  it('lets RTSP over UDP have UDP', () => {
    const input = ffmpegInput({ kind: 'rtsp', url: URL, transport: 'udp' })
    expect(input.script).toContain('option rtsp_transport udp\n')
    expect(optionsOf(input)['-protocol_whitelist']).toBe(
      'pipe,rtsp,rtsps,crypto,tcp,tls,udp,rtp,srtp',
    )
  })

  it('lets motion JPEG have HTTP and nothing else', () => {
    const input = ffmpegInput({ kind: 'mjpeg', url: 'http://u:p@camera/stream' })
    expect(input.script).toContain("\nfile 'http://u:p@camera/stream'\n")
    expect(optionsOf(input)).toMatchObject({
      '-protocol_whitelist': 'pipe,http,https,tcp,tls',
      '-format_whitelist': 'concat,mpjpeg,mjpeg',
    })
  })

  it('lets a device have its node', () => {
    const input = ffmpegInput({ kind: 'device', path: '/dev/video0', size: '1280x720' })
    expect(input.args.slice(-6)).toEqual('-f v4l2 -video_size 1280x720 -i /dev/video0'.split(' '))
    expect(input.needs).toEqual({ ...NOTHING, devices: ['/dev/video0'] })
    expect(input.script).toBeUndefined()
  })

  it('lets a file have itself, at its own pace, as fast as it can be read, or for ever', () => {
    const input = clipInput()
    expect(input.args.slice(-2)).toEqual(['-i', 'file:/clips/a.mp4'])
    expect(input.needs).toEqual({ ...NOTHING, files: ['/clips/a.mp4'] })
    expect(optionsOf(input)['-protocol_whitelist']).toBe('file')
    expect(input.args).not.toContain('-re')
    const endless = clipInput({ pace: 'realtime', loop: true })
    expect(endless.args.slice(-5)).toEqual(['-re', '-stream_loop', '-1', ...input.args.slice(-2)])
  })

  it.each([
    'hls',
    'dash',
    'concat',
    'concatf',
    'image2',
    'png_pipe',
    'svg_pipe',
    'lavfi',
    'tty',
    'sdp',
    'rtsp',
  ])('opens no file that is %s', (format) => {
    expect(optionsOf(clipInput())['-format_whitelist']!.split(',')).not.toContain(format)
  })

  it('bounds pictures, allocations, streams and threads of every source', () => {
    for (const config of [
      { kind: 'rtsp', url: URL, transport: 'tcp' },
      { kind: 'mjpeg', url: 'http://camera' },
      { kind: 'device', path: '/dev/video0' },
      CLIP,
    ] as const) {
      expect(optionsOf(ffmpegInput(config))).toMatchObject({
        '-max_pixels': '16777216',
        '-max_alloc': config.kind === 'file' ? '268435456' : '67108864',
        '-max_streams': '16',
        '-threads': '2',
      })
    }
  })

  it.each([
    "rtsp://camera/it's",
    "rtsp://camera/'\nfile '/etc/passwd'\n",
    'rtsp://camera/\\',
    'rtsp://camera/$(id) #x',
  ])('quotes the address %j', (url) => {
    const { script } = ffmpegInput({ kind: 'rtsp', url, transport: 'tcp' })
    // av_get_token of libavutil: quotes hold everything but a quote, which stands behind a backslash.
    const [, quoted] = /^ffconcat version 1\.0\nfile ('.*')\noption rtsp/s.exec(script!)!
    expect(quoted!.replaceAll(/'([^']*)'|\\(.)/gs, '$1$2')).toBe(url)
  })
})

describe('ffmpegArguments', () => {
  const filtersOf = (args: readonly string[]) => args[args.indexOf('-vf') + 1]
  const fit = "scale='min(1920,iw)':'min(1920,ih)':force_original_aspect_ratio=decrease"

  it.each([
    [5, '0.180'],
    [0.5, '1.800'],
    [30, '0.030'],
  ])('takes %d frames a second of a camera as they come', (fps, apart) => {
    const args = ffmpegArguments(ffmpegInput({ kind: 'mjpeg', url: 'http://camera' }), fps)
    const since = 't-prev_selected_t'
    expect(filtersOf(args)).toBe(
      'settb=1/1000,setpts=RTCTIME/1000,' +
        `select='isnan(prev_selected_t)+gte(${since},${apart})+lt(${since},0)',${fit}`,
    )
    expect(args.slice(args.indexOf('-i') + 2).slice(0, 5)).toEqual([
      '-map',
      '0:v:0',
      '-an',
      '-sn',
      '-dn',
    ])
    expect(args.slice(-9)).toEqual(
      '-c:v ppm -pix_fmt rgb24 -f image2pipe -flush_packets 1 pipe:1'.split(' '),
    )
  })

  it('counts the frames of a file in its own time, with no gap longer than a minute', () => {
    expect(filtersOf(ffmpegArguments(clipInput(), 5))).toBe(
      "settb=1/1000,setpts='if(isnan(PREV_OUTPTS),if(isnan(PTS),0,clip(PTS,0,60000)),PREV_OUTPTS+clip(PTS-PREV_INPTS,0,60000))'," +
        `fps=5,${fit}`,
    )
  })

  it.each([
    '-version',
    '--help',
    '-i /etc/passwd',
    'a b.mp4',
    'pipe:0',
    'concat:a|b',
    'http://elsewhere/a.mp4',
    '%d.jpg',
    `"'$(id)\`;&|`,
    'ümläut\n.mp4',
  ])('takes the path "%s" for a file and nothing else', (path) => {
    const expected = ffmpegArguments(clipInput({ path: 'x' }), 5).map((arg) =>
      arg === 'file:x' ? `file:${path}` : arg,
    )
    expect(ffmpegArguments(clipInput({ path }), 5)).toEqual(expected)
  })

  it.each([
    ['{ kind: rtsp, url: -rtsp://camera }'],
    ['{ kind: rtsp, url: "file:///etc/passwd" }'],
    ['{ kind: rtsp, url: "rtsp://camera\\nfile /etc/passwd" }'],
    ['{ kind: rtsp, url: "-i" }'],
    ['{ kind: mjpeg, url: "-version" }'],
    ['{ kind: mjpeg, url: "file:///etc/passwd" }'],
    ['{ kind: mjpeg, url: "concat:http://a" }'],
    ['{ kind: mjpeg, url: "http://a\\r\\n" }'],
    ['{ kind: device, path: "-version" }'],
    ['{ kind: device, path: "dev/video0" }'],
    ['{ kind: device, path: /dev/video0, size: "-1x1" }'],
    ['{ kind: device, path: /dev/video0, size: "1x1 -i /etc/passwd" }'],
    ['{ kind: rtsp, url: "rtsp://camera", transport: "tcp -i" }'],
  ])('is never reached by the source %s', (source) => {
    const text = `server: { host: hub }\ncredentials: c\ncameras: { gate: { source: ${source} } }`
    thrownBy(() => parseAgentConfig(text, 'agent.yaml'), ConfigFault)
  })

  it('has one input, whatever a configuration says', () => {
    for (const source of [
      'rtsp://camera/a -i /etc/passwd',
      'http://camera/ -f null',
      '/dev/video0 -f null',
      '-i.mp4',
    ]) {
      const text = `server: { host: hub }\ncredentials: c\ncameras: { gate: ${JSON.stringify(source)} }`
      const { gate } = parseAgentConfig(text, '/etc/agent.yaml').cameras
      const args = ffmpegArguments(ffmpegInput(gate!.source as FfmpegSourceConfig), 5)
      expect(args.filter((arg) => arg === '-i')).toHaveLength(1)
      expect(args[args.indexOf('-i') + 1]).toMatch(/^(pipe:0$|\/dev\/|file:\/)/)
    }
  })
})

describe('findFfmpeg', () => {
  it('finds the first program of that name on the path', async () => {
    await using folder = await TemporaryFolder.make()
    const [noProgram, aFolder, first, second] = ['1', '2', '3', '4'].map((n) =>
      join(folder.path, n),
    )
    for (const each of [noProgram!, join(aFolder!, 'ffmpeg'), first!, second!]) {
      await mkdir(each, { recursive: true })
    }
    for (const each of [noProgram!, first!, second!]) await writeFile(join(each, 'ffmpeg'), '')
    for (const each of [first!, second!]) await chmod(join(each, 'ffmpeg'), 0o755)
    const path = ['/nonexistent', noProgram, aFolder, first, second].join(delimiter)
    expect(findFfmpeg(path)).toBe(join(first!, 'ffmpeg'))
  })

  it('says what to do when there is none', () => {
    const fault = thrownBy(() => findFfmpeg('/nonexistent'), Unavailable)
    expect(fault.code).toBe('camera.ffmpeg-missing')
    expect(fault.hint).toContain('apt-get install ffmpeg')
  })
})
