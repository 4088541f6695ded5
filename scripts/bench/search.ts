import { Matrix } from '@vedette/server/gallery/matrix'
import BetterSqlite3 from 'better-sqlite3'
import { load as loadSqliteVec } from 'sqlite-vec'
import { exactSearch, Index, MetricKind } from 'usearch'
import { facelike, median, type Report, seeded, times } from './measure.ts'

const LENGTH = 128
const K = 16
const CASES = [
  { name: '10k', size: 10_000, batch: 1, runs: 200 },
  { name: '100k', size: 100_000, batch: 1, runs: 60 },
  { name: '100k', size: 100_000, batch: 32, runs: 30 },
  { name: '1m', size: 1_000_000, batch: 32, runs: 10 },
]
/** Building anything but a matrix takes minutes above this many templates. */
const MOST_INDEXED = 100_000

/** Exact search against what else one could search with, same templates, same probes. */
export async function benchSearch(report: Report): Promise<void> {
  let matrix: Matrix | undefined
  let templates: Templates | undefined
  for (const { name, size, batch, runs } of CASES) {
    const bench = `search.${name}.b${batch}`
    if (templates?.size !== size) {
      matrix = await Matrix.open(LENGTH)
      templates = fill(matrix, size)
    }
    const all = templates
    const probes = facelike(batch, LENGTH, seeded(2))
    const ours = matrix!
    const taken = await times(() => ours.search(probes, K), { runs, warmup: 8 })
    const perProbe = taken.map((ms) => ms / batch)
    const truth = probes.map((probe) => plainLoop(all, probe))
    const loop = await times(() => probes.map((probe) => plainLoop(all, probe)), {
      runs: size > MOST_INDEXED ? 1 : 5,
      warmup: size > MOST_INDEXED ? 0 : 1,
    })
    const value = median(perProbe)
    report({
      bench,
      value,
      unit: 'ms/probe',
      baseline: 'plain loop',
      ratio: median(loop) / batch / value,
      p50: value,
      p99: perProbe.toSorted((a, b) => a - b).at(-1)!,
      recall: recall(
        (await ours.search(probes, K)).map(({ rows }) => [...rows]),
        truth,
      ),
      detail: { baselineMs: median(loop) / batch },
    })
    if (size <= MOST_INDEXED) compareOthers(report, bench, value, all, probes, truth)
  }
  await benchChange(report, matrix!)
}

/** Vectors one behind the other: a million objects would keep the garbage collector busy. */
type Templates = { size: number; flat: Float32Array }

function fill(matrix: Matrix, size: number): Templates {
  const vectors = facelike(size, LENGTH, seeded(1))
  matrix.load(vectors)
  const flat = new Float32Array(size * LENGTH)
  for (const [i, vector] of vectors.entries()) flat.set(vector, i * LENGTH)
  return { size, flat }
}

function* vectorsOf({ size, flat }: Templates): Generator<Float32Array> {
  for (let i = 0; i < size; i++) yield flat.subarray(i * LENGTH, (i + 1) * LENGTH)
}

/** Adding and removing one template among a million. */
async function benchChange(report: Report, matrix: Matrix): Promise<void> {
  const [vector] = facelike(1, LENGTH, seeded(3))
  const row = matrix.size
  const taken = await times(() => {
    matrix.put(row, vector!)
    matrix.remove(row)
  })
  report({ bench: 'search.1m.change', value: median(taken), unit: 'ms' })
}

function compareOthers(
  report: Report,
  bench: string,
  ours: number,
  templates: Templates,
  probes: readonly Float32Array[],
  truth: readonly number[][],
): void {
  for (const [baseline, search] of rivals(templates)) {
    const started = performance.now()
    const found = probes.map(search)
    let ms = (performance.now() - started) / probes.length
    if (probes.length === 1) ms = median(repeat(() => search(probes[0]!), 10))
    const name = baseline.replaceAll(' ', '-').toLowerCase()
    report({
      bench: `${bench}.vs-${name}`,
      value: ours,
      unit: 'ms/probe',
      baseline,
      ratio: ms / ours,
      detail: { baselineMs: ms, baselineRecall: recall(found, truth) },
    })
  }
}

type Search = (probe: Float32Array) => number[]

let built: { templates: Templates; rivals: [string, Search][] } | undefined

/** Built once for each set of templates. */
function rivals(templates: Templates): [string, Search][] {
  if (built?.templates === templates) return built.rivals
  const made: [string, Search][] = [
    ['usearch exact', usearchExact(templates)],
    ['usearch HNSW', usearchHnsw(templates)],
    ['sqlite-vec', sqliteVec(templates)],
  ]
  built = { templates, rivals: made }
  return made
}

function usearchExact({ flat }: Templates): Search {
  return (probe) => {
    const { keys } = exactSearch(flat, probe, LENGTH, K, MetricKind.IP) as { keys: BigUint64Array }
    return [...keys].map(Number)
  }
}

function usearchHnsw(templates: Templates): Search {
  const index = new Index(LENGTH, MetricKind.IP)
  let key = 0n
  for (const vector of vectorsOf(templates)) index.add(key++, vector)
  return (probe) => {
    const { keys } = index.search(probe, K, 1) as { keys: BigUint64Array }
    return [...keys].map(Number)
  }
}

function sqliteVec(templates: Templates): Search {
  const db = new BetterSqlite3(':memory:')
  loadSqliteVec(db)
  db.exec(`CREATE VIRTUAL TABLE t USING vec0(v float[${LENGTH}] distance_metric=cosine)`)
  const insert = db.prepare('INSERT INTO t(rowid, v) VALUES (?, ?)')
  db.transaction(() => {
    let key = 0n
    for (const vector of vectorsOf(templates)) insert.run(key++, bytesOf(vector))
  })()
  const select = db.prepare('SELECT rowid FROM t WHERE v MATCH ? AND k = ?')
  return (probe) => (select.all(bytesOf(probe), K) as { rowid: number }[]).map(({ rowid }) => rowid)
}

function bytesOf(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength)
}

/** The `K` nearest rows by the plainest code that is not silly: four sums in a loop. */
function plainLoop({ size, flat }: Templates, probe: Float32Array): number[] {
  const best: { row: number; score: number }[] = []
  let floor = Number.NEGATIVE_INFINITY
  for (let row = 0; row < size; row++) {
    const at = row * LENGTH
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let k = 0; k < LENGTH; k += 4) {
      a += flat[at + k]! * probe[k]!
      b += flat[at + k + 1]! * probe[k + 1]!
      c += flat[at + k + 2]! * probe[k + 2]!
      d += flat[at + k + 3]! * probe[k + 3]!
    }
    const score = a + b + c + d
    if (score <= floor) continue
    best.push({ row, score })
    best.sort((p, q) => q.score - p.score)
    if (best.length > K) best.pop()
    if (best.length === K) floor = best[K - 1]!.score
  }
  return best.map(({ row }) => row)
}

function recall(
  found: readonly (readonly number[])[],
  truth: readonly (readonly number[])[],
): number {
  let hits = 0
  for (const [i, rows] of truth.entries()) {
    const mine = new Set(found[i])
    hits += rows.filter((row) => mine.has(row)).length
  }
  return hits / (truth.length * K)
}

function repeat(work: () => unknown, runs: number): number[] {
  return Array.from({ length: runs }, () => {
    const started = performance.now()
    work()
    return performance.now() - started
  })
}
