import { adviceFor } from '@vedette/server/spaces/advice'
import { describe, expect, it } from 'vitest'

const DEFAULT = 'dlib-resnet29-1'

describe('what is said of a list', () => {
  it.each([
    ['of nobody', 0, 0],
    ['of a hundred with one photograph', 100, 100],
    ['of 300 with three', 300, 900],
    ['of 300 with two, most of them', 300, 450],
  ])('%s is nothing', (_what, entries, templates) => {
    expect(adviceFor({ space: DEFAULT, entries, templates })).toBeUndefined()
  })

  it.each([
    ['of 101 with one photograph', 101, 101],
    ['of 101 with one photograph, mostly', 101, 150],
    ['of 301 with three', 301, 903],
  ])('%s is that stronger models are needed, and how to get them', (_what, entries, templates) => {
    const advice = adviceFor({ space: DEFAULT, entries, templates })
    expect(advice?.code).toBe('list.too-long')
    expect(advice?.message).toContain(String(entries))
    expect(advice?.hint).toContain('vedette models install yunet sface')
  })

  it('is nothing where stronger weights match', () => {
    expect(adviceFor({ space: 'sface', entries: 5000, templates: 5000 })).toBeUndefined()
  })
})
