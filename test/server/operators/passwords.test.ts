import { existsSync, readFileSync } from 'node:fs'
import os from 'node:os'
import process from 'node:process'
import { Passwords } from '@vedette/server/operators/passwords'
import { StepUp } from '@vedette/server/operators/step-up'
import { AttemptStore } from '@vedette/server/store/operators/attempts'
import { OperatorStore } from '@vedette/server/store/operators/operators'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import argon2 from 'argon2'
import { describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { nicenessOf } from '../../support/server-processes.ts'
import { rejectionOf } from '../../support/thrown.ts'
import { until } from '../../support/until.ts'

const RIGHT = 'correct horse battery'
const MINUTE = 60_000

async function stepUpIn(folder: string, clock: ManualClock, password = RIGHT) {
  const store = OperatorStore.open(`${folder}/operators.db`)
  const attempts = new AttemptStore(store.queries)
  const stepUp = new StepUp({ store, attempts, clock })
  if ((await store.all()).length === 0) {
    const hand = { by: 'server', from: 'server', why: null }
    const change = { kind: 'operator.added', operator: 'anna', hand, at: 0, details: {} } as const
    const anna = { name: 'anna', fullName: '', lists: null, cameras: null, role: 'admin' } as const
    await store.add({ ...anna, password: await stepUp.passwords.encode(password) }, change)
  }
  return {
    ...{ stepUp, store },
    async [Symbol.asyncDispose]() {
      await stepUp.passwords[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

describe('a password', () => {
  const alone = { name: 'olga', secondFactor: false }
  const withCode = { name: 'olga', secondFactor: true }

  it.each([
    ['too short to be all that is asked for', 'fourteen chars', alone],
    ['too long', 'long enough '.repeat(22), alone],
    ['too short beside a code', 'seven c', withCode],
    ['among the most common', 'Password1', withCode],
    ['a common one twice', 'basketballbasketball', alone],
    ['one character again and again', 'aaaaaaaaaaaaaaaaaaaa', alone],
    ['a few characters again and again', '12341234123412341234', alone],
    ['little more than a name', 'olga-olga-vedette', alone],
  ] as const)('that is %s is not taken', async (_why, password, owner) => {
    const { code } = await rejectionOf(new Passwords().hash(password, owner), Refusal)
    expect(code).toBe('password.weak')
  })

  it('of eight characters is enough beside a code', async () => {
    await using passwords = new Passwords()
    expect(await passwords.hash('tK9.wq-z', withCode)).toMatch(/^\$argon2id\$/)
  })

  it('is the same however its letters were composed', async () => {
    await using passwords = new Passwords()
    const hash = await passwords.hash('Frühstück um sieben'.normalize('NFD'), alone)
    const { right } = await passwords.verify(hash, 'Frühstück um sieben'.normalize('NFC'))
    expect(right).toBe(true)
  })

  it('is kept by argon2id with 19 MiB at least, and its hash made anew where it has less', async () => {
    await using folder = await TemporaryFolder.make()
    await using one = await stepUpIn(folder.path, new ManualClock())
    const hash = (await one.store.password('anna'))!
    const memory = Number(/^\$argon2id\$v=19\$m=(\d+),p=1,t=\d+\$/.exec(hash)?.[1])
    expect(memory).toBeGreaterThanOrEqual(19 * 1024)
    const weak = { memoryCost: 8 * 1024, timeCost: 1, parallelism: 1 }
    await one.store.rehash('anna', await argon2.hash(RIGHT, weak))
    await one.stepUp.check('anna', 'a1', RIGHT)
    const anew = (await one.store.password('anna'))!
    expect(anew).toContain(`m=${memory},`)
    expect((await one.stepUp.passwords.verify(anew, RIGHT)).right).toBe(true)
  })

  it('that is right is right where there is no time to make its hash anew', async () => {
    await using folder = await TemporaryFolder.make()
    await using one = await stepUpIn(folder.path, new ManualClock())
    const weak = await argon2.hash(RIGHT, { memoryCost: 8 * 1024, timeCost: 1, parallelism: 1 })
    await one.store.rehash('anna', weak)
    const { passwords } = one.stepUp
    const full = new Unavailable('password.busy', 'too many', { hint: 'later' })
    const encode = vi.spyOn(passwords, 'encode').mockRejectedValueOnce(full)
    await one.stepUp.check('anna', 'a1', RIGHT)
    expect(encode).toHaveBeenCalledOnce()
    expect(await one.store.password('anna')).toBe(weak)
    await one.stepUp.check('anna', 'a1', RIGHT)
    expect(await one.store.password('anna')).not.toBe(weak)
  })

  it('is checked one at a time, with sixteen waiting; whoever comes then comes again', async () => {
    await using passwords = new Passwords()
    const hash = await argon2.hash(RIGHT, { memoryCost: 1024, timeCost: 2, parallelism: 1 })
    const asked = Array.from({ length: 200 }, () => passwords.verify(hash, RIGHT))
    const done = await Promise.allSettled(asked)
    const busy = done.flatMap((one) =>
      one.status === 'rejected' ? [one.reason as Unavailable] : [],
    )
    expect([done.length - busy.length, busy.length]).toEqual([17, 183])
    expect(
      busy.every(({ code, retryAfter }) => code === 'password.busy' && retryAfter === 1000),
    ).toBe(true)
    expect((await passwords.verify(hash, RIGHT)).right).toBe(true)
  })
})

describe('the process that checks passwords', () => {
  const gone = (pid: number) => !existsSync(`/proc/${pid}`)

  it('stands behind this one with all its threads, and shows nobody what it was given', async () => {
    await using passwords = new Passwords()
    await passwords.encode(RIGHT)
    const niceness = nicenessOf(passwords.pid)
    expect(niceness.length).toBeGreaterThan(4)
    expect(new Set(niceness)).toEqual(new Set([Math.min(19, os.getPriority() + 10)]))
    const of = `/proc/${passwords.pid}`
    const seen = readFileSync(`${of}/cmdline`, 'utf8') + readFileSync(`${of}/environ`, 'utf8')
    expect(seen).toContain('password-process')
    expect(seen).not.toContain(RIGHT)
    expect(seen).not.toContain('PATH=')
  })

  it('is replaced when it dies: whom it worked for is told, whoever waits is judged', async () => {
    await using passwords = new Passwords()
    const hash = await argon2.hash(RIGHT, { memoryCost: 1024, timeCost: 2, parallelism: 1 })
    const [first, ...others] = [RIGHT, 'wrong', RIGHT].map((one) => passwords.verify(hash, one))
    const told = rejectionOf(first!, Unavailable)
    await until(() => passwords.pid !== undefined)
    const before = passwords.pid!
    process.kill(before, 'SIGKILL')
    expect(await told).toMatchObject({ code: 'worker.died', retryAfter: 1000 })
    expect((await told).hint).toContain('try again')
    expect((await Promise.all(others)).map(({ right }) => right)).toEqual([false, true])
    expect(passwords.pid).not.toBe(before)
  })

  it('does not count a guess that it died of', async () => {
    await using folder = await TemporaryFolder.make()
    await using one = await stepUpIn(folder.path, new ManualClock())
    const { passwords } = one.stepUp
    for (let n = 0; n < 4; n++) {
      const guess = rejectionOf(one.stepUp.check('anna', 'a1', 'x'), Unavailable)
      await until(() => passwords.backlog > 0)
      process.kill(passwords.pid!, 'SIGKILL')
      expect((await guess).code).toBe('worker.died')
    }
    await one.stepUp.check('anna', 'a1', RIGHT)
  })

  it('ends when nothing came for a while, and begins again', async () => {
    await using passwords = new Passwords({ idleMs: 1 })
    const hash = await passwords.encode(RIGHT)
    await until(() => passwords.pid === undefined)
    expect((await passwords.verify(hash, RIGHT)).right).toBe(true)
  })

  it('ends with its owner: what it has is finished, what waits is sent away', async () => {
    const passwords = new Passwords()
    const hash = await passwords.encode(RIGHT)
    const pid = passwords.pid!
    const asked = [1, 2, 3].map(() => passwords.verify(hash, RIGHT))
    const outcomes = Promise.allSettled(asked)
    await until(() => passwords.backlog > 0)
    await passwords[Symbol.asyncDispose]()
    expect(gone(pid)).toBe(true)
    expect(await outcomes).toMatchObject([
      { status: 'fulfilled', value: { right: true } },
      { reason: { code: 'worker.died' } },
      { reason: { code: 'worker.died' } },
    ])
    expect((await rejectionOf(passwords.encode(RIGHT), Unavailable)).code).toBe('worker.died')
    expect(passwords.pid).toBeUndefined()
  })
})

describe('guessing', () => {
  it('costs nothing three times, then twice as long each time, a quarter of an hour at most', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await stepUpIn(folder.path, clock)
    const guess = async () =>
      (await rejectionOf(one.stepUp.check('anna', 'a1', 'x'), Error)) as Refusal | Unavailable
    const pauses: number[] = []
    for (let n = 0; n < 14; n++) {
      expect((await guess()).code).toBe('password.wrong')
      const next = n < 2 ? 0 : ((await guess()).retryAfter ?? 0)
      pauses.push(next)
      clock.advance(next)
    }
    expect(pauses.slice(0, 6)).toEqual([0, 0, 1000, 2000, 4000, 8000])
    expect(Math.max(...pauses)).toBe(15 * MINUTE)
  })

  it('is still held off after a restart, and begins anew after the right one', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    {
      await using one = await stepUpIn(folder.path, clock)
      for (let n = 0; n < 3; n++) await one.stepUp.check('anna', 'a1', 'x').catch(() => {})
    }
    await using one = await stepUpIn(folder.path, clock)
    const { code } = await rejectionOf(one.stepUp.check('anna', 'a1', RIGHT), Unavailable)
    expect(code).toBe('password.wait')
    await one.stepUp.check('anna', 'another device', RIGHT)
    clock.advance(1000)
    await one.stepUp.check('anna', 'a1', RIGHT)
    for (let n = 0; n < 3; n++) {
      const again = await rejectionOf(one.stepUp.check('anna', 'a1', 'x'), Refusal)
      expect(again.code).toBe('password.wrong')
    }
  })

  it('by many at once is not let through more often than one after the other', async () => {
    await using folder = await TemporaryFolder.make()
    await using one = await stepUpIn(folder.path, new ManualClock())
    const asked = Array.from({ length: 12 }, () => one.stepUp.check('anna', 'a1', 'x'))
    const codes = (await Promise.allSettled(asked)).map((each) =>
      each.status === 'rejected' ? (each.reason as Refusal | Unavailable).code : 'right',
    )
    expect(codes.filter((code) => code === 'password.wrong')).toHaveLength(3)
    expect(codes.filter((code) => code === 'password.wait')).toHaveLength(9)
  })
})
