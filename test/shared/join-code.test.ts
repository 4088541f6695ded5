import { randomBytes } from 'node:crypto'
import { Refusal } from '@vedette/shared/errors'
import { formatJoinCode, parseJoinCode } from '@vedette/shared/join-code'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../support/thrown.ts'

const code = {
  secret: randomBytes(16),
  pin: 'ab'.repeat(32),
  host: 'control.example',
  port: 7445,
}

describe('a join code', () => {
  it.each(['10.0.0.5', '::1', 'a', `${'a'.repeat(62)}.${'b'.repeat(62)}.example`])(
    'comes back as it was made, for %s',
    (host) => {
      const parsed = parseJoinCode(formatJoinCode({ ...code, host }))
      expect(parsed).toMatchObject({ pin: code.pin, host, port: code.port })
      expect(Buffer.from(parsed.secret)).toEqual(code.secret)
    },
  )

  it('is short enough to be carried, and may be broken over lines', () => {
    const text = formatJoinCode(code)
    expect(text.length).toBeLessThan(110)
    expect(parseJoinCode(`  ${text.slice(0, 40)}\n${text.slice(40)} `).port).toBe(7445)
  })

  it('shows a slip of the hand, wherever it is', () => {
    const text = formatJoinCode(code)
    for (let at = 4; at < text.length; at++) {
      const other = text[at] === 'A' ? 'B' : 'A'
      const slip = text.slice(0, at) + other + text.slice(at + 1)
      // The last character may hold bits that mean nothing.
      if (at === text.length - 1 && isSame(slip, text)) continue
      expect(thrownBy(() => parseJoinCode(slip), Refusal).code).toBe('join.malformed')
    }
  })

  it.each(['', 'vj1.', 'vj2.abc', 'vj1.AAAA', 'vj1.!!!!', 'https://control.example/'])(
    'is not: %j',
    (text) => {
      const fault = thrownBy(() => parseJoinCode(text), Refusal)
      expect([fault.code, fault.hint]).toEqual([
        'join.malformed',
        expect.stringContaining('vedette agents invite'),
      ])
    },
  )

  it.each([{ host: '' }, { host: 'a b' }, { host: 'ä.example' }, { port: 0 }, { port: 65_536 }])(
    'cannot be made for %o',
    (wrong) => {
      const made = () => formatJoinCode({ ...code, ...wrong })
      expect(thrownBy(made, Refusal).code).toBe('join.malformed')
    },
  )
})

function isSame(one: string, other: string): boolean {
  const bytes = (text: string) => Buffer.from(text.slice(4), 'base64url')
  return bytes(one).equals(bytes(other))
}
