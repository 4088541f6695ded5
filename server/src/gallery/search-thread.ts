import { workerData } from 'node:worker_threads'
import { serve } from '../thread.ts'
import { Matrix } from './matrix.ts'

/** What the thread is asked; rows are chosen by whoever asks. `vectors` and
 * `probes` lie one behind the other. */
export type SearchRequest =
  | { do: 'load'; vectors: Float32Array }
  | { do: 'put'; row: number; vector: Float32Array }
  | { do: 'remove'; row: number }
  | { do: 'search'; probes: Float32Array; k: number }

/** For `search`, `k` rows and their similarities a probe, best first; −1 where there are no more. */
export type SearchReply = { rows: Int32Array; scores: Float64Array } | undefined

export type SearchOptions = {
  /** Components of an embedding. */
  length: number
}

const { length } = workerData as SearchOptions
const opening = Matrix.open(length)

serve<SearchRequest, SearchReply>(async (request) => {
  const matrix = await opening
  switch (request.do) {
    case 'load':
      matrix.load(each(request.vectors))
      return undefined
    case 'put':
      matrix.put(request.row, request.vector)
      return undefined
    case 'remove':
      matrix.remove(request.row)
      return undefined
    case 'search':
      return search(matrix, request.probes, request.k)
  }
})

/** Two arrays for all probes: a thread boundary charges by the piece. */
async function search(matrix: Matrix, all: Float32Array, k: number): Promise<SearchReply> {
  const found = await matrix.search(each(all), k)
  const rows = new Int32Array(found.length * k)
  const scores = new Float64Array(found.length * k)
  for (const [i, one] of found.entries()) {
    rows.set(one.rows, i * k)
    scores.set(one.scores, i * k)
  }
  return { rows, scores }
}

function each(all: Float32Array): Float32Array[] {
  return Array.from({ length: all.length / length }, (_, i) =>
    all.subarray(i * length, (i + 1) * length),
  )
}
