import { behaviourOf, strictnessFor } from '@vedette/server/gallery/behaviour'
import { describe, expect, it } from 'vitest'

const usual = { behaviours: [{ rate: 0.03, timesUsual: 1 }], taken: 0, agreement: [null] }
const threshold = 0.95

describe('an entry', () => {
  it('is ordinary where as many strangers resemble it as resemble anybody', () => {
    const behaviour = behaviourOf({ ...usual, threshold })
    expect(behaviour).toMatchObject({ kind: 'ordinary', timesUsual: 1 })
    expect(strictnessFor(behaviour)).toBe(1)
  })

  it('is a wolf by its worst photograph, and asked to be as much rarer as it is worse', () => {
    const behaviours = [...usual.behaviours, { rate: 0.4, timesUsual: 13.3 }]
    const behaviour = behaviourOf({ ...usual, behaviours, threshold })
    expect(behaviour).toMatchObject({ kind: 'wolf', words: expect.stringContaining('13 times') })
    expect(strictnessFor(behaviour)).toBe(14)
  })

  it('is a wolf where it would be taken for two different people, but not for one', () => {
    expect(behaviourOf({ ...usual, taken: 1, threshold }).kind).toBe('ordinary')
    const behaviour = behaviourOf({ ...usual, taken: 2, threshold })
    expect(behaviour.kind).toBe('wolf')
    expect(strictnessFor(behaviour)).toBe(10)
  })

  it('is a lamb where its own photographs would not be taken for one another', () => {
    const behaviour = behaviourOf({ ...usual, agreement: [0.93, 0.93], threshold })
    expect(behaviour).toMatchObject({ kind: 'lamb', words: expect.stringContaining('0.930') })
    expect(behaviourOf({ ...usual, agreement: [0.96, 0.96], threshold }).kind).toBe('ordinary')
  })

  it('is unknown where the model has no cohort, and that is said', () => {
    const behaviour = behaviourOf({ ...usual, behaviours: undefined, threshold })
    expect(behaviour).toMatchObject({ kind: 'unknown', timesUsual: null })
    expect(behaviour.words).toContain('no cohort')
  })
})
