import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { Visits } from '@vedette/server/desk/visits'
import type { FastifyReply } from 'fastify'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { attempt, HOUR_MS, type OpenSignIn, openSignIn } from '../../support/server-sign-in.ts'

const enter = (one: OpenSignIn, more: object = {}) =>
  one.signIn.attempt(attempt('anna', 'the right words of anna', more))

describe('a session', () => {
  it('is over when nobody does anything for a quarter of an hour', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    const { token } = await enter(one)
    clock.advance(HOUR_MS / 4 - 1)
    const session = (await one.sessions.find(token))!
    await one.sessions.acted(session)
    clock.advance(HOUR_MS / 4 - 1)
    expect(await one.sessions.find(token)).toBeDefined()
    clock.advance(1)
    expect(await one.sessions.find(token)).toBeUndefined()
    expect(await one.sessions.of('anna')).toEqual([])
  })

  it('is over after twelve hours whatever is done, and whoever listens is told', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    const { token, session } = await enter(one)
    const ended: string[] = []
    one.sessions.listen((id) => ended.push(id))
    for (let minutes = 0; minutes < 12 * 60; minutes += 10) {
      const found = (await one.sessions.find(token))!
      await one.sessions.acted(found)
      clock.advance(600_000)
    }
    expect(await one.sessions.find(token)).toBeUndefined()
    expect(ended).toEqual([session.id])
  })

  it('of a screen on the wall lasts for months, and not for ever', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    const { token } = await enter(one, { wall: true })
    clock.advance(89 * 24 * HOUR_MS)
    expect((await one.sessions.find(token))?.wall).toBe(true)
    clock.advance(24 * HOUR_MS)
    expect(await one.sessions.find(token)).toBeUndefined()
  })

  it('survives a restart, and is in the file only by its hash', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    const { token, session } = await (async () => {
      await using one = await openSignIn(folder.path, clock)
      return await enter(one)
    })()
    await using one = await openSignIn(folder.path, clock)
    expect(await one.sessions.find(token)).toEqual(session)
    expect(token).toMatch(/^[\w-]{43}$/)
    expect(await one.sessions.find(session.id)).toBeUndefined()
  })

  it('is one of twenty at most: the oldest makes room', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    const { token: first, device } = await enter(one)
    for (let n = 0; n < 20; n++) {
      clock.advance(1000)
      await enter(one, { device })
    }
    expect(await one.sessions.of('anna')).toHaveLength(20)
    expect(await one.sessions.find(first)).toBeUndefined()
  })

  it('that is over ends what is still being answered in it within a minute', async () => {
    await using folder = await TemporaryFolder.make()
    const clock = new ManualClock()
    await using one = await openSignIn(folder.path, clock)
    const visits = new Visits(one.sessions, clock)
    one.sessions.listen((id) => visits.hangUp(id))
    const [idle, busy] = [await enter(one), await enter(one, { wall: true })]
    const [first, second] = [answering(), answering()]
    visits.note(idle.session, first.reply)
    visits.note(busy.session, second.reply)
    clock.advance(HOUR_MS / 4)
    while (!first.socket.destroyed) await new Promise(setImmediate)
    expect(second.socket.destroyed).toBe(false)
    expect(clock.pending).toEqual([60_000])
    visits.stop()
  })
})

/** An answer that goes on until its connection is cut. */
function answering() {
  const socket = new Socket()
  const raw = Object.assign(new EventEmitter(), { socket })
  socket.once('close', () => raw.emit('close'))
  return { socket, reply: { raw } as unknown as FastifyReply }
}
