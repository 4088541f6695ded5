import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { parseAgentConfig } from '@vedette/agent/config'
import {
  type FfmpegSourceConfig,
  ffmpegArguments,
  ffmpegProbeArguments,
  findFfmpeg,
} from '@vedette/agent/sources/ffmpeg'
import { ConfigFault, Unavailable } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { thrownBy } from '../support/thrown.ts'

const LIVE = '-fflags nobuffer -flags low_delay'
const URL = 'rtsp://admin:secret@camera/1'

/** What stands before the name of the input, from where the input begins. */
const INPUTS: [string, FfmpegSourceConfig, string, string][] = [
  [
    'RTSP over TCP',
    { kind: 'rtsp', url: URL, transport: 'tcp' },
    `${LIVE} -rtsp_transport tcp -timeout 8000000`,
    URL,
  ],
  [
    'RTSP over UDP',
    { kind: 'rtsp', url: URL, transport: 'udp' },
    `${LIVE} -rtsp_transport udp -timeout 8000000`,
    URL,
  ],
  [
    'motion JPEG',
    { kind: 'mjpeg', url: 'http://camera/stream' },
    `${LIVE} -use_wallclock_as_timestamps 1 -rw_timeout 8000000`,
    'http://camera/stream',
  ],
  ['a device', { kind: 'device', path: '/dev/video0' }, '-f v4l2', '/dev/video0'],
  [
    'a device at a size',
    { kind: 'device', path: '/dev/video0', size: '1280x720' },
    '-f v4l2 -video_size 1280x720',
    '/dev/video0',
  ],
  [
    'a file as a camera would show it',
    { kind: 'file', path: '/clips/a.mp4', pace: 'realtime', loop: false },
    '-re',
    'file:/clips/a.mp4',
  ],
  [
    'a file as fast as it can be read',
    { kind: 'file', path: '/clips/a.mp4', pace: 'fast', loop: false },
    '',
    'file:/clips/a.mp4',
  ],
  [
    'a file over and over',
    { kind: 'file', path: '/clips/a.mp4', pace: 'realtime', loop: true },
    '-re -stream_loop -1',
    'file:/clips/a.mp4',
  ],
]

/** The arguments up to the input's name, and all behind it. */
function split(args: readonly string[]) {
  const at = args.indexOf('-i')
  return { before: args.slice(0, at).join(' '), input: args[at + 1], after: args.slice(at + 2) }
}

describe('ffmpegArguments', () => {
  it.each(INPUTS)('opens %s', (_what, config, options, name) => {
    const { before, input, after } = split(ffmpegArguments(config, 5))
    expect(before.trim()).toBe(`-hide_banner -nostdin -nostats -loglevel warning ${options}`.trim())
    expect(input).toBe(name)
    expect(after.slice(0, 5)).toEqual(['-map', '0:v:0', '-an', '-sn', '-dn'])
    expect(after.slice(-9)).toEqual(
      '-c:v ppm -pix_fmt rgb24 -f image2pipe -flush_packets 1 pipe:1'.split(' '),
    )
  })

  it.each([5, 0.5, 30])('asks for %d frames a second, no larger than 1920 a side', (fps) => {
    const args = ffmpegArguments(INPUTS[0]![1], fps)
    expect(args[args.indexOf('-vf') + 1]).toBe(
      `fps=${fps},scale='min(1920,iw)':'min(1920,ih)':force_original_aspect_ratio=decrease`,
    )
  })

  it.each(INPUTS)('describes %s by the same input', (_what, config, options, name) => {
    const { before, input, after } = split(ffmpegProbeArguments(config))
    expect(before.trim()).toBe(`-hide_banner -nostdin ${options}`.trim())
    expect(input).toBe(name)
    expect(after).toEqual(['-t', '0', '-f', 'null', '-'])
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
    const config = { kind: 'file', path, pace: 'fast', loop: false } as const
    const plain = { ...config, path: 'x' }
    const expected = ffmpegArguments(plain, 5).map((arg) =>
      arg === 'file:x' ? `file:${path}` : arg,
    )
    expect(ffmpegArguments(config, 5)).toEqual(expected)
  })

  it.each([
    ['{ kind: rtsp, url: -rtsp://camera }'],
    ['{ kind: rtsp, url: "file:///etc/passwd" }'],
    ['{ kind: rtsp, url: "-i" }'],
    ['{ kind: mjpeg, url: "-version" }'],
    ['{ kind: mjpeg, url: "file:///etc/passwd" }'],
    ['{ kind: mjpeg, url: "concat:http://a" }'],
    ['{ kind: device, path: "-version" }'],
    ['{ kind: device, path: "dev/video0" }'],
    ['{ kind: device, path: /dev/video0, size: "-1x1" }'],
    ['{ kind: device, path: /dev/video0, size: "1x1 -i /etc/passwd" }'],
    ['{ kind: rtsp, url: "rtsp://camera", transport: "tcp -i" }'],
  ])('is never reached by the source %s', (source) => {
    const text = `server: { host: hub }\ncredentials: c\ncameras: { gate: { source: ${source} } }`
    thrownBy(() => parseAgentConfig(text, 'agent.yaml'), ConfigFault)
  })

  it('keeps every input that a configuration allows behind -i, and no option among them', () => {
    for (const source of [
      'rtsp://camera/a -i /etc/passwd',
      'http://camera/ -f null',
      '/dev/video0 -f null',
      '-i.mp4',
    ]) {
      const text = `server: { host: hub }\ncredentials: c\ncameras: { gate: ${JSON.stringify(source)} }`
      const { gate } = parseAgentConfig(text, '/etc/agent.yaml').cameras
      const args = ffmpegArguments(gate!.source as FfmpegSourceConfig, 5)
      expect(args.filter((arg) => arg === '-i')).toHaveLength(1)
      expect(args.filter((arg) => arg.endsWith(source))).toHaveLength(1)
      expect(split(args).input).toMatch(/^(rtsp:|http:|\/dev\/|file:\/)/)
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
