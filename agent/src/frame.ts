import type { Picture } from '@vedette/models/picture'

/** One picture from a camera. */
export type Frame = {
  picture: Picture
  /** When it was taken, as near as the machine can tell, epoch milliseconds. */
  capturedAt: number
  /** Time in the scene, milliseconds: runs with the video, however fast it is read. */
  sceneTime: number
}

/** Where frames come from. Iterating opens it, leaving the loop closes it. */
export type Source = {
  /** Every frame until the source ends. Throws Unavailable `camera.*`. */
  frames(signal: AbortSignal): AsyncGenerator<Frame, void, undefined>
  /** True when frames wait to be taken: nothing is lost by looking at each. */
  readonly patient: boolean
  /** True when a source that ended has been seen whole, and is not to be opened again. */
  readonly finite: boolean
}
