import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAgentConfig, readAgentConfig, type SourceConfig } from '@vedette/agent/config'
import { ConfigFault } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { rejectionOf, thrownBy } from '../support/thrown.ts'

const HEAD = 'server: { host: hub.example }\ncredentials: credentials\n'

/** A whole configuration with these cameras, as YAML of one line. */
const withCameras = (cameras: string) => `${HEAD}cameras: ${cameras}\n`

const parse = (text: string) => parseAgentConfig(text, '/etc/vedette/agent.yaml')

const sourceOf = (source: string) => parse(withCameras(`{ gate: ${source} }`)).cameras.gate!.source

/** What is complained of in `text`, a complaint an item, without the file's name. */
function complaints(text: string): string[] {
  const { message, code } = thrownBy(() => parse(text), ConfigFault)
  expect(['config.invalid', 'config.syntax']).toContain(code)
  return message.split('\n').map((line) => line.replace('/etc/vedette/agent.yaml:', ''))
}

describe('a source in one word', () => {
  it.each<[string, SourceConfig]>([
    ['rtsp://10.0.0.8/live', { kind: 'rtsp', url: 'rtsp://10.0.0.8/live', transport: 'tcp' }],
    ['rtsps://a:b@cam/1?x=y', { kind: 'rtsp', url: 'rtsps://a:b@cam/1?x=y', transport: 'tcp' }],
    ['http://cam/video.mjpg', { kind: 'mjpeg', url: 'http://cam/video.mjpg' }],
    ['https://cam/video.mjpg', { kind: 'mjpeg', url: 'https://cam/video.mjpg' }],
    ['/dev/video0', { kind: 'device', path: '/dev/video0' }],
    ['"snapshot:"', { kind: 'snapshot', every: 1000 }],
    ['snapshot:/dev/video1', { kind: 'snapshot', device: '/dev/video1', every: 1000 }],
    ['/srv/photos/', { kind: 'folder', path: '/srv/photos' }],
    ['photos/', { kind: 'folder', path: '/etc/vedette/photos' }],
    ['/srv/clip.mp4', { kind: 'file', path: '/srv/clip.mp4', pace: 'realtime', loop: false }],
    [
      'clips/gate.mp4',
      { kind: 'file', path: '/etc/vedette/clips/gate.mp4', pace: 'realtime', loop: false },
    ],
    ['../clip.mp4', { kind: 'file', path: '/etc/clip.mp4', pace: 'realtime', loop: false }],
  ])('%s', (word, expected) => {
    expect(sourceOf(word)).toEqual(expected)
    expect(sourceOf(`{ source: ${word} }`)).toEqual(expected)
  })
})

describe('a source in full', () => {
  it.each<[string, SourceConfig]>([
    [
      '{ kind: rtsp, url: "rtsp://cam/1", transport: udp }',
      { kind: 'rtsp', url: 'rtsp://cam/1', transport: 'udp' },
    ],
    ['{ kind: mjpeg, url: "http://cam/1" }', { kind: 'mjpeg', url: 'http://cam/1' }],
    [
      '{ kind: device, path: /dev/video0, size: 1280x720 }',
      { kind: 'device', path: '/dev/video0', size: '1280x720' },
    ],
    [
      '{ kind: file, path: a.mp4, pace: fast, loop: true }',
      { kind: 'file', path: '/etc/vedette/a.mp4', pace: 'fast', loop: true },
    ],
    [
      '{ kind: folder, path: a, every: 2s }',
      { kind: 'folder', path: '/etc/vedette/a', every: 2000 },
    ],
    ['{ kind: snapshot, every: 500ms }', { kind: 'snapshot', every: 500 }],
    [
      '{ kind: snapshot, device: FaceTime HD Camera }',
      { kind: 'snapshot', device: 'FaceTime HD Camera', every: 1000 },
    ],
    [
      '{ kind: snapshot, device: /dev/v4l/by-id/usb-046d_C920-video-index0 }',
      { kind: 'snapshot', device: '/dev/v4l/by-id/usb-046d_C920-video-index0', every: 1000 },
    ],
  ])('%s', (text, expected) => {
    expect(sourceOf(`{ source: ${text} }`)).toEqual(expected)
  })
})

describe('parseAgentConfig', () => {
  it('fills in what is left out', () => {
    expect(parse(withCameras('{ gate: /dev/video0 }'))).toEqual({
      server: { host: 'hub.example', port: 7443 },
      credentials: '/etc/vedette/credentials',
      cameras: {
        gate: {
          source: { kind: 'device', path: '/dev/video0' },
          detect: {
            fps: 5,
            input: 416,
            sweep: { every: 1000, zoom: 2, most: 1920 },
            minScore: 0.45,
          },
          motion: { enabled: true, threshold: 10, area: 0.004, refresh: 5000 },
          ask: { minQuality: 0.1, better: 0.1, again: 400, most: 6 },
          health: { enabled: true, after: 6000, frozen: 8000, silent: 8000 },
          mask: [],
          stall: 10_000,
        },
      },
      models: {
        runtime: 'auto',
        threads: 1,
        detector: 'tiny-face-detector',
        folder: '/etc/vedette/models',
      },
      ffmpeg: { jail: 'auto', memory: 768_000_000 },
      metrics: { enabled: true, host: '127.0.0.1', port: 9744 },
      state: '/etc/vedette/state',
      outbox: { size: 64_000_000, age: 86_400_000 },
      announce: false,
      live: 'on',
      log: 'info',
    })
  })

  it('takes where the outbox lives, how large and how old it may get, and its key', () => {
    const outbox = 'state: /var/lib/vedette\noutbox: { size: 1.5GB, age: 90m }\noutboxKey: a/key\n'
    expect(parse(withCameras('{ gate: /dev/video0 }') + outbox)).toMatchObject({
      state: '/var/lib/vedette',
      outbox: { size: 1_500_000_000, age: 5_400_000 },
      outboxKey: '/etc/vedette/a/key',
    })
  })

  it.each(['64', '64 MB', '64MiB', '-1MB', 'MB', '1e3MB'])('takes no %j for a size', (size) => {
    const text = `${withCameras('{ gate: /dev/video0 }')}outbox: { size: "${size}" }\n`
    expect(complaints(text)).toEqual([
      expect.stringContaining('outbox.size: expected a size such as 500KB, 64MB, 1GB'),
    ])
  })

  it('fills in the rest of a group of which one thing is said', () => {
    const { gate } = parse(
      withCameras('{ gate: { source: a.mp4, detect: { sweep: { zoom: 1 } }, stall: 2m } }'),
    ).cameras
    expect(gate!.detect).toMatchObject({ fps: 5, sweep: { every: 1000, zoom: 1, most: 1920 } })
    expect(gate!.stall).toBe(120_000)
  })

  it('takes paths from the folder of the file, wherever the program runs', () => {
    const text = withCameras('{ a: clip.mp4, b: photos/, c: /dev/video0 }')
    const config = parseAgentConfig(text, '/srv/x/agent.yaml')
    expect(config.credentials).toBe('/srv/x/credentials')
    expect(config.cameras.a!.source).toMatchObject({ path: '/srv/x/clip.mp4' })
    expect(config.cameras.b!.source).toMatchObject({ path: '/srv/x/photos' })
    expect(config.cameras.c!.source).toMatchObject({ path: '/dev/video0' })
  })

  it('leaves an absolute path to the credentials as it is', () => {
    const text = withCameras('{ a: /dev/video0 }').replace('credentials\n', '/secret\n')
    expect(parse(text).credentials).toBe('/secret')
  })

  it('takes as many cameras as a hello carries', () => {
    const cameras = Array.from({ length: 64 }, (_, i) => `c${i}: /dev/video${i}`).join(', ')
    expect(Object.keys(parse(withCameras(`{ ${cameras} }`)).cameras)).toHaveLength(64)
  })

  it.each([
    ['a', '{ a: /dev/video0 }'],
    ['63 letters', `{ ${'a'.repeat(63)}: /dev/video0 }`],
    ['digits', '{ 1: /dev/video0, "2": /dev/video1 }'],
    ['inner hyphens', '{ gate-1-north: /dev/video0 }'],
    ['a name that every object has', '{ constructor: /dev/video0 }'],
  ])('takes a camera called %s', (_what, cameras) => {
    expect(Object.keys(parse(withCameras(cameras)).cameras).length).toBeGreaterThan(0)
  })

  it.each<[string, string, string[]]>([
    ['no cameras', `${HEAD}cameras: {}\n`, ['3:10: cameras: name at least one camera']],
    [
      'too many cameras',
      withCameras(`{ ${Array.from({ length: 65 }, (_, i) => `c${i}: a`).join(', ')} }`),
      ['3:10: cameras: at most 64 cameras'],
    ],
    [
      'nothing at all',
      '',
      ['server', 'credentials', 'cameras'].map((key) => expect.stringMatching(`^1:1: ${key}: `)),
    ],
    [
      'a list in place of the file',
      '- a\n- b\n',
      [expect.stringMatching(/^1:1: file: .*expected object/)],
    ],
    [
      'a camera without a source',
      `${HEAD}cameras:\n  gate:\n    stall: 5s\n`,
      [expect.stringMatching(/^5:5: cameras\.gate\.source: /)],
    ],
    [
      'a source of no kind',
      `${HEAD}cameras:\n  gate:\n    source: { kind: webcam }\n`,
      [expect.stringMatching(/^5:21: cameras\.gate\.source\.kind: /)],
    ],
    [
      'an empty source',
      withCameras('{ gate: "" }'),
      [expect.stringMatching(/^3:18: cameras\.gate\.source\.path: /)],
    ],
    [
      'an address of the wrong kind',
      `${HEAD}cameras:\n  gate:\n    source:\n      kind: rtsp\n      url: http://cam\n`,
      ['7:12: cameras.gate.source.url: expected rtsp:// or rtsps://'],
    ],
    [
      'an address cut short',
      withCameras('{ gate: "rtsp:cam" }'),
      ['3:18: cameras.gate.source.url: expected rtsp:// or rtsps://'],
    ],
    [
      'a size that is none',
      withCameras('{ gate: { source: { kind: device, path: /dev/video0, size: big } } }'),
      ['3:69: cameras.gate.source.size: expected WIDTHxHEIGHT'],
    ],
    [
      'a duration without a unit',
      withCameras('{ gate: { source: a.mp4, stall: 5 } }'),
      [expect.stringMatching(/^3:42: cameras\.gate\.stall: /)],
    ],
    [
      'a duration in a unit of its own',
      withCameras('{ gate: { source: a.mp4, stall: 5 parsecs } }'),
      ['3:42: cameras.gate.stall: expected a duration such as 500ms, 5s, 2m, 1h, 30d'],
    ],
    [
      'a name with a capital',
      `${HEAD}cameras:\n  Gate: /dev/video0\n`,
      ['4:3: cameras.Gate: expected lower-case letters, digits and inner hyphens'],
    ],
    [
      'an unknown key at the top',
      `${HEAD}camera: { gate: a.mp4 }\ncameras: { gate: a.mp4 }\n`,
      ['3:1: camera: unknown key'],
    ],
    [
      'an unknown key in a camera',
      `${HEAD}cameras:\n  gate:\n    source: a.mp4\n    fps: 5\n`,
      ['6:5: cameras.gate.fps: unknown key'],
    ],
    [
      'an unknown key in a source',
      withCameras('{ gate: { source: { kind: file, path: a.mp4, speed: 2 } } }'),
      ['3:55: cameras.gate.source.speed: unknown key'],
    ],
    [
      'several mistakes at once',
      `server: { host: "", port: 70000, tls: off }\ncredentials: c\ncameras: { gate: a.mp4 }\nlog: loud\n`,
      [
        expect.stringMatching(/^1:17: server\.host: /),
        expect.stringMatching(/^1:27: server\.port: /),
        '1:34: server.tls: unknown key',
        expect.stringMatching(/^4:6: log: /),
      ],
    ],
    [
      'a server name that no certificate can carry',
      `server: { host: hub, name: Hub_1 }\ncredentials: c\ncameras: { gate: a.mp4 }\n`,
      ['1:28: server.name: expected lower-case letters, digits and inner hyphens'],
    ],
    ['text that is not YAML', `${HEAD}cameras: { gate: a.mp4\n`, [expect.stringMatching(/^4:1: /)]],
    [
      'a key given twice',
      `${HEAD}log: info\nlog: debug\ncameras: { gate: a.mp4 }\n`,
      [expect.stringMatching(/^4:1: Map keys must be unique/)],
    ],
  ])('complains of %s, and says where', (_what, text, expected) => {
    expect(complaints(text)).toEqual(expected)
  })

  it.each(
    [['', 'a_b', 'a b', '-a', 'a-', 'ä', 'a.b', '../a', 'a/b', 'a'.repeat(64), '__proto__']].flat(),
  )('takes no camera called "%s"', (name) => {
    const text = withCameras(`{ ${JSON.stringify(name)}: /dev/video0 }`)
    expect(complaints(text).join()).toContain('cameras')
  })

  it.each([
    'detect: { fps: 0 }',
    'detect: { fps: 31 }',
    'detect: { input: 400 }',
    'detect: { input: 64 }',
    'detect: { minScore: 1.1 }',
    'detect: { sweep: { zoom: 0 } }',
    'detect: { sweep: { most: 4000 } }',
    'motion: { threshold: 0 }',
    'motion: { area: -0.1 }',
    'motion: { enabled: sometimes }',
    'ask: { minQuality: 2 }',
    'ask: { better: -1 }',
    'ask: { again: 400 }',
    'ask: { most: 0 }',
    'ask: { most: 1.5 }',
    'health: { after: 6 }',
    'health: { never: true }',
    'stall: never',
  ])('takes no camera with %s', (setting) => {
    const text = `${HEAD}cameras:\n  gate:\n    source: a.mp4\n    ${setting}\n`
    expect(complaints(text)).toEqual([expect.stringMatching(/^6:\d+: cameras\.gate\./)])
  })

  it.each([
    '/dev/video0; reboot',
    '/dev/video0 --exec reboot',
    '$(reboot)',
    '`reboot`',
    '-d',
    '--exec',
    "a'b",
    'a"b',
    'a|b',
    'a & b',
    'a\nb',
    'a > b',
    '/dev/video0\\',
    ' ',
    '',
  ])('takes no snapshot from %j: a shell would see it', (device) => {
    const source = `{ kind: snapshot, device: ${JSON.stringify(device)} }`
    expect(complaints(withCameras(`{ gate: { source: ${source} } }`))).toEqual([
      '3:54: cameras.gate.source.device: expected a plain name such as /dev/video0',
    ])
  })

  it('never repeats a password in a complaint', () => {
    const text = withCameras('{ gate: { source: { kind: rtsp, url: "http://a:s3cret@cam" } } }')
    expect(complaints(text).join()).not.toContain('s3cret')
  })
})

describe('readAgentConfig', () => {
  it('reads a file', async () => {
    await using folder = await TemporaryFolder.make()
    const file = join(folder.path, 'agent.yaml')
    await writeFile(file, withCameras('{ gate: clip.mp4 }'))
    const config = await readAgentConfig(file)
    expect(config.cameras.gate!.source).toMatchObject({ path: join(folder.path, 'clip.mp4') })
  })

  it.each(['/nonexistent/agent.yaml', '/'])('says that it cannot read %s', async (file) => {
    const fault = await rejectionOf(readAgentConfig(file), ConfigFault)
    expect(fault.code).toBe('config.unreadable')
    expect(fault.message).toContain(`cannot read ${file}`)
    expect(fault.hint).toContain('--config')
  })
})
