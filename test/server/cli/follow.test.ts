import { type Followed, follow } from '@vedette/server/cli/follow'
import { Unavailable } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { rejectionOf } from '../../support/thrown.ts'

type Said = { id?: string; event: string; data: unknown } | 'lost' | 'closed'

/** A desk that says this on each connection, one after the other, and that notes what it was asked. */
function deskOf(...connections: Said[][]) {
  const asked: string[] = []
  return {
    asked,
    async *events(path: string) {
      asked.push(path)
      for (const said of connections[asked.length - 1] ?? ['lost']) {
        if (said === 'closed') return
        if (said === 'lost') throw new Unavailable('desk.unreachable', 'no answer')
        yield { id: said.id, event: said.event, data: JSON.stringify(said.data) }
      }
      await new Promise(() => {})
    },
  }
}

async function take(desk: ReturnType<typeof deskOf>, count: number, since?: string) {
  const taken: Followed[] = []
  for await (const change of follow(desk, since, new AbortController().signal)) {
    taken.push(change)
    if (taken.length === count) break
  }
  return taken
}

const watch = { event: 'watch', data: { state: 'red', canary: {}, cameras: [] } } as const
const raised = (seq: number) => ({
  id: String(seq),
  event: 'raised',
  data: { kind: 'raised', seq },
})

describe('whoever follows the desk', () => {
  it('hears first how all cameras are, then of alerts and cameras as they change', async () => {
    const camera = { event: 'camera', data: { kind: 'camera', camera: { state: 'red' } } }
    const desk = deskOf([watch, raised(7), camera])
    expect(await take(desk, 3)).toMatchObject([
      { kind: 'watch', state: 'red' },
      { kind: 'raised', seq: 7 },
      { kind: 'camera', camera: { state: 'red' } },
    ])
    expect(desk.asked).toEqual(['/alerts/events?cameras=1&entries=1'])
  })

  it('hears once that the link is down, and again when it is up, and misses no alert', async () => {
    const desk = deskOf([watch, raised(7), 'lost'], ['lost'], ['closed'], [watch, raised(8)])
    const heard = await take(desk, 6, '3')
    expect(
      heard.map((change) => ('state' in change ? `${change.kind} ${change.state}` : change.kind)),
    ).toEqual(['watch red', 'raised', 'link down', 'link up', 'watch red', 'raised'])
    expect(desk.asked).toEqual([
      '/alerts/events?cameras=1&entries=1&since=3',
      ...Array.from({ length: 3 }, () => '/alerts/events?cameras=1&entries=1&since=7'),
    ])
  })

  it('is told at once where there is no server at all', async () => {
    await rejectionOf(take(deskOf(['lost']), 1), Unavailable)
  })
})
