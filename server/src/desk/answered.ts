import type { List } from '../lists/list.ts'

/** A list, and how many entries may match. */
export type CountedList = List & { live: number }

/** What is to be done about entries before anything comes of them. */
export type Chores = {
  /** Whose time is over within a week. */
  expiring: number
  /** Requests that wait for a second person. */
  waiting: number
}
