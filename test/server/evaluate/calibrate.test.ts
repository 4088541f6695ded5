import type { Album } from '@vedette/server/evaluate/album'
import { calibrate } from '@vedette/server/evaluate/calibrate'
import type { People } from '@vedette/server/evaluate/search-lists'
import { similarity } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { seeded } from '../../support/agent-random.ts'
import { scattered } from '../../support/server-vectors.ts'
import { thrownBy } from '../../support/thrown.ts'

/** `count` people with two pictures each; the second of person 0 shows no face. */
function cast(count: number): { album: Album; people: People } {
  const [templates, probes] = [1, 2].map((seed) => scattered(count, 16, seeded(seed)))
  const album: Album = new Map(
    templates!.flatMap((template, i) => {
      const seen = {
        template,
        probe: probes![i]!,
        quality: 1,
        eyeDistance: 40,
        side: 150,
        yaw: 0,
        far: undefined,
      }
      const last = i === 0 ? { failure: 'photo.no-face' } : seen
      return [
        [`${i}/1.jpg`, seen],
        [`${i}/2.jpg`, last],
      ] as const
    }),
  )
  const named = Array.from(
    { length: count },
    (_, i) => [`${i}`, [`${i}/1.jpg`, `${i}/2.jpg`]] as const,
  )
  return { album, people: new Map(named) }
}

describe('calibrate', () => {
  it('says which similarity a share of strangers reaches, as far as enough of them were compared', () => {
    const { album, people } = cast(101)
    const { measured, floor, points } = calibrate(album, people, 'pictures')
    const seen = [...people.keys()].slice(1).flatMap((name) => {
      const likeness = album.get(`${name}/1.jpg`)
      return likeness !== undefined && 'template' in likeness ? [likeness] : []
    })
    const strangers = seen.flatMap(({ template }, i) =>
      seen.flatMap(({ probe }, k) => (i === k ? [] : similarity(template, probe))),
    )
    expect(strangers).toHaveLength(9900)
    expect(measured).toMatch(/^pictures: .* 100 persons .* 9,900 comparisons/)
    // 0.0003 of 9,900 are 3: too few to say.
    const rates = points.map(({ falseMatchRate }) => falseMatchRate)
    expect(rates).toEqual([0.1, 0.03, 0.01, 0.003, 0.001])
    for (const { falseMatchRate, similarity: needed } of points) {
      const reached = strangers.filter((score) => score >= needed - 1e-4).length / 9900
      expect(reached).toBeGreaterThanOrEqual(falseMatchRate * 0.9)
      expect(reached).toBeLessThan(falseMatchRate * 1.2)
    }
    expect(floor).toBe(points.at(-1)!.similarity)
  })

  it('takes the similarity of one in 100,000 for the floor, where so many were compared', () => {
    const { album, people } = cast(701)
    const { floor, points } = calibrate(album, people, 'pictures')
    const [last] = points.slice(-1)
    expect(last!.falseMatchRate).toBe(1e-5)
    expect(floor).toBe(last!.similarity)
  })

  it('says nothing of too few', () => {
    const { album, people } = cast(60)
    const error = thrownBy(() => calibrate(album, people, 'pictures'), Refusal)
    expect(error.code).toBe('evaluate.too-few')
    expect(error.hint).toContain('64 people')
  })
})
