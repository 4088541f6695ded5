import { IntegrityFault, Refusal } from '@vedette/shared/errors'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CameraBench, LIMIT, NORTH, troubleOf } from '../../support/server-cameras.ts'
import { HAND } from '../../support/server-store.ts'
import { rejectionOf } from '../../support/thrown.ts'

let bench: CameraBench

beforeEach(async () => {
  bench = await CameraBench.open()
})

afterEach(() => bench[Symbol.asyncDispose]())

const states = () =>
  bench.told.flatMap((change) =>
    change.kind === 'camera' ? [`${change.camera.state} ${change.camera.why}`] : [],
  )

describe('cameras', () => {
  it('are missed when their agent is away: amber at once, red at the limit', async () => {
    await bench.present(NORTH)
    await bench.cameras.passed(NORTH, 100)
    bench.cameras.start()
    await bench.present()
    expect(states()).toEqual(['green well', 'amber away'])
    bench.clock.advance(LIMIT)
    expect(states()).toEqual(['green well', 'amber away', 'red away'])
    expect(bench.book.of('canary.missed')).toMatchObject([{ ...NORTH, why: 'away' }])
  })

  it('are missed though nobody saw them since the server was started', async () => {
    await bench.present(NORTH)
    await bench.cameras.passed(NORTH, 100)
    bench.clock.advance(3_600_000)
    const next = await CameraBench.again(bench.stored, bench.clock)
    next.cameras.start()
    expect(next.state).toBe('amber away')
    bench.clock.advance(LIMIT)
    expect(next.state).toBe('red away')
    next.cameras.stop()
  })

  it('are not missed once they are forgotten, and only what is gone can be', async () => {
    await bench.present(NORTH)
    await bench.cameras.troubled('gate-7', troubleOf())
    const present = await rejectionOf(bench.cameras.forget(NORTH, HAND), Refusal)
    expect(present).toMatchObject({ code: 'camera.connected' })
    await bench.present()
    await bench.cameras.forget(NORTH, HAND)
    expect(bench.cameras.all()).toEqual([])
    expect([bench.stored.rows('cameras'), bench.stored.rows('troubles')]).toEqual([0, 0])
    expect(bench.told.at(-1)).toEqual({ kind: 'forgotten', camera: NORTH })
    expect(await rejectionOf(bench.cameras.forget(NORTH, HAND), Refusal)).toMatchObject({
      code: 'camera.not-found',
    })
  })

  it('are never green where canaries are off', async () => {
    const off = await CameraBench.again(bench.stored, bench.clock, false)
    await off.present(NORTH)
    off.cameras.start()
    expect(off.state).toBe('amber unchecked')
    bench.clock.advance(LIMIT)
    expect(off.state).toBe('amber unchecked')
    off.cameras.stop()
  })
})

describe('a trouble', () => {
  beforeEach(async () => {
    await bench.present(NORTH)
    await bench.cameras.passed(NORTH, 100)
  })

  it('makes a camera red or amber while it stands, and is told when it begins and ends', async () => {
    await bench.cameras.troubled('gate-7', troubleOf())
    expect(bench.state).toBe('red blind')
    const over = troubleOf({ over: true, at: 1_763_650_060_000 })
    await bench.cameras.troubled('gate-7', over)
    expect(bench.state).toBe('green well')
    const told = bench.told.flatMap((change) => (change.kind === 'trouble' ? [change.trouble] : []))
    expect(told).toMatchObject([
      { ...NORTH, kind: 'covered', endedAt: null, pictures: { begin: true, end: false } },
      { ...NORTH, kind: 'covered', endedAt: over.at, pictures: { begin: true, end: true } },
    ])
    expect(told[0]!.id).toBe(told[1]!.id)
  })

  it('that is reported twice is one', async () => {
    await bench.cameras.troubled('gate-7', troubleOf())
    await bench.cameras.troubled('gate-7', troubleOf({ seq: 2 }))
    expect(bench.stored.rows('troubles')).toBe(1)
    expect(bench.told.filter(({ kind }) => kind === 'trouble')).toHaveLength(1)
    await bench.cameras.troubled('gate-7', troubleOf({ over: true }))
    await bench.cameras.troubled('gate-7', troubleOf())
    expect(bench.state).toBe('green well')
  })

  it('of an earlier life of the agent ends when the agent says that it does not stand', async () => {
    await bench.cameras.troubled('gate-7', troubleOf())
    const next = await CameraBench.again(bench.stored, bench.clock)
    await next.present(NORTH)
    expect(next.state).toBe('red blind')
    const at = bench.clock.now() + 5000
    const { picture: _, ...well } = troubleOf({ over: true, since: at, at })
    await next.cameras.troubled('gate-7', well)
    expect(next.state).toBe('green well')
    expect(await bench.stored.store.troubles.list({ standing: true })).toEqual([])
  })

  it('of another camera or kind ends nothing', async () => {
    await bench.cameras.troubled('gate-7', troubleOf())
    await bench.cameras.troubled('gate-7', troubleOf({ kind: 'dark', over: true }))
    await bench.cameras.troubled('gate-8', troubleOf({ over: true }))
    expect(bench.state).toBe('red blind')
  })

  it('keeps its pictures sealed, each in its place, for 31 days', async () => {
    const { troubles } = bench.stored.store
    await bench.cameras.troubled('gate-7', troubleOf())
    const end = Buffer.from('\xff\xd8\xff after', 'latin1')
    await bench.cameras.troubled('gate-7', troubleOf({ over: true, picture: end }))
    const [{ id } = { id: '' }] = await troubles.list()
    expect(await troubles.picture(id, 'begin')).toEqual(Buffer.from(troubleOf().picture!))
    expect(await troubles.picture(id, 'end')).toEqual(end)
    for (const [name, file] of await bench.stored.files()) {
      expect([name, file.includes(Buffer.from([0xff, 0xd8, 0xff]))]).toEqual([name, false])
    }
    bench.stored.elsewhere().exec('UPDATE troubles SET beginPicture = endPicture')
    expect(await rejectionOf(troubles.picture(id, 'begin'), IntegrityFault)).toMatchObject({
      code: 'vault.changed',
    })

    bench.cameras.start()
    bench.clock.advance(31 * 86_400_000 - 1000)
    expect(bench.stored.rows('troubles')).toBe(1)
    bench.clock.advance(7 * 3_600_000)
    await expect.poll(() => bench.stored.rows('troubles')).toBe(0)
    expect(await rejectionOf(troubles.picture(id, 'end'), Refusal)).toMatchObject({
      code: 'trouble.not-found',
    })
  })

  it('is one of five hundred at most that are kept of a camera: who reports without end fills no disk', async () => {
    await bench.cameras.troubled('gate-8', troubleOf())
    for (let i = 0; i < 510; i++) {
      bench.clock.advance(1)
      await bench.cameras.troubled('gate-7', troubleOf({ since: 1_763_650_000_000 + i }))
    }
    const kept = await bench.stored.store.troubles.list()
    expect(kept).toHaveLength(501)
    expect(
      Math.min(...kept.filter(({ agent }) => agent === 'gate-7').map(({ since }) => since)),
    ).toBe(1_763_650_000_010)
  })
})
