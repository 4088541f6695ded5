import { LiveFigures } from '@vedette/agent/live/figures'
import { Live } from '@vedette/agent/live/live'
import type { Picture } from '@vedette/models/picture'
import { decodePicture } from '@vedette/models/picture'
import { Pieces } from '@vedette/server/gate/pieces'
import {
  type FromAgent,
  MOST_LIVE_BYTES,
  type View,
  type ViewedFace,
  type Watch,
} from '@vedette/shared/message'
import { createMetrics } from '@vedette/shared/metrics'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { recordedLog } from '../../support/agent-log.ts'
import { noisyPicture, picture } from '../../support/agent-pictures.ts'

const FACE: ViewedFace = { track: 't-1', box: [10, 20, 30, 40], asked: 1, quality: 0.5 }
const WATCH: Watch = { type: 'watch', camera: 'gate', fps: 5, side: 320, lease: 10_000 }
const scene = picture(640, 360, (x, y) => (x + y) % 256)

/** The server's end of a line, which takes each picture at once unless a test says otherwise. */
function agent({ mode = 'on' as 'on' | 'off', taking = true } = {}) {
  const clock = new ManualClock()
  const { log, lines } = recordedLog()
  const said: FromAgent[] = []
  const standing = new Map<string, 'open' | { code: string }>([['gate', 'open']])
  const state = { waiting: 0, backlog: 0 }
  const live: Live = new Live({
    mode: () => mode,
    standing: (camera) => standing.get(camera),
    waiting: () => state.waiting,
    figures: new LiveFigures(createMetrics('agent'), () => live.cameras.length),
    clock,
    log,
  })
  const line = {
    post(message: FromAgent) {
      said.push(message)
      const shown = message.type === 'view' || message.type === 'more'
      if (taking && shown) live.heard({ type: 'viewed', n: message.n })
      return true
    },
    get backlog() {
      return state.backlog
    },
  }
  live.opened(line)
  /** What the server has put together of what was said. */
  const views = () => {
    const pieces = new Pieces()
    return said.flatMap((message): View[] => {
      if (message.type === 'view') return [pieces.begin(message) ?? []].flat()
      return message.type === 'more' ? [pieces.add(message) ?? []].flat() : []
    })
  }
  let heard = 0
  return {
    live,
    clock,
    state,
    standing,
    said,
    views,
    events: () => lines.map(({ event, why }) => [event, why]).filter(([, why]) => why),
    line,
    /** Has the server take all that was sent, each piece so long after the one before, ms. */
    taken(ms: number) {
      for (; heard < said.length; heard++) {
        clock.advance(ms)
        live.heard({ type: 'viewed', n: heard })
      }
    },
    /** Shows a frame and waits for what comes of it. */
    async see(shown: Picture = scene, camera = 'gate') {
      await live.see(camera, { picture: shown, capturedAt: clock.now(), sceneTime: 0 }, () => [
        FACE,
      ])
    },
  }
}

describe('a camera that nobody looks through', () => {
  it('sends nothing, and costs nothing', async () => {
    const { live, said, clock } = agent()
    live.see('gate', { picture: scene, capturedAt: clock.now(), sceneTime: 0 }, () => {
      throw new TypeError('asked for faces')
    })
    await new Promise(setImmediate)
    expect(said).toEqual([])
  })
})

describe('a camera that somebody looks through', () => {
  it('shows what it sees, small, with the faces in pixels of its own picture', async () => {
    const { live, views, see } = agent()
    live.heard(WATCH)
    await see()
    const [view] = views()
    expect(view).toMatchObject({ camera: 'gate', n: 0, width: 640, height: 360, faces: [FACE] })
    expect(await decodePicture(view!.picture)).toMatchObject({ width: 320, height: 180 })
  })

  it('shows as many pictures a second as are asked for', async () => {
    const { live, views, see, clock } = agent()
    live.heard({ ...WATCH, fps: 2 })
    for (let i = 0; i < 40; i++) {
      await see()
      clock.advance(100)
    }
    expect(views()).toHaveLength(9)
  })

  it('goes on while it is asked for, and stops by itself when nobody asks any more', async () => {
    const { live, views, see, clock, events } = agent()
    live.heard(WATCH)
    clock.advance(9000)
    live.heard(WATCH)
    clock.advance(9000)
    await see()
    expect(views()).toHaveLength(1)
    clock.advance(1000)
    await see()
    expect(views()).toHaveLength(1)
    expect(events()).toEqual([['live.end', 'lease']])
  })

  it('stops when the server says so, and when the link is gone', async () => {
    const { live, views, see, events, line } = agent()
    live.heard(WATCH)
    live.heard({ ...WATCH, lease: 0 })
    await see()
    live.heard(WATCH)
    live.closed(line)
    await see()
    expect(views()).toEqual([])
    expect(live.cameras).toEqual([])
    expect(events()).toEqual([
      ['live.end', 'over'],
      ['live.end', 'link'],
    ])
  })

  it('does not stop when a connection is gone that another has taken the place of', () => {
    const { live, line } = agent()
    live.opened({ post: () => true, backlog: 0 })
    live.heard(WATCH)
    live.closed(line)
    expect(live.cameras).toEqual(['gate'])
  })
})

describe('a live picture', () => {
  it.each([
    ['bytes wait to be sent', { backlog: 1, waiting: 0 }],
    ['a window of questions is not acknowledged', { backlog: 0, waiting: 32 }],
  ])('is dropped while %s', async (_what, busy) => {
    const { live, views, see, state } = agent()
    live.heard(WATCH)
    Object.assign(state, busy)
    await see()
    expect(views()).toEqual([])
    Object.assign(state, { backlog: 0, waiting: 0 })
    await see()
    expect(views()).toHaveLength(1)
  })

  it('is dropped while the one before has not been taken', async () => {
    const { live, said, see, clock, taken } = agent({ taking: false })
    const begun = () => said.filter(({ type }) => type === 'view')
    live.heard(WATCH)
    await see()
    clock.advance(300)
    await see()
    expect(begun()).toHaveLength(1)
    taken(1)
    clock.advance(1000)
    await see()
    expect(begun()).toHaveLength(2)
  })

  it('is smaller on a slow link, and as good as before once the link is quick again', async () => {
    const { live, views, see, clock, taken } = agent({ taking: false })
    live.heard({ ...WATCH, fps: 10, lease: 200_000 })
    const grain = noisyPicture(320, 180)
    for (let i = 0; i < 60; i++) {
      await see(grain)
      taken(i < 2 ? 100 : 2)
      clock.advance(2000)
    }
    const sizes = views().map(({ picture }) => picture.length)
    expect(views()).toHaveLength(60)
    expect(sizes[1]).toBeLessThan(sizes[0]!)
    expect(sizes[2]).toBeLessThan(sizes[1]!)
    expect(sizes[59]).toBe(sizes[0])
  })

  it('fits into a message, whatever the camera sees', async () => {
    const { live, views, see } = agent()
    live.heard({ ...WATCH, side: 960 })
    await see(noisyPicture(960, 540))
    expect(views()[0]!.picture.length).toBeLessThan(MOST_LIVE_BYTES)
  })

  it('is in turn that of each camera on a slow link, as long as that gives any', async () => {
    const { live, views, see, clock, taken, standing } = agent({ taking: false })
    standing.set('door', 'open')
    for (const camera of ['gate', 'door']) live.heard({ ...WATCH, camera, lease: 200_000 })
    for (let i = 0; i < 6; i++) {
      await see(scene, 'gate')
      await see(scene, 'door')
      taken(160)
      clock.advance(400)
    }
    const order = views().map(({ camera }) => camera)
    expect(order.slice(2)).toEqual(['gate', 'door', 'gate', 'door'])
    for (let i = 0; i < 3; i++) {
      await see(scene, 'gate')
      taken(160)
      clock.advance(1600)
    }
    expect(
      views()
        .slice(7)
        .map(({ camera }) => camera),
    ).toEqual(['gate', 'gate'])
  })
})

describe('a camera that cannot be looked through', () => {
  it.each([
    ['live.off', { mode: 'off' as const }, 'gate'],
    ['camera.unknown', {}, 'attic'],
  ])('is refused with why: %s', async (code, options, camera) => {
    const { live, said, see } = agent(options)
    live.heard({ ...WATCH, camera })
    await see(scene, camera)
    expect(said).toEqual([{ type: 'unviewed', camera, code }])
    expect(live.cameras).toEqual([])
  })

  it('says why it gives no pictures, and shows them when it does', async () => {
    const { live, said, views, standing, see } = agent()
    standing.set('gate', { code: 'camera.stalled' })
    live.heard(WATCH)
    expect(said).toEqual([{ type: 'unviewed', camera: 'gate', code: 'camera.stalled' }])
    await see()
    expect(views()).toHaveLength(1)
    live.lost('gate', 'camera.ended')
    expect(said.at(-1)).toEqual({ type: 'unviewed', camera: 'gate', code: 'camera.ended' })
  })

  it('says nothing of a camera that nobody asked for', () => {
    const { live, said } = agent()
    live.lost('gate', 'camera.ended')
    expect(said).toEqual([])
  })

  it('is the seventeenth that is asked for', () => {
    const { live, said, standing } = agent()
    for (let i = 0; i < 17; i++) {
      standing.set(`c-${i}`, 'open')
      live.heard({ ...WATCH, camera: `c-${i}` })
    }
    expect(said).toEqual([{ type: 'unviewed', camera: 'c-16', code: 'live.full' }])
  })
})
