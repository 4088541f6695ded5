import { BACKDATE_MS, renewalDue } from '@vedette/shared/renewal'
import { describe, expect, it } from 'vitest'

const issuedAt = 1_763_650_000_000
const MINUTE = 60_000
const DAY = 86_400_000

describe('a certificate', () => {
  it.each([MINUTE, 5 * MINUTE, DAY, 30 * DAY])(
    'of %d ms is renewed at two thirds of its life, or up to a twentieth earlier',
    (life) => {
      const period = { notBefore: issuedAt - BACKDATE_MS, notAfter: issuedAt + life }
      const share = (random: number) => (renewalDue(period, () => random) - issuedAt) / life
      expect(share(0)).toBeCloseTo(2 / 3, 9)
      expect(share(0.5)).toBeCloseTo(2 / 3 - 1 / 40, 9)
      expect(share(1)).toBeCloseTo(2 / 3 - 1 / 20, 9)
    },
  )

  it('that was made to last no time at all is due when it ends, not before it began', () => {
    const period = { notBefore: issuedAt - BACKDATE_MS, notAfter: issuedAt - 1000 }
    expect(renewalDue(period, () => 1)).toBe(period.notAfter)
  })
})
