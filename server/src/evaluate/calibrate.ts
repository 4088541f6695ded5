import type { Calibration } from '@vedette/models/manifest'
import { similarity } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import type { Album } from './album.ts'
import type { People } from './search-lists.ts'

const RATES = [0.1, 0.03, 0.01, 0.003, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 3e-6, 1e-6]
/** A rate is measured where so many comparisons reach its similarity. */
const LEAST_BEYOND = 4
/** Measured less far down, a calibration says nothing of lists. */
const LAST_RATE = 1e-3
/** Rate whose similarity becomes the floor, where it was measured. */
const FLOOR_RATE = 1e-5
/** More people make no better calibration, only a slower one. */
const MOST_PEOPLE = 3000

/**
 * How much alike strangers are: the template of everybody's first picture against the probe of
 * everybody else's last. Throws Refusal `evaluate.too-few`.
 */
export function calibrate(album: Album, people: People, about: string): Calibration {
  const seen = [...people.values()].flatMap((files) => {
    const [first, last] = [album.get(files[0]!), album.get(files.at(-1)!)]
    if (first === undefined || last === undefined) return []
    return 'template' in first && 'template' in last ? [[first.template, last.probe] as const] : []
  })
  const chosen = seen.slice(0, MOST_PEOPLE)
  const scores = new Float32Array(chosen.length * Math.max(0, chosen.length - 1))
  let at = 0
  for (const [i, [template]] of chosen.entries()) {
    for (const [k, [, probe]] of chosen.entries()) {
      if (i !== k) scores[at++] = similarity(template, probe)
    }
  }
  const points = pointsOf(scores)
  const lowest = points.at(-1)
  if (lowest === undefined || lowest.falseMatchRate > LAST_RATE) throw tooFew(chosen.length)
  const floor = points.find(({ falseMatchRate }) => falseMatchRate === FLOOR_RATE) ?? lowest
  const comparisons = scores.length.toLocaleString('en')
  return {
    measured: `${about}: first pictures of ${chosen.length} persons against last pictures, ${comparisons} comparisons of strangers`,
    floor: floor.similarity,
    points,
  }
}

function pointsOf(scores: Float32Array): Calibration['points'] {
  scores.sort()
  return RATES.filter((rate) => rate * scores.length >= LEAST_BEYOND).map((falseMatchRate) => {
    const beyond = Math.floor(falseMatchRate * scores.length)
    return { falseMatchRate, similarity: round(scores[scores.length - beyond]!) }
  })
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4
}

function tooFew(people: number): Refusal {
  return new Refusal('evaluate.too-few', `${people} people with a face that was found`, {
    hint: 'a calibration takes pictures of 64 people or more, in IMAGES/PERSON/picture.jpg: better 1,000',
  })
}
