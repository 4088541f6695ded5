import type { Minute } from '../../cameras/course.ts'
import type { Relied } from '../../report/watched.ts'

/** How a camera fared lately. */
export type CameraCourse = {
  agent: string
  camera: string
  /** Of the last two hours, oldest first, without those in which nothing was heard. */
  minutes: readonly Minute[]
  /** For how long it was seen to work in the last day and week, and why not. */
  day: Relied
  week: Relied
}

/** Milliseconds. */
export type FleetCourse = {
  now: number
  step: number
  /** Of the server; agents are to have the same. */
  software: string
  cameras: CameraCourse[]
}
