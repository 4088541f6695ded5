import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cohort, fitCohort } from '@vedette/models/cohort'
import { readAlbum } from '@vedette/server/evaluate/album'
import { askedOf, keptOf, peopleOf, shuffled } from '@vedette/server/evaluate/search-lists'
import { centreOf, type Embedding, similarity } from '@vedette/shared/embedding'
import type { Report } from './measure.ts'
import { picturesToCompare } from './recognition-pictures.ts'

/** From so many times the usual on, an entry is refused. */
const WOLF = 10
/** People of whom one blend is made, and how many blends of each kind. */
const BLENDS = [2, 3, 4, 5, 8, 10, 20, 50]
const EACH = 300
/** Share of real comparisons at whose similarity real impostors are counted. */
const REAL_RATE = 0.03

type Person = { template: Embedding; probe: Embedding }

/**
 * Whether made-up strangers tell wolves from people: fitted on one half of the people and tried on the
 * other, both ways.
 */
export async function benchWolves(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  try {
    const { images, files } = await picturesToCompare(home)
    const album = await readAlbum({
      ...{ images, files, models: {}, far: false, onProgress: () => {} },
      threads: Math.min(2, availableParallelism()),
      journal: join(home, 'wolves'),
    })
    const people = [...peopleOf(files).values()].flatMap((photos): Person[] => {
      const kept = keptOf(album.get(photos[0]!))
      const asked = askedOf(album.get(photos.at(-1)!))
      return kept && asked ? [{ template: kept.vector, probe: asked.probe }] : []
    })
    const order = shuffled(people, 1)
    const middle = order.length >> 1
    const [one, other] = [order.slice(0, middle), order.slice(middle)]
    report(figure('first', one, other))
    report(figure('second', other, one))
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

function figure(name: string, fitted: readonly Person[], tried: readonly Person[]) {
  const cohort = new Cohort(fitCohort(fitted.map(({ probe }) => probe)))
  const times = (vectors: Embedding[]) => cohort.behaviourOf(vectors).map((one) => one.timesUsual)
  const templates = tried.map(({ template }) => template)
  const ordinary = times(templates)
  const real = realRates(tried)
  const refused = (all: readonly number[]) => all.filter((one) => one > WOLF).length / all.length
  const blends = BLENDS.map((size) => {
    const made = Array.from({ length: EACH }, (_, i) =>
      centreOf(shuffled(templates, size * 1000 + i).slice(0, size)),
    )
    return [`blendsOf${size}Refused`, refused(times(made))]
  })
  return {
    bench: `wolves.${name}-half`,
    value: refused(ordinary),
    unit: 'of ordinary people refused',
    detail: {
      fittedOn: fitted.length,
      triedOn: tried.length,
      rankCorrelation: correlation(ranks(ordinary), ranks(real)),
      highestOrdinary: Math.max(...ordinary),
      averageOfAll: times([centreOf(templates)])[0]!,
      ...Object.fromEntries(blends),
    },
  }
}

/** Which share of the others is as alike to each as REAL_RATE of all pairs are. */
function realRates(people: readonly Person[]): number[] {
  const scores = people.map(({ template }, i) =>
    people.flatMap(({ probe }, k) => (i === k ? [] : similarity(template, probe))),
  )
  const all = Float32Array.from(scores.flat()).sort()
  const level = all[Math.floor((1 - REAL_RATE) * all.length)]!
  return scores.map((row) => row.filter((score) => score >= level).length / row.length)
}

/** Ranks, equals share theirs. */
function ranks(values: readonly number[]): number[] {
  const sorted = values.toSorted((p, q) => p - q)
  const first = new Map<number, number>()
  const count = new Map<number, number>()
  for (const [i, value] of sorted.entries()) {
    if (!first.has(value)) first.set(value, i)
    count.set(value, (count.get(value) ?? 0) + 1)
  }
  return values.map((value) => first.get(value)! + (count.get(value)! - 1) / 2)
}

/** Pearson's, of ranks Spearman's. */
function correlation(xs: readonly number[], ys: readonly number[]): number {
  const mean = (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length
  const [mx, my] = [mean(xs), mean(ys)]
  let [xy, xx, yy] = [0, 0, 0]
  for (const [i, x] of xs.entries()) {
    xy += (x - mx) * (ys[i]! - my)
    xx += (x - mx) ** 2
    yy += (ys[i]! - my) ** 2
  }
  return xy / Math.sqrt(xx * yy)
}
