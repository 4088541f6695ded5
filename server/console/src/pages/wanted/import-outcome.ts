/** What became of one row. */
export type Outcome = {
  at: string
  name: string
  /** The same row has the same, however often it is read. */
  key: string
  state: 'enrolled' | 'pending' | 'good' | 'refused' | 'failed'
  entry: string | null
  code: string | null
  words: string
  photos: number
}
