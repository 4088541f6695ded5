import { answerText, coverageLine, statusText } from '@vedette/server/cli/past-text'
import { when } from '@vedette/server/cli/render'
import type { Answer, Sighted } from '@vedette/server/past/answer'
import type { Gap, Stretch } from '@vedette/server/past/coverage'
import { pastPlot } from '@vedette/server/past/plot'
import { describe, expect, it } from 'vitest'

const HOUR = 3_600_000
const T0 = 1_763_650_000_000
const NORTH = { agent: 'gate-7', camera: 'north' }
const at = (hours: number) => T0 + hours * HOUR
const clock = (hours: number) => when(at(hours)).slice(11, 16)
const stretch = (from: number, to: number, gap: Gap | null = null): Stretch => {
  return { from: at(from), to: at(to), gap }
}
const sighted = (more: Partial<Sighted> = {}): Sighted => ({
  ...{ ...NORTH, sighting: 'one', from: at(3), until: at(3) + 9000, at: at(3) + 4000 },
  ...{ score: 0.971, needed: 0.955, quality: 0.8, side: 96, chips: 3, pictured: false },
  ...more,
})
const answer = (more: Partial<Answer> = {}): Answer => ({
  ...{ since: T0, until: at(24), lists: ['wanted'], walks: 1204, elsewhere: 0, more: false },
  ...{ sightings: [], alerts: [] },
  cameras: [{ ...NORTH, share: 1, stretches: [stretch(0, 24)] }],
  ...more,
})

describe('what is said of a search of the past', () => {
  it('is never that somebody was not seen without how much could have been seen', () => {
    const cameras = [
      {
        ...NORTH,
        share: 0.61,
        stretches: [stretch(0, 2), stretch(2, 10, 'away'), stretch(10, 20)],
      },
    ]
    const text = answerText(answer({ cameras }))
    expect(text.split('\n')[0]).toMatch(/^not seen from .* 1204 walks searched, kept for wanted$/)
    expect(text).toContain(
      `gate-7/north  not seen; watched 61 % of that time (offline ${clock(2)}–${clock(10)})`,
    )
    expect(answerText(answer({ cameras: [] }))).toContain('no camera is known: nothing was watched')
  })

  it('calls neither all nor nothing what is not', () => {
    const words = (share: number) => coverageLine({ ...NORTH, share, stretches: [] }, [])
    expect(words(0.999)).toContain('99 %')
    expect(words(0.001)).toContain('less than 1 %')
    expect(words(1)).toContain('100 %')
    expect(words(0)).toContain(' 0 %')
  })

  it('names the longest gaps of a kind, and counts the others', () => {
    const stretches = [0, 2, 4, 6, 8].map((hour, i) =>
      stretch(hour, hour + 0.1 * (i + 1), 'missed'),
    )
    const line = coverageLine({ ...NORTH, share: 0.5, stretches }, [])
    expect(line).toContain(`in doubt ${clock(4)}`)
    expect(line).toContain('and 2 more')
  })

  it('shows each sighting with its score against what it needed, in the order of time', () => {
    const sightings = [
      sighted({ sighting: 'two', from: at(5) }),
      sighted({ pictured: true }),
      sighted({ sighting: null, from: at(6), score: 0.94 }),
    ]
    const lines = answerText(answer({ sightings })).split('\n')
    expect(lines[0]).toContain('seen 2 times')
    const shown = lines.filter((line) => line.includes('0.955'))
    expect(shown.map((line) => line.split('  ').at(-1))).toEqual(['one', 'two', 'under way'])
    expect(shown[0]).toContain('0.971 (needed 0.955)  96 pixels, quality 80, with a picture')
    expect(shown[2]).toContain('0.940 (BELOW the 0.955 it needs)')
    expect(lines.join('\n')).not.toMatch(/97 ?%|0\.97 ?%/)
  })

  it('says what could not be searched, and what else looks like it', () => {
    const text = answerText(
      answer({
        ...{ elsewhere: 12, more: true },
        alerts: [
          {
            ...{ ...NORTH, id: 'alert-1', entryId: 'e', list: 'lost', capturedAt: at(1) },
            ...{ state: 'open', certainty: 'confirmed', score: 0.96, needed: 0.95 },
          },
        ],
      }),
    )
    expect(text).toContain('12 walks could not be searched: they are of a model that is not in use')
    expect(text).toContain('only the best are here')
    expect(text).toMatch(
      /alerts of that time.*\n.*0\.960 \(needed 0\.950\) {2}list lost, open {2}alert-1/,
    )
  })

  it('tells what is kept for which list', () => {
    const text = statusText({
      ...{ walks: 3, bytes: 2_500_000, droppedUntil: T0 },
      lists: [
        { list: 'wanted', keepFor: 24 * HOUR, keepPictures: true },
        { list: 'lost', keepFor: 0, keepPictures: false },
      ],
    })
    expect(text).toContain('3 walks that matched nobody are kept, 2.5 MB')
    expect(text).toContain(`seen before ${when(T0)}`)
    expect(text).toMatch(/wanted +24 h +with pictures/)
    expect(text).toMatch(/lost +nothing/)
  })
})

describe('the plot of a search', () => {
  it('has a lane for each camera, bands for what was watched, and a mark for each sighting', async () => {
    const cameras = [
      { ...NORTH, share: 0.5, stretches: [stretch(0, 12), stretch(12, 24, 'away')] },
      { agent: 'gate-7', camera: 'south', share: 0, stretches: [stretch(0, 24, 'not-kept')] },
    ]
    const svg = await pastPlot(answer({ cameras, sightings: [sighted(), sighted({ at: at(20) })] }))
    expect(svg).toContain('gate-7/north  50 %')
    expect(svg).toContain('gate-7/south  0 %')
    const points = svg.match(/aria-roledescription="point"/g)
    expect(points).toHaveLength(2)
    for (const shade of ['#9bd3c1', '#d9d9d9', '#f4e3c1']) expect(svg).toContain(shade)
  })
})
