import { statSync } from 'node:fs'
import { NOBODYS_HASH, Passwords } from '@vedette/server/operators/passwords'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { attempt, HOUR_MS, type OpenSignIn, openSignIn } from '../../support/server-sign-in.ts'
import { rejectionOf } from '../../support/thrown.ts'

const RIGHT = 'the right words of anna'
const DAY_MS = 24 * HOUR_MS

/** Solves every puzzle: the throttle alone is what is left. */
function withoutPuzzles(one: OpenSignIn): void {
  one.captchas.check = async () => {}
}
const SOLVED = { captcha: { visit: '', answer: {} as never } }

async function codeOf(tried: Promise<unknown>): Promise<string> {
  return tried.then(
    () => 'in',
    (error: Refusal | Unavailable) => error.code,
  )
}

/** So many wrong ones in a row, each as soon as it is taken. */
async function guess(one: OpenSignIn, clock: ManualClock, times: number, name = 'anna') {
  for (let n = 0; n < times; n++) {
    const more = { ...SOLVED, address: `198.51.100.${n % 250}` }
    const refused = async () => {
      const tried = one.signIn.attempt(attempt(name, 'wrong', more))
      return (await rejectionOf(tried, Error)) as Refusal | Unavailable
    }
    let { code, retryAfter = 0 } = await refused()
    while (code === 'signin.wait') {
      clock.advance(retryAfter)
      ;({ code, retryAfter = 0 } = await refused())
    }
    if (code === 'signin.stopped') return
  }
}

describe('signing in', () => {
  it('says the same of a wrong password, a wrong name, and an account that is closed', async () => {
    await using folder = await TemporaryFolder.make()
    await using one = await openSignIn(folder.path, new ManualClock())
    await one.operators.disable('bert', { by: 'server', from: 'server', why: null })
    const said = await Promise.all(
      [
        attempt('anna', 'wrong'),
        attempt('nobody', RIGHT),
        attempt('', RIGHT),
        attempt('bert', 'the right words of bert'),
      ].map(async (each) => {
        const { code, message, hint } = await rejectionOf(one.signIn.attempt(each), Refusal)
        return [code, message, hint].join('\n')
      }),
    )
    expect(new Set(said).size).toBe(1)
    expect(said[0]).toMatch(/^signin\.refused/)
  })

  it('hashes once for each that is judged, whoever is meant', async () => {
    await using folder = await TemporaryFolder.make()
    await using one = await openSignIn(folder.path, new ManualClock())
    await codeOf(one.signIn.attempt(attempt('anna', 'wrong')))
    await codeOf(one.signIn.attempt(attempt('nobody', 'wrong')))
    await codeOf(one.signIn.attempt(attempt('anna', RIGHT)))
    expect(one.passwords.verified).toEqual([RIGHT, NOBODYS_HASH, RIGHT])
  })

  it('asks for a puzzle after three wrong ones, without judging anything before it is solved', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    for (const name of ['anna', 'nobody']) {
      const codes: string[] = []
      for (let n = 0; n < 4; n++) {
        codes.push(await codeOf(one.signIn.attempt(attempt(name, 'wrong'))))
        clock.advance(1000)
      }
      expect(codes).toEqual([...Array(3).fill('signin.refused'), 'captcha.missing'])
    }
    expect(one.passwords.verified).toHaveLength(6)
    expect(await codeOf(one.signIn.attempt(attempt('anna', RIGHT)))).toBe('captcha.missing')
    expect(one.passwords.verified).toHaveLength(6)
  })

  it('takes guesses ever more slowly, a hundred in a row at most, until an admin lifts it', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    {
      await using one = await openSignIn(folder.path, clock)
      withoutPuzzles(one)
      const begun = clock.now()
      await guess(one, clock, 6)
      expect(clock.now() - begun).toBe(1000 + 2000 + 4000)
      await guess(one, clock, 200)
      expect(one.passwords.verified).toHaveLength(100)
    }
    await using one = await openSignIn(folder.path, clock)
    withoutPuzzles(one)
    clock.advance(365 * DAY_MS)
    const tried = () => one.signIn.attempt(attempt('anna', RIGHT, SOLVED))
    expect(await codeOf(tried())).toBe('signin.stopped')
    expect(await one.signIn.unlock('anna')).toBe(100)
    expect(await codeOf(tried())).toBe('in')
  })

  it('is as slow for names that are nobody’s', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    withoutPuzzles(one)
    const begun = clock.now()
    await guess(one, clock, 6, 'nobody')
    expect(clock.now() - begun).toBe(7000)
  })

  it('keeps nobody out who has signed in from there before', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    withoutPuzzles(one)
    const { device } = await one.signIn.attempt(attempt('anna', RIGHT))
    for (let day = 0; day < 5; day++) {
      await guess(one, clock, 25)
      clock.advance(DAY_MS)
      expect(await codeOf(one.signIn.attempt(attempt('anna', RIGHT, { device })))).toBe('in')
    }
    expect(await codeOf(one.signIn.attempt(attempt('anna', RIGHT, SOLVED)))).toBe('signin.stopped')
    const others = attempt('bert', 'the right words of bert', { device })
    expect(await codeOf(one.signIn.attempt(others))).toBe('in')
  })

  it('takes twenty wrong ones from one place in five minutes, and sixty from all in one', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    const spray = async (count: number, address: (n: number) => string) => {
      const all = Array.from({ length: count }, (_, n) =>
        attempt(`n${n}`, 'x', { address: address(n) }),
      )
      const codes = []
      for (const each of all) codes.push(await codeOf(one.signIn.attempt(each)))
      return codes.filter((code) => code === 'signin.refused').length
    }
    expect(await spray(30, () => '192.0.2.9')).toBe(20)
    expect(await spray(100, (n) => `2001:db8:0:1::${n}`)).toBe(20)
    expect(await spray(100, (n) => `203.0.113.${n}`)).toBe(20)
    const { retryAfter } = await rejectionOf(
      one.signIn.attempt(attempt('anna', RIGHT)),
      Unavailable,
    )
    expect(retryAfter).toBe(60_000)
    clock.advance(60_000)
    expect(await codeOf(one.signIn.attempt(attempt('anna', RIGHT)))).toBe('in')
    expect(await spray(5, () => '192.0.2.9')).toBe(0)
  })

  it('sends away whom it has no time for before anything is counted or written', async () => {
    await using folder = await TemporaryFolder.make()
    await using one = await openSignIn(folder.path, new ManualClock())
    const { device } = await one.signIn.attempt(attempt('anna', RIGHT))
    await using slow = new Passwords()
    const hash = await slow.encode('slow')
    const checked = Array.from({ length: 13 }, () => slow.verify(hash, 'slow'))
    one.passwords.place = (known) => slow.place(known)
    const written = () => statSync(`${folder.path}/operators.db-wal`).size
    const before = written()
    for (let n = 0; n < 5; n++) {
      expect(await codeOf(one.signIn.attempt(attempt('anna', 'x')))).toBe('password.busy')
    }
    expect(written()).toBe(before)
    expect(await codeOf(one.signIn.attempt(attempt('anna', RIGHT, { device })))).toBe('in')
    await Promise.all(checked)
    expect(await codeOf(one.signIn.attempt(attempt('anna', RIGHT)))).toBe('in')
  })

  it('judges of many at once as many as have a place, and counts no others', async () => {
    await using folder = await TemporaryFolder.make()
    await using one = await openSignIn(folder.path, new ManualClock())
    const tried = Array.from({ length: 40 }, (_, n) =>
      codeOf(one.signIn.attempt(attempt(`nobody-${n}`, 'wrong', { address: `10.0.0.${n}` }))),
    )
    const codes = await Promise.all(tried)
    expect(codes.filter((code) => code === 'password.busy')).toHaveLength(27)
    expect(codes.filter((code) => code === 'signin.refused')).toHaveLength(13)
    expect(one.passwords.verified).toHaveLength(13)
    const { count } = await one.store.queries
      .selectFrom('guesses')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    expect(count).toBe(13)
  })

  it('asks for the code of whoever has a second factor, once for each code', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    const { TOTP } = await import('otpauth')
    const { secret } = await one.factors.propose('anna')
    const code = () => new TOTP({ secret }).generate({ timestamp: clock.now() })
    const [recovery = ''] = await one.factors.confirm('anna', code())
    const tried = async (typed?: string) => {
      const more = { ...SOLVED, ...(typed && { code: typed }) }
      return codeOf(one.signIn.attempt(attempt('anna', RIGHT, more)))
    }
    withoutPuzzles(one)
    expect(await tried()).toBe('signin.refused')
    expect(await tried(code())).toBe('signin.refused')
    clock.advance(30_000)
    expect(await tried(code())).toBe('in')
    expect(await tried(code())).toBe('signin.refused')
    expect(await tried(recovery.toUpperCase())).toBe('in')
    expect(await tried(recovery)).toBe('signin.refused')
  })

  it('lets nobody do anything before a password that another gave is changed, or a needed code is set up', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock, 'required')
    const owes = async (password: string) => {
      const { session } = await one.signIn.attempt(attempt('anna', password))
      return session.owes
    }
    expect(await owes(RIGHT)).toBe('second-factor')
    await one.operators.setPassword('anna', 'given by an admin', {
      by: 'vera',
      from: '',
      why: null,
    })
    expect(await owes('given by an admin')).toBe('password')
    await one.operators.setPassword('anna', 'only 14 of it.', { by: 'anna', from: '', why: null })
    expect(await owes('only 14 of it.')).toBe('password')
  })
})
