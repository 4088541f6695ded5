import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { duration, parseConfig, size } from '@vedette/shared/config'
import { ConfigFault } from '@vedette/shared/errors'
import { isName } from '@vedette/shared/identity'
import { metricsConfig } from '@vedette/shared/metrics-pages'
import { placement } from '@vedette/shared/place'
import { z } from 'zod'
import { maskedPart } from './camera/mask.ts'

/** Frames a second that can be asked for. */
export const MOST_FPS = 30
const METRICS_PORT = 9744
/** As many as a hello carries. */
export const MOST_CAMERAS = 64

const name = z.string().refine(isName, 'expected lower-case letters, digits and inner hyphens')
const share = z.number().min(0).max(1)

const rtsp = z.strictObject({
  kind: z.literal('rtsp'),
  url: z.string().regex(/^rtsps?:\/\/\P{Cc}+$/u, 'expected rtsp:// or rtsps://'),
  transport: z.enum(['tcp', 'udp']).default('tcp'),
})
const mjpeg = z.strictObject({
  kind: z.literal('mjpeg'),
  url: z.string().regex(/^https?:\/\/\P{Cc}+$/u, 'expected http:// or https://'),
})
const device = z.strictObject({
  kind: z.literal('device'),
  path: z.string().regex(/^\//, 'expected a device such as /dev/video0'),
  size: z
    .string()
    .regex(/^\d+x\d+$/, 'expected WIDTHxHEIGHT')
    .optional(),
})
const file = z.strictObject({
  kind: z.literal('file'),
  path: z.string().min(1),
  /** `realtime` plays as a camera would show it, `fast` looks at every frame as soon as it can. */
  pace: z.enum(['realtime', 'fast']).default('realtime'),
  loop: z.boolean().default(false),
})
const folder = z.strictObject({
  kind: z.literal('folder'),
  path: z.string().min(1),
  /** Pause between pictures; none looks at each as soon as it can. */
  every: duration.optional(),
})
const snapshot = z.strictObject({
  kind: z.literal('snapshot'),
  /** As the snapshot program names it: /dev/video0 for fswebcam. A shell sees it. */
  device: z
    .string()
    .regex(/^[\w/.:]+(?:[ -][\w/.:]+)*$/, 'expected a plain name such as /dev/video0')
    .optional(),
  every: duration.default(1000),
})

const sources = z.discriminatedUnion('kind', [rtsp, mjpeg, device, file, folder, snapshot])

/** `rtsp://…`, `http://…`, `/dev/video0`, `snapshot:`, `folder/` or a video file, as a source. */
const source = z.preprocess((value) => {
  if (typeof value !== 'string') return value
  if (/^rtsps?:/.test(value)) return { kind: 'rtsp', url: value }
  if (/^https?:/.test(value)) return { kind: 'mjpeg', url: value }
  if (value.startsWith('/dev/')) return { kind: 'device', path: value }
  const [, camera] = /^snapshot:(.*)$/.exec(value) ?? []
  if (camera !== undefined) return { kind: 'snapshot', ...(camera && { device: camera }) }
  return value.endsWith('/') ? { kind: 'folder', path: value } : { kind: 'file', path: value }
}, sources)

const detect = z.strictObject({
  /** Frames looked at in a second, at most. */
  fps: z.number().positive().max(MOST_FPS).default(5),
  /** Longer side of the picture as the detector sees it, pixels; larger finds smaller faces. */
  input: z.number().int().min(96).max(1280).multipleOf(32).default(416),
  /** Now and then the picture is looked at closer, for small faces, and from afar, for large ones. */
  sweep: z
    .strictObject({
      every: duration.default(1000),
      /** Enlarges the picture by this much for the closer look. */
      zoom: z.number().min(0.25).max(4).default(2),
      /** Longer side of the closer look, pixels, at most. */
      most: z.number().int().min(96).max(3840).default(1920),
    })
    .prefault({}),
  /** A detection below this never starts a track. */
  minScore: share.default(0.45),
})

const motion = z.strictObject({
  /** Off: every frame is looked at. */
  enabled: z.boolean().default(true),
  /** Change of brightness that counts, 0 … 255. */
  threshold: z.number().min(1).max(255).default(10),
  /** Share of the picture that must change. */
  area: share.default(0.004),
  /** A still scene is looked at all the same once in this time. */
  refresh: duration.default(5000),
})

const ask = z.strictObject({
  /** Chips of lower quality are never asked about. */
  minQuality: share.default(0.1),
  /** A track asks again at once when a chip is better than the best one asked by this share. */
  better: z.number().min(0).max(10).default(0.1),
  /** A chip that is not better, but not much worse, is asked about this long after the last one. */
  again: duration.default(400),
  /** Questions per track, at most. */
  most: z.number().int().min(1).max(50).default(6),
})

const health = z.strictObject({
  /** Off: nobody is told when the camera is covered, moved, dark, out of focus or frozen. */
  enabled: z.boolean().default(true),
  /** A trouble is told when it has stood for this long. */
  after: duration.default(6000),
  /** Pictures alike to the last bit for this long are a frozen camera. */
  frozen: duration.default(8000),
  /** No frame for this long is a silent camera. */
  silent: duration.default(8000),
})

const settings = z.strictObject({
  source,
  detect: detect.prefault({}),
  motion: motion.prefault({}),
  ask: ask.prefault({}),
  health: health.prefault({}),
  /** What is there is blackened before anybody looks: no face is found there, and none is shown. */
  mask: z.array(maskedPart).max(32).default([]),
  /** Where it stands; the server is told. */
  place: placement.optional(),
  /** No frame for this long: the source is opened anew. */
  stall: duration.default(10_000),
})

/** A bare source is a camera with every setting left as it is. */
const camera = z.preprocess(
  (value) => (typeof value === 'string' ? { source: value } : value),
  settings,
)

const ffmpeg = z.strictObject({
  /** Under bubblewrap: where that can be, else without (`auto`); or not at all; or never. */
  jail: z.enum(['auto', 'always', 'never']).default('auto'),
  /** Address space of one ffmpeg, its libraries included (a third of a gigabyte). */
  memory: size.default(768_000_000),
  /** The program, where it is not the first on the path. */
  path: z.string().regex(/^\//, 'expected an absolute path').optional(),
})

const schema = z.strictObject({
  server: z.strictObject({
    host: z.string().min(1),
    port: z.number().int().min(1).max(65535).default(7443),
    /** Name in the server's certificate; any server of this deployment if left out. */
    name: name.optional(),
  }),
  /** Folder with chain.pem, key.pem and roots.pem. */
  credentials: z.string().min(1),
  cameras: z
    .record(name, camera)
    .refine((all) => Object.keys(all).length > 0, 'name at least one camera')
    .refine((all) => Object.keys(all).length <= MOST_CAMERAS, `at most ${MOST_CAMERAS} cameras`),
  models: z
    .strictObject({
      runtime: z.enum(['auto', 'onnx', 'tfjs']).default('auto'),
      threads: z.number().int().min(1).max(64).default(1),
      detector: z.string().default('tiny-face-detector'),
      /** Folder of installed models, and of those that the server sends. */
      folder: z.string().default('models'),
    })
    .prefault({}),
  /** How ffmpeg is run, which reads what cameras send. */
  ffmpeg: ffmpeg.prefault({}),
  /** Where figures are served: /metrics, /healthz, /readyz. */
  metrics: metricsConfig(METRICS_PORT),
  /** Folder of what must survive a restart. */
  state: z.string().min(1).default('state'),
  /** What the server has not taken waits here; beyond these the oldest is dropped. */
  outbox: z
    .strictObject({ size: size.default(64_000_000), age: duration.default(86_400_000) })
    .prefault({}),
  /** File with the key that seals what waits, as systemd loads it; one in `state` if left out. */
  outboxKey: z.string().min(1).optional(),
  /** Off: nobody at the server is shown what the cameras see, whoever asks. */
  live: z.enum(['on', 'off']).default('on'),
  /** Ask the server to have alerts announced here; it must allow it too. */
  announce: z.boolean().default(false),
  log: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
})

export type AgentConfig = z.output<typeof schema>
export type CameraConfig = AgentConfig['cameras'][string]
export type FfmpegConfig = AgentConfig['ffmpeg']
export type SourceConfig = CameraConfig['source']

/** Parses YAML; paths are taken from the folder of `file`. Throws ConfigFault. */
export function parseAgentConfig(text: string, file: string): AgentConfig {
  const config = parseConfig(text, schema, file)
  const base = dirname(file)
  return {
    ...config,
    credentials: resolve(base, config.credentials),
    state: resolve(base, config.state),
    ...(config.outboxKey && { outboxKey: resolve(base, config.outboxKey) }),
    models: { ...config.models, folder: resolve(base, config.models.folder) },
    cameras: Object.fromEntries(
      Object.entries(config.cameras).map(([key, value]) => [
        key,
        { ...value, source: resolvePath(value.source, base) },
      ]),
    ),
  }
}

/** How ffmpeg is run where nobody says otherwise. */
export const DEFAULT_FFMPEG: FfmpegConfig = ffmpeg.parse({})

/** A camera that shows the video `path` once, each of `fps` frames a second as soon as it can. */
export function clipCamera(path: string, fps: number): CameraConfig {
  return settings.parse({ source: { kind: 'file', path, pace: 'fast' }, detect: { fps } })
}

/** Throws ConfigFault where the file cannot be read or used. */
export async function readAgentConfig(file: string): Promise<AgentConfig> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new ConfigFault('config.unreadable', `cannot read ${file}: ${cause.message}`, {
      cause,
      hint: 'name the configuration with --config FILE',
    })
  })
  return parseAgentConfig(text, file)
}

function resolvePath(of: SourceConfig, base: string): SourceConfig {
  if (of.kind === 'file' || of.kind === 'folder') return { ...of, path: resolve(base, of.path) }
  return of
}
