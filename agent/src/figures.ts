import { countExpiry } from '@vedette/shared/certificate-age'
import type { Clock } from '@vedette/shared/clock'
import type { Metrics } from '@vedette/shared/metrics'
import { Counter, Gauge, Histogram } from 'prom-client'
import type { LookoutCounts } from './lookout/lookout.ts'
import { Rate } from './rate.ts'
import { UPLINK_STATES, type UplinkState } from './uplink/state.ts'

export type FiguresOptions = {
  clock: Clock
  /** What each camera has counted so far. */
  counts: () => Readonly<Record<string, LookoutCounts>>
  uplink: () => UplinkState
  /** The agent's certificates, PEM, its own first. */
  chain: () => string
  /** Names what finds the faces. */
  detector: string
}

/** A detection weighs as much as this in the mean of the detector's time. */
const SHARE = 0.05
const DETECTION_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2]

/**
 * An agent's figures. Those that Frigate has, too, are called as there, with `vedette_` in front, so
 * that boards and rules made for it are soon at home here.
 */
export class Figures {
  readonly #up: Gauge<'camera_name'>
  readonly #lost: Counter<'camera_name' | 'code'>
  readonly #detection: Histogram
  readonly #speed: Gauge<'name'>
  readonly #detector: string
  #mean: number | undefined

  constructor(metrics: Metrics, options: FiguresOptions) {
    const registers = [metrics]
    this.#detector = options.detector
    this.#up = new Gauge({
      name: 'vedette_camera_up',
      help: '1 while the camera gives pictures.',
      labelNames: ['camera_name'],
      registers,
    })
    this.#lost = new Counter({
      name: 'vedette_camera_lost_total',
      help: 'How often a camera was lost, and why.',
      labelNames: ['camera_name', 'code'],
      registers,
    })
    this.#detection = new Histogram({
      name: 'vedette_detection_duration_seconds',
      help: 'Time to find the faces in a picture, looks from near and from afar included.',
      buckets: DETECTION_BUCKETS,
      registers,
    })
    this.#speed = new Gauge({
      name: 'vedette_detector_inference_speed_seconds',
      help: 'Time to find the faces in a picture, mean of the last ones.',
      labelNames: ['name'],
      registers,
    })
    countFrames(metrics, options)
    countSeen(metrics, options)
    new Gauge({
      name: 'vedette_uplink_state',
      help: '1 for the state that the talk with the server is in; open is well.',
      labelNames: ['state'],
      registers,
      collect() {
        const now = options.uplink()
        for (const state of UPLINK_STATES) this.set({ state }, state === now ? 1 : 0)
      },
    })
    countExpiry(metrics, options.chain)
  }

  /** The camera gives pictures. */
  opened(camera: string): void {
    this.#up.set({ camera_name: camera }, 1)
  }

  /** It does not, or not any more. */
  lost(camera: string, code: string): void {
    this.#up.set({ camera_name: camera }, 0)
    this.#lost.inc({ camera_name: camera, code })
  }

  /** It was seen whole, or is not watched any more. */
  ended(camera: string): void {
    this.#up.remove({ camera_name: camera })
  }

  /** The detector looked at a picture. */
  detected(seconds: number): void {
    this.#detection.observe(seconds)
    this.#mean = this.#mean === undefined ? seconds : this.#mean + SHARE * (seconds - this.#mean)
    this.#speed.set({ name: this.#detector }, this.#mean)
  }
}

/** What Frigate shows as frames a second, and the counts that these come of. */
function countFrames(metrics: Metrics, { counts, clock }: FiguresOptions): void {
  const rates = {
    vedette_camera_fps: ['Frames a second that the camera gives.', all],
    vedette_process_fps: ['Frames a second that are taken to be looked at.', taken],
    vedette_skipped_fps: ['Frames a second passed over, as a newer one was there.', skipped],
    vedette_detection_fps: ['Frames a second in which faces are looked for.', looked],
  } as const
  const start = clock.now()
  for (const [name, [help, of]] of Object.entries(rates)) {
    const known = new Map<string, Rate>()
    new Gauge({
      name,
      help,
      labelNames: ['camera_name'],
      registers: [metrics],
      collect() {
        this.reset()
        const now = counts()
        for (const camera of known.keys()) if (!Object.hasOwn(now, camera)) known.delete(camera)
        for (const [camera, its] of Object.entries(now)) {
          const rate = known.get(camera) ?? new Rate(start)
          known.set(camera, rate)
          this.set({ camera_name: camera }, rate.of(of(its), clock.now()))
        }
      },
    })
  }
  new Counter({
    name: 'vedette_frames_total',
    help: 'Frames by what became of them: looked at, still (nothing moved), skipped (a newer one was there).',
    labelNames: ['camera_name', 'outcome'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [camera, its] of Object.entries(counts())) {
        this.inc({ camera_name: camera, outcome: 'looked' }, looked(its))
        this.inc({ camera_name: camera, outcome: 'still' }, its.still)
        this.inc({ camera_name: camera, outcome: 'skipped' }, its.skipped)
      }
    },
  })
}

/** What was seen in the frames. */
function countSeen(metrics: Metrics, { counts }: FiguresOptions): void {
  const columns = {
    vedette_detections_total: ['Faces found in frames.', 'detections'],
    vedette_questions_total: ['Questions to the server about faces.', 'questions'],
  } as const
  for (const [name, [help, column]] of Object.entries(columns)) {
    new Counter({
      name,
      help,
      labelNames: ['camera_name'],
      registers: [metrics],
      collect() {
        this.reset()
        for (const [camera, its] of Object.entries(counts())) {
          this.inc({ camera_name: camera }, its[column])
        }
      },
    })
  }
  new Counter({
    name: 'vedette_camera_events_total',
    help: 'Faces that came by, each followed from frame to frame, since the agent started.',
    labelNames: ['camera', 'label'],
    registers: [metrics],
    collect() {
      this.reset()
      for (const [camera, its] of Object.entries(counts())) {
        this.inc({ camera, label: 'face' }, its.tracks)
      }
    },
  })
}

function all({ frames, skipped }: LookoutCounts): number {
  return frames + skipped
}

function taken({ frames }: LookoutCounts): number {
  return frames
}

function skipped(counts: LookoutCounts): number {
  return counts.skipped
}

function looked({ frames, still }: LookoutCounts): number {
  return frames - still
}
