import { workerData } from 'node:worker_threads'
import { serve } from '../thread.ts'
import { type Found, Matrix } from './matrix.ts'

/** What the thread is asked; rows are chosen by whoever asks. */
export type SearchRequest =
  | { do: 'load'; vectors: Float32Array[] }
  | { do: 'put'; row: number; vector: Float32Array }
  | { do: 'remove'; row: number }
  | { do: 'search'; probes: Float32Array[]; k: number }

/** One Found a probe for `search`, nothing for the rest. */
export type SearchReply = Found[]

export type SearchOptions = { length: number; threads: number }

const { length, threads } = workerData as SearchOptions
const opening = Matrix.open(length, threads)

serve<SearchRequest, SearchReply>(async (request) => {
  const matrix = await opening
  switch (request.do) {
    case 'load':
      matrix.load(request.vectors)
      return []
    case 'put':
      matrix.put(request.row, request.vector)
      return []
    case 'remove':
      matrix.remove(request.row)
      return []
    case 'search':
      return matrix.search(request.probes, request.k)
  }
})
