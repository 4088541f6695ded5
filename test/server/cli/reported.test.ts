import { reported } from '@vedette/server/cli/reported'
import { expect, it } from 'vitest'

it.each([
  [40, false, '40 ms after'],
  [9999, false, '9999 ms after'],
  [10_001, true, '10 s late'],
  [843_000, true, '14 min 3 s late'],
  [3_600_000, true, '1 h late'],
  [3_605_000, true, '1 h late'],
  [86_400_000 + 7_200_000, true, '1 d 2 h late'],
])('%d ms is %s', (ms, late, words) => {
  const alert = { late, retrospective: false, capturedAt: 1000, receivedAt: 1000 + ms, raisedAt: 0 }
  expect(reported(alert)).toBe(words)
})

it('says how far back a retrospective alert was found, and once it is seen now nothing of that', () => {
  const found = { capturedAt: 1000, receivedAt: 1040, raisedAt: 1000 + 10_920_000 }
  expect(reported({ ...found, late: true, retrospective: true })).toBe('found 3 h 2 min back')
  expect(reported({ ...found, late: false, retrospective: true })).toBe('40 ms after')
})
