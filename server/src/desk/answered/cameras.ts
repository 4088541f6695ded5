import type { CameraStatus } from '../../cameras/known.ts'
import type { Colour } from '../../cameras/state.ts'
import type { ServerConfig } from '../../config.ts'
import type { StoreStanding } from '../../store/condition.ts'

/** Every camera, and the worst of them. */
export type Watch = {
  state: Colour
  /** Milliseconds, or off. */
  canary: ServerConfig['canary']
  cameras: CameraStatus[]
  /** What is wrong with the database, the worst first. */
  store: StoreStanding[]
}
