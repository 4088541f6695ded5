import type { Clip } from './clip.ts'
import type { Play } from './fake-camera.ts'

/** What a hostile source may use. */
export type Scene = {
  /** Small, and of the colour of hostility. */
  clip: Clip
  /** As the one above, twice as large. */
  large: Clip
  /** A video file of the colour of hostility. */
  video: Buffer
  /** A video of the forbidden colour that nobody may read. */
  canary: string
  /** Another camera, to which a camera may try to lead. */
  elsewhere: { rtsp: string; mjpeg: string }
  /** Its own address. */
  self: string
  /** Uniform in [0, 1), the same on each run. */
  random: () => number
}

/** A broken or hostile source. */
export type Kind = { name: string; pictures?: true } & (
  | { of: 'rtsp' | 'mjpeg'; play: (scene: Scene) => Play }
  /** What is in the file. */
  | { of: 'file'; bytes: (scene: Scene) => Buffer }
  | { of: 'device'; path: string }
  /** What is done to ffmpeg while it shows a good camera. */
  | { of: 'process'; signal: 'SIGSTOP' | 'SIGKILL' | 'SIGSEGV' }
)
