import type { Detection } from '@vedette/models/detection'
import type { Box } from '@vedette/models/geometry'

/** How far a face may be from where it was expected, in face sizes, to be the same. */
const REACH = 1.1
/** The reach grows by this many face sizes for each second unseen. */
const REACH_PER_SECOND = 0.8
/** The most that a face's size may change between two looks, as a factor. */
const MOST_GROWTH = 1.9
/** A track unseen for this long is over, milliseconds. */
const LOST_AFTER_MS = 2000
/** How much of a newly seen speed is believed. */
const SPEED_TRUST = 0.5

/** One face followed over frames: one walk past the camera. */
export type Track = {
  id: string
  box: Box
  /** Movement of the centre, pixels per second. */
  speed: { x: number; y: number }
  readonly firstSeen: number
  lastSeen: number
  /** Frames in which it was seen. */
  sightings: number
}

export type TrackedDetection = { track: Track; detection: Detection }

/** Follows faces from frame to frame by place, size and speed. */
export class Tracker {
  readonly #newId: () => string
  readonly #minScore: number
  #tracks: Track[] = []
  /** When it last heard of the scene. */
  #at = Number.NEGATIVE_INFINITY

  /** `minScore`: surer detections may start a track, others only go on with one. */
  constructor(options: { newId: () => string; minScore: number }) {
    this.#newId = options.newId
    this.#minScore = options.minScore
  }

  /** Tracks that are not over yet. */
  get tracks(): readonly Track[] {
    return this.#tracks
  }

  /** Those that were seen in the frame it heard of last. */
  get present(): readonly Track[] {
    return this.#tracks.filter(({ lastSeen }) => lastSeen === this.#at)
  }

  /** Nothing moved until `at`: every face that was there still is, and who was gone stays gone. */
  hold(at: number): void {
    for (const track of this.#tracks) if (track.lastSeen === this.#at) track.lastSeen = at
    this.#letGo(at)
  }

  /** What `track` follows is somebody else from here on. */
  renew(track: Track): void {
    track.id = this.#newId()
  }

  /** Assigns each detection of the frame at scene time `at` (milliseconds) to a track. */
  update(detections: readonly Detection[], at: number): TrackedDetection[] {
    this.#letGo(at)
    const pairs = this.#tracks.flatMap((track) =>
      detections.map((detection) => ({ track, detection, cost: cost(track, detection.box, at) })),
    )
    const assigned = new Map<Detection, Track>()
    const taken = new Set<Track>()
    for (const { track, detection, cost: price } of pairs.toSorted((p, q) => p.cost - q.cost)) {
      if (price > 1) break
      if (taken.has(track) || assigned.has(detection)) continue
      assigned.set(detection, track)
      taken.add(track)
      advance(track, detection.box, at)
    }
    for (const detection of detections) {
      if (assigned.has(detection) || detection.score < this.#minScore) continue
      assigned.set(detection, this.#start(detection.box, at))
    }
    return [...assigned].map(([detection, track]) => ({ track, detection }))
  }

  #letGo(at: number): void {
    this.#tracks = this.#tracks.filter(({ lastSeen }) => at - lastSeen <= LOST_AFTER_MS)
    this.#at = at
  }

  #start(box: Box, at: number): Track {
    const track: Track = {
      id: this.#newId(),
      box,
      speed: { x: 0, y: 0 },
      firstSeen: at,
      lastSeen: at,
      sightings: 1,
    }
    this.#tracks.push(track)
    return track
  }
}

/** How unlikely it is that `box` goes on with `track`; above 1 it does not. */
function cost(track: Track, box: Box, at: number): number {
  const seconds = (at - track.lastSeen) / 1000
  const [from, to] = [centre(track.box), centre(box)]
  const away = Math.hypot(
    to.x - from.x - track.speed.x * seconds,
    to.y - from.y - track.speed.y * seconds,
  )
  const [before, now] = [size(track.box), size(box)]
  const reach = (REACH + REACH_PER_SECOND * seconds) * ((before + now) / 2)
  const growth = Math.abs(Math.log(now / before)) / Math.log(MOST_GROWTH)
  return Math.max(away / reach, growth)
}

function advance(track: Track, box: Box, at: number): void {
  const seconds = Math.max(0.001, (at - track.lastSeen) / 1000)
  const [from, to] = [centre(track.box), centre(box)]
  track.speed.x += SPEED_TRUST * ((to.x - from.x) / seconds - track.speed.x)
  track.speed.y += SPEED_TRUST * ((to.y - from.y) / seconds - track.speed.y)
  track.box = box
  track.lastSeen = at
  track.sightings++
}

function centre({ x, y, width, height }: Box) {
  return { x: x + width / 2, y: y + height / 2 }
}

function size({ width, height }: Box): number {
  return Math.sqrt(width * height)
}
