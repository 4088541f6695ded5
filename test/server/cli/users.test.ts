import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Operator } from '@vedette/server/store/operators/operators'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { House } from '../../support/house.ts'
import { run } from '../../support/server-cli.ts'

let house: House

beforeAll(async () => {
  house = await House.found()
  await house.startServer()
  await writeFile(
    join(house.home, 'server.yaml'),
    `gate: { port: ${house.config.gate.port} }\ndesk: { port: ${house.config.desk.port} }\n`,
  )
})

afterAll(() => house[Symbol.asyncDispose]())

const anna = (...args: string[]) => run(['--home', house.home, '--operator', 'anna', ...args])

/** As somebody elsewhere, who has nothing but the folder they were handed. */
function as(folder: string, args: string[], env: Record<string, string> = {}) {
  const desk = `127.0.0.1:${house.config.desk.port}`
  return run(['--desk', desk, '--credentials', folder, ...args], { env })
}

describe('vedette users', () => {
  it('add: makes an account and a folder that is all its holder needs to call', async () => {
    const folder = join(house.home, 'for-bert')
    const password = await house.write('password', 'correct horse battery\n')
    const added = await anna(
      ...['--json', 'users', 'add', 'bert', '--role', 'approver', '--full-name', 'Bert B.'],
      ...['--out', folder, '--new-password-file', password, '--reason', 'new here'],
    )
    expect([added.status, added.err]).toEqual([0, expect.stringContaining('--credentials')])
    expect(JSON.parse(added.out)).toMatchObject({
      operator: { name: 'bert', hasPassword: true },
      folder,
    })
    expect((await stat(join(folder, 'key.pem'))).mode & 0o777).toBe(0o600)
    const shown = await as(folder, ['--json', 'users', 'show'])
    expect(JSON.parse(shown.out) as Operator).toMatchObject({ name: 'bert', role: 'approver' })

    const refused = await as(folder, ['cameras', 'forget', 'gate-7/north'])
    expect([refused.status, refused.err]).toEqual([4, expect.stringContaining('one of: admin')])

    const erase = ['entries', 'erase', 'none', '--reason', 'mistaken']
    const silent = await as(folder, erase)
    expect([silent.status, silent.err]).toEqual([4, expect.stringContaining('VEDETTE_PASSWORD')])
    const wrong = await as(folder, erase, { VEDETTE_PASSWORD: 'wrong horse battery' })
    expect([wrong.status, wrong.err]).toEqual([4, expect.stringContaining('[password.wrong]')])
    const right = await as(folder, ['--password-file', password, ...erase])
    expect([right.status, right.err]).toEqual([3, expect.stringContaining('[entry.not-found]')])
  })

  it('role, scope, disable and enable: take effect at once, and list shows them', async () => {
    const folder = join(house.home, 'for-carl')
    await anna('users', 'add', 'carl', '--role', 'viewer', '--out', folder)
    expect((await anna('users', 'role', 'carl', 'operator')).status).toBe(0)
    const scoped = await anna(
      'users',
      'scope',
      'carl',
      '--lists',
      'wanted',
      '--cameras',
      'gate-7/*',
    )
    expect(scoped.out).toMatch(/cameras +gate-7\/\*/)
    expect((await anna('users', 'disable', 'carl')).status).toBe(0)
    const out = await as(folder, ['users', 'show'])
    expect([out.status, out.err]).toEqual([4, expect.stringContaining('vedette users enable carl')])
    const list = await anna('users', 'list')
    expect(list.out).toMatch(/carl +operator +disabled +no +wanted +gate-7\/\*/)
    expect((await anna('users', 'enable', 'carl')).status).toBe(0)
    expect((await as(folder, ['users', 'show'])).status).toBe(0)
  })

  it('role: nobody raises themselves, and the last admin stays one', async () => {
    const own = await anna('users', 'role', 'anna', 'viewer')
    expect([own.status, own.err]).toEqual([4, expect.stringContaining('[operator.own]')])
  })

  it('password: one sets one’s own, and gives the former one from then on', async () => {
    const folder = join(house.home, 'for-dora')
    await anna('users', 'add', 'dora', '--role', 'viewer', '--out', folder)
    const [first, second] = await Promise.all([
      house.write('first', 'the first of two horses'),
      house.write('second', 'the second of two horses'),
    ])
    const set = (file: string) => ['users', 'password', '--new-password-file', file]
    expect((await as(folder, set(first))).status).toBe(0)
    expect((await as(folder, set(second))).status).toBe(4)
    expect((await as(folder, ['--password-file', first, ...set(second)])).status).toBe(0)
  })
})

describe('vedette enroll, from ten programs at once', () => {
  it('is let through five times in the minute, and says when to go on', async () => {
    const text = await house.write('x.jpg', 'text')
    const ran = await Promise.all(
      Array.from({ length: 10 }, (_, i) => anna('enroll', text, '--name', `Erin ${i}`)),
    )
    const held = ran.filter(({ err }) => err.includes('[enrolment.throttled]'))
    expect(held).toHaveLength(5)
    for (const { status, err } of held) {
      expect([status, err]).toEqual([7, expect.stringMatching(/go on in \d+ seconds/)])
    }
    const others = ran.filter((one) => !held.includes(one))
    expect(others.every(({ err }) => err.includes('photo.'))).toBe(true)
  })

  it('sessions, sign-out, unlock and totp-reset: what an admin does for who signs in at the console', async () => {
    await anna('users', 'add', 'gerd', '--role', 'viewer', '--no-certificate')
    const none = await anna('--json', 'users', 'sessions', 'gerd')
    expect([none.status, none.out]).toEqual([0, '[]\n'])
    const given = await house.write('given', 'a password for gerd\n')
    const set = await anna('users', 'password', 'gerd', '--new-password-file', given)
    expect([set.status, set.err]).toEqual([0, expect.stringContaining('when they first sign in')])
    const weak = await house.write('weak', 'too short\n')
    const refused = await anna('users', 'password', 'gerd', '--new-password-file', weak)
    expect([refused.status, refused.err]).toEqual([7, expect.stringContaining('[password.weak]')])
    const out = await anna('--json', 'users', 'sign-out', 'gerd')
    expect([out.status, JSON.parse(out.out)]).toEqual([0, { ended: 0 }])
    for (const command of ['unlock', 'totp-reset']) {
      const done = await anna('--json', 'users', command, 'gerd')
      expect(JSON.parse(done.out)).toMatchObject({ name: 'gerd', failures: 0, secondFactor: false })
    }
    const own = await anna('users', 'totp-reset', 'anna')
    expect([own.status, own.err]).toEqual([4, expect.stringContaining('[operator.own]')])
  })
})
