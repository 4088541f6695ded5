import { Cohort, fitCohort } from '@vedette/models/cohort'
import { encodeCohort, readCohort } from '@vedette/models/cohort-file'
import { readManifest } from '@vedette/models/manifest'
import { centreOf, type Embedding } from '@vedette/shared/embedding'
import { beforeAll, describe, expect, it } from 'vitest'
import { seeded } from '../support/agent-random.ts'
import { scattered } from '../support/server-vectors.ts'

const WOLF = 10
let cohort: Cohort
let mean: Embedding
/** Others that were made up of the same people. */
let people: Embedding[]

beforeAll(async () => {
  const [row] = (await readManifest()).filter((one) => one.task === 'embed')
  const fit = (await readCohort(row!))!
  cohort = new Cohort(fit)
  mean = centreOf([fit.mean])
  people = new Cohort(fit, 7).sample(1000)
})

const times = (vectors: Embedding[]) => cohort.behaviourOf(vectors).map((one) => one.timesUsual)

describe('the cohort of the built-in embedder', () => {
  it('finds ordinary who is: the usual on the average, and nobody a wolf', () => {
    const all = times(people)
    const average = all.reduce((sum, one) => sum + one, 0) / all.length
    expect(average).toBeGreaterThan(0.8)
    expect(average).toBeLessThan(1.2)
    expect(Math.max(...all)).toBeLessThan(WOLF)
  })

  it('finds every wolf: the average face, and blends of eight people and more', () => {
    const blends = [8, 10, 20, 50].flatMap((size) =>
      Array.from({ length: 20 }, (_, i) => centreOf(people.slice(i * size, (i + 1) * size))),
    )
    expect(Math.min(...times([mean, ...blends]))).toBeGreaterThan(WOLF)
  })

  it('finds a wolf in nobody who is like no face at all', () => {
    expect(Math.max(...times(scattered(50, mean.length, seeded(3))))).toBe(0)
  })

  it('is the same every time', async () => {
    const [row] = (await readManifest()).filter((one) => one.task === 'embed')
    const again = new Cohort((await readCohort(row!))!)
    expect(again.behaviourOf(people.slice(0, 20))).toEqual(cohort.behaviourOf(people.slice(0, 20)))
  })
})

describe('a cohort that is fitted', () => {
  it('has the mean and the spread of those it was fitted to', () => {
    const fit = fitCohort(people)
    expect(
      centreOf([fit.mean]).reduce((dot, value, k) => dot + value * mean[k]!, 0),
    ).toBeGreaterThan(0.999)
    const own = times(people.slice(0, 200))
    const refitted = new Cohort(fit).behaviourOf(people.slice(0, 200)).map((one) => one.timesUsual)
    const apart = own.map((value, i) => Math.abs(value - refitted[i]!))
    expect(apart.reduce((sum, one) => sum + one, 0) / apart.length).toBeLessThan(0.3)
  })

  it('is written as it is read', () => {
    const fit = fitCohort(people.slice(0, 300))
    const bytes = encodeCohort(fit)
    expect(bytes).toHaveLength((128 + (128 * 129) / 2) * 4)
    expect(bytes.readFloatLE(0)).toBe(fit.mean[0])
    expect(bytes.readFloatLE(128 * 4)).toBe(fit.factor[0])
  })
})
