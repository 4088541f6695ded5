/** What is to be done about entries before anything comes of them. */
export type Chores = {
  /** Whose time is over within a week. */
  expiring: number
  /** Requests that wait for a second person. */
  waiting: number
}
