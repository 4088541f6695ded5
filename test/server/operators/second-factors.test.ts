import { readFileSync } from 'node:fs'
import { Refusal } from '@vedette/shared/errors'
import { TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { openSignIn } from '../../support/server-sign-in.ts'
import { rejectionOf } from '../../support/thrown.ts'

const STEP_MS = 30_000

describe('a second factor', () => {
  it('counts once a code proved that it is in hand, and its secret is sealed in the file', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    const { secret, address, picture } = await one.factors.propose('anna')
    expect(address).toMatch(/^otpauth:\/\/totp\/Vedette:anna\?/)
    expect(picture).toMatch(/^<svg/)
    expect(one.factors.has('anna')).toBe(false)
    const { code } = await rejectionOf(one.factors.confirm('anna', '000000'), Refusal)
    expect(code).toBe('second-factor.wrong')
    const right = new TOTP({ secret }).generate({ timestamp: clock.now() })
    const codes = await one.factors.confirm('anna', right)
    expect(one.factors.has('anna')).toBe(true)
    expect(new Set(codes).size).toBe(10)
    const bytes = ['operators.db', 'operators.db-wal'].map((file) =>
      readFileSync(`${folder.path}/${file}`).toString('latin1'),
    )
    for (const written of [secret, ...codes]) {
      expect(bytes.some((text) => text.includes(written))).toBe(false)
    }
    const again = await rejectionOf(one.factors.propose('anna'), Refusal)
    expect(again.code).toBe('second-factor.exists')
  })

  it('takes the code of now, the one before and the one after, each once and none that is older', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    const { secret } = await one.factors.propose('anna')
    const totp = new TOTP({ secret })
    const at = (steps: number) => totp.generate({ timestamp: clock.now() + steps * STEP_MS })
    await one.factors.confirm('anna', at(0))
    clock.advance(10 * STEP_MS)
    expect(await one.factors.check('anna', at(-2))).toBe(false)
    expect(await one.factors.check('anna', at(2))).toBe(false)
    expect(await one.factors.check('anna', at(-1))).toBe(true)
    expect(await one.factors.check('anna', at(1))).toBe(true)
    expect(await one.factors.check('anna', at(0))).toBe(false)
    clock.advance(2 * STEP_MS)
    const both = [one.factors.check('anna', at(0)), one.factors.check('anna', at(0))]
    expect((await Promise.all(both)).filter(Boolean)).toHaveLength(1)
    expect(await one.factors.check('bert', at(0))).toBe(false)
  })

  it('is gone with its recovery codes when it is taken away', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    const { secret } = await one.factors.propose('anna')
    const code = new TOTP({ secret }).generate({ timestamp: clock.now() })
    const [first = ''] = await one.factors.confirm('anna', code)
    expect(await one.factors.codesLeft('anna')).toBe(10)
    expect(await one.factors.remove('anna')).toBe(true)
    expect(await one.factors.codesLeft('anna')).toBe(0)
    expect(await one.factors.check('anna', first)).toBe(false)
    expect(await one.factors.remove('anna')).toBe(false)
  })
})
