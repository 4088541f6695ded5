/** What is kept now of walks that matched nobody. */
export type PastStatus = {
  walks: number
  bytes: number
  /** What was seen before then had to be dropped before its time; null where nothing was. */
  droppedUntil: number | null
  /** `keepFor` in milliseconds. */
  lists: { list: string; keepFor: number; keepPictures: boolean }[]
}
