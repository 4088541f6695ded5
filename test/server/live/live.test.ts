import type { Viewing } from '@vedette/server/gate/sessions'
import { LiveFigures } from '@vedette/server/live/figures'
import { Live } from '@vedette/server/live/live'
import { type Part, Viewer } from '@vedette/server/live/viewer'
import { silentLog } from '@vedette/shared/log'
import type { Watch } from '@vedette/shared/message'
import { createMetrics } from '@vedette/shared/metrics'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { livePartsOf, viewOf } from '../../support/server-live.ts'

const NORTH = { agent: 'gate-7', camera: 'north' }
const WISH = { fps: 5, side: 640 }

function relay(viewing: Viewing = 'on') {
  const clock = new ManualClock()
  const asked: Omit<Watch, 'type'>[] = []
  const hub = { viewing }
  const live: Live = new Live({
    viewing: () => hub.viewing,
    ask: (_agent, { type: _, ...watch }) => void asked.push(watch),
    figures: new LiveFigures(createMetrics('server'), {
      viewers: () => live.viewers,
      cameras: () => live.cameras.length,
    }),
    clock,
    log: silentLog,
  })
  return { live, clock, asked, hub }
}

const viewerOf = (fps: number, sees = (_list: string) => true) => new Viewer(fps, sees)

/** The heads of all that waits to be sent. */
async function told(viewer: Viewer): Promise<object[]> {
  const parts: Part[] = []
  for (let part = viewer.next(); part; part = viewer.next()) parts.push(part)
  const bytes = parts.flatMap(({ head, picture }) => (picture ? [head, picture] : [head]))
  const heads: object[] = []
  for await (const { head } of livePartsOf(each(bytes))) heads.push(head)
  return heads
}

async function* each(bytes: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* bytes
}

describe('an agent is asked for live pictures', () => {
  it('once, however many look, for the most that anybody wants, and again every few seconds', () => {
    const { live, clock, asked } = relay()
    const [one, other] = [viewerOf(5), viewerOf(10)]
    live.look(NORTH, WISH, one)
    const leave = live.look(NORTH, { fps: 10, side: 320 }, other)
    expect(asked).toEqual([
      { camera: 'north', fps: 5, side: 640, lease: 10_000 },
      { camera: 'north', fps: 10, side: 640, lease: 10_000 },
    ])
    clock.advance(6000)
    expect(asked).toHaveLength(4)
    leave()
    expect(asked.at(-1)).toMatchObject({ fps: 5, side: 640 })
  })

  it('until the last one leaves, and no longer', () => {
    const { live, clock, asked } = relay()
    const leaves = [viewerOf(5), viewerOf(5)].map((viewer) => live.look(NORTH, WISH, viewer))
    leaves[0]!()
    expect(asked).toHaveLength(1)
    leaves[1]!()
    expect(asked.at(-1)).toMatchObject({ camera: 'north', lease: 0 })
    clock.advance(60_000)
    expect([asked.length, live.cameras, clock.pending]).toEqual([2, [], []])
  })

  it('not while it is away, and at once when it is back', async () => {
    const { live, clock, asked, hub } = relay('away')
    const viewer = viewerOf(5)
    live.look(NORTH, WISH, viewer)
    expect(asked).toEqual([])
    expect(await told(viewer)).toEqual([state('away')])
    hub.viewing = 'on'
    clock.advance(1000)
    expect(asked).toHaveLength(1)
    expect(await told(viewer)).toEqual([state('waiting')])
    hub.viewing = 'away'
    live.gone('gate-7')
    expect(await told(viewer)).toEqual([state('away')])
  })
})

describe('a live picture', () => {
  it('goes to everybody who looks, as it came', async () => {
    const { live, clock } = relay()
    const viewers = [viewerOf(5), viewerOf(5)]
    for (const viewer of viewers) live.look(NORTH, WISH, viewer)
    const view = viewOf(0, { capturedAt: clock.now() - 200 })
    live.view('gate-7', view)
    for (const viewer of viewers) {
      expect(await told(viewer)).toEqual([
        state('waiting'),
        {
          ...{ kind: 'picture', camera: 'gate-7/north', width: 640, height: 360 },
          ...{ capturedAt: view.capturedAt, receivedAt: clock.now(), faces: view.faces },
        },
      ])
    }
  })

  it('takes the place of one that was not sent yet: who is slow sees the newest', () => {
    const { live, clock } = relay()
    const viewer = viewerOf(5)
    live.look(NORTH, WISH, viewer)
    viewer.next()
    const pictures = [1, 2, 3].map((n) => Uint8Array.of(0xff, 0xd8, n))
    for (const [n, picture] of pictures.entries()) {
      live.view('gate-7', viewOf(n, { picture }))
      clock.advance(200)
    }
    expect(viewer.next()?.picture).toBe(pictures[2])
    expect(viewer.next()).toBeUndefined()
    expect(viewer.counts('gate-7/north')).toEqual({ pictures: 1, missed: 2 })
  })

  it('is not sent more often than its viewer wants, though others want more', () => {
    const { live, clock } = relay()
    const [often, seldom] = [viewerOf(10), viewerOf(2)]
    const sent = new Map([often, seldom].map((viewer) => [viewer, 0]))
    for (const viewer of sent.keys()) {
      live.look(NORTH, WISH, viewer)
      viewer.next()
    }
    for (let n = 0; n < 40; n++) {
      live.view('gate-7', viewOf(n))
      for (const viewer of sent.keys()) {
        while (viewer.next()?.picture) sent.set(viewer, sent.get(viewer)! + 1)
      }
      clock.advance(100)
    }
    expect([...sent.values()]).toEqual([40, 9])
  })

  it('of a camera that nobody looks through is dropped', () => {
    const { live } = relay()
    const viewer = viewerOf(5)
    live.look({ agent: 'gate-8', camera: 'north' }, WISH, viewer)
    viewer.next()
    live.view('gate-7', viewOf(0))
    expect(viewer.next()).toBeUndefined()
  })

  it('is not shown any more once it is known that there is none', async () => {
    const { live } = relay()
    const viewer = viewerOf(5)
    live.look(NORTH, WISH, viewer)
    live.view('gate-7', viewOf(0))
    live.unviewed('gate-7', { type: 'unviewed', camera: 'north', code: 'camera.stalled' })
    expect(await told(viewer)).toEqual([state('refused', 'camera.stalled')])
  })
})

function state(its: string, code: string | null = null) {
  return { kind: 'state', camera: 'gate-7/north', state: its, code }
}

describe('whom an alert is about', () => {
  const walk = { agent: 'gate-7', camera: 'north', track: 't-1', list: 'wanted', alert: 'a-1' }
  const match = { kind: 'match', camera: 'gate-7/north', track: 't-1', alert: 'a-1' }

  it('is told to those who look there and see that alert, before or after they began', async () => {
    const { live } = relay()
    const [early, late, elsewhere] = [viewerOf(5), viewerOf(5), viewerOf(5)]
    live.look(NORTH, WISH, early)
    live.look({ agent: 'gate-7', camera: 'south' }, WISH, elsewhere)
    live.walked(walk)
    live.look(NORTH, WISH, late)
    expect(await told(early)).toEqual([state('waiting'), match])
    expect(await told(late)).toEqual([state('waiting'), match])
    expect((await told(elsewhere)).length).toBe(1)
  })

  it('is not told to those whose lists are others', async () => {
    const { live } = relay()
    const viewer = viewerOf(5, (list) => list !== 'wanted')
    live.walked(walk)
    live.look(NORTH, WISH, viewer)
    live.walked({ ...walk, track: 't-2' })
    expect(await told(viewer)).toEqual([state('waiting')])
  })

  it('is not remembered for ever', async () => {
    const { live } = relay()
    for (let n = 0; n < 300; n++) live.walked({ ...walk, track: `t-${n}` })
    const viewer = viewerOf(5)
    live.look(NORTH, WISH, viewer)
    expect((await told(viewer)).length).toBe(1 + 256)
  })
})
