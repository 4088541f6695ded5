import type { NamedIncident } from '@vedette/server/desk/answered/alerts'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import type { Problem } from '@vedette/server/desk/problem'
import type { NamedAlert } from '@vedette/server/desk/routes/alerts'
import type { EntryHealth } from '@vedette/server/health/health'
import type { Entry } from '@vedette/server/store/entries'
import type { Dispatcher } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { troubleOf } from '../../support/server-cameras.ts'
import { Deployment } from '../../support/server-deployment.ts'
import {
  type Answer,
  type DeskUser,
  jsonOf,
  openSight,
  TestDesk,
} from '../../support/server-desk.ts'
import { newEntry, newPhoto } from '../../support/server-store.ts'

const NORTH = { agent: 'gate-7', camera: 'north' }
const SOUTH = { agent: 'gate-8', camera: 'south' }
const LATER = 1_763_660_000_000
const JSON_BODY = { body: '{}', headers: { 'content-type': 'application/json' } }
const deployment = await Deployment.found()
const sight = await openSight()
let desk: TestDesk
let anna: DeskUser
/** An admin, of list wanted and of camera gate-7/north. */
let bert: DeskUser
let mine: { entry: string; alert: NamedAlert }
/** On another list at bert's camera, and on his list at another camera. */
let others: { entry: string; alerts: NamedAlert[] }

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  anna = desk.user(deployment.anna)
  expect((await anna.post('/lists', { id: 'secret' })).status).toBe(201)
  await desk.account('bert', 'admin', { lists: ['wanted'], cameras: ['gate-7/north'] })
  bert = desk.user((await deployment.issue('operator', 'bert')).credentials)
  const known = await desk.entry('Known')
  const { entries } = desk.stored.store
  const hidden = (await entries.add(newEntry('Hidden', { list: 'secret' }), [newPhoto(2)])).entry.id
  await desk.alert(known, { probe: NORTH })
  await desk.alert(hidden, { list: 'secret', probe: NORTH })
  await desk.alert(known, { probe: SOUTH })
  for (const { agent, camera } of [NORTH, SOUTH]) {
    await desk.cameras.announced(agent, [camera])
    await desk.cameras.troubled(agent, troubleOf({ camera, kind: 'frozen' }))
  }
  const all = jsonOf<NamedAlert[]>(await anna.get('/alerts'))
  const isMine = ({ list, agent }: NamedAlert) => list === 'wanted' && agent === 'gate-7'
  mine = { entry: known, alert: all.find(isMine)! }
  others = { entry: hidden, alerts: all.filter((alert) => !isMine(alert)) }
})

afterAll(async () => {
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

const see = async <T>(path: string) => jsonOf<T>(await bert.get(path))

describe('whoever is confined to a list and a camera', () => {
  it('sees of entries, alerts, incidents, cameras and troubles what is theirs', async () => {
    expect((await see<Entry[]>('/entries')).map(({ id }) => id)).toEqual([mine.entry])
    expect((await see<NamedAlert[]>('/alerts')).map(({ id }) => id)).toEqual([mine.alert.id])
    expect((await see<NamedAlert[]>('/alerts?limit=1')).map(({ id }) => id)).toEqual([
      mine.alert.id,
    ])
    const incidents = await see<NamedIncident[]>('/incidents?limit=1')
    expect(incidents.flatMap(({ alerts }) => alerts.map(({ id }) => id))).toEqual([mine.alert.id])
    const { cameras } = await see<Watch>('/cameras')
    expect(cameras.map(({ agent, camera }) => ({ agent, camera }))).toEqual([NORTH])
    const troubles = await see<{ agent: string }[]>('/cameras/troubles?limit=1')
    expect(troubles.map(({ agent }) => agent)).toEqual(['gate-7'])
    expect((await see<{ id: string }[]>('/lists')).map(({ id }) => id)).toEqual(['wanted'])
    expect(jsonOf<NamedAlert[]>(await anna.get('/alerts'))).toHaveLength(3)
  })

  it('cannot tell what is not theirs from what is not there, on any route, and changes nothing', async () => {
    const hidden = new Map([
      ['entries', [others.entry]],
      ['alerts', others.alerts.map(({ id }) => id)],
    ])
    const before = desk.digest()
    let asked = 0
    for (const { methods, url } of desk.desk.routes) {
      const ids = hidden.get(/^\/api\/(\w+)\/:id/.exec(url)?.[1] ?? '') ?? []
      for (const id of ids) {
        for (const method of methods as Dispatcher.HttpMethod[]) {
          const send = (which: string) => {
            const path = url.replace('/api', '').replace(':id', which).replace(/:\w+/g, '1')
            const body =
              method === 'GET' || method === 'HEAD' || method === 'DELETE' ? {} : JSON_BODY
            return bert.send(path, { method, ...body })
          }
          const [theirs, nobodys] = [await send(id), await send('nobody')]
          expect([method, url, theirs.status]).toEqual([method, url, 404])
          // Each has a number of its own.
          const said = ({ bytes }: Answer) => bytes.toString().replace(/urn:uuid:[0-9a-f-]+/, '')
          expect(said(theirs).replaceAll(id, 'nobody')).toBe(said(nobodys))
          asked++
        }
      }
    }
    expect(asked).toBeGreaterThan(30)
    expect(desk.digest()).toBe(before)
  })

  it('does not see, place or measure the cameras of others', async () => {
    const place = { latitude: 1, longitude: 1 }
    for (const answer of [
      await bert.put('/cameras/gate-8/south/place', place),
      await bert.delete('/cameras/gate-8/south'),
      await bert.get('/thresholds/gate-8/south'),
      await bert.put('/thresholds', { scope: 'camera', target: 'gate-8/south', budget: 3 }),
    ]) {
      expect([answer.status, jsonOf<Problem>(answer).code]).toEqual([404, 'camera.not-found'])
    }
    const list = await bert.put('/thresholds', { scope: 'list', target: 'secret', budget: 3 })
    expect([list.status, jsonOf<Problem>(list).code]).toEqual([404, 'list.not-found'])
    const all = await bert.put('/thresholds', { scope: 'server', budget: 3 })
    expect([all.status, jsonOf<Problem>(all).code]).toEqual([403, 'operator.not-allowed'])
    expect(desk.stored.rows('budgets')).toBe(0)
  })

  it('is told of nothing else as it happens, nor where they resume', async () => {
    const events = bert.events('/alerts/events?since=0&cameras=1')
    const watch = (await events.next()).value
    expect(watch.event).toBe('watch')
    expect((watch.data as Watch).cameras).toHaveLength(1)
    const first = (await events.next()).value
    expect([first.event, (first.data as { alert: NamedAlert }).alert.id]).toEqual([
      'raised',
      mine.alert.id,
    ])
    const next = events.next()
    await desk.alert(others.entry, { list: 'secret', probe: NORTH })
    await desk.cameras.troubled('gate-8', troubleOf({ camera: 'south', kind: 'covered' }))
    await desk.alert(mine.entry, { probe: { ...NORTH, capturedAt: LATER } })
    const { value } = await next
    expect((value.data as { alert: NamedAlert }).alert).toMatchObject({
      list: 'wanted',
      agent: 'gate-7',
    })
    await events.return(undefined)
  })

  it('is not told that somebody on another list looks the same', async () => {
    const { store } = desk.stored
    const { gallery } = sight
    const add = async (name: string, list: string) => {
      const photo = newPhoto(77, { space: gallery.space })
      const { entry, templates } = await store.entries.add(newEntry(name, { list }), [photo])
      await gallery.add(templates.map((one) => ({ ...one, list })))
      return entry.id
    }
    const [here, there] = [await add('Frida', 'wanted'), await add('Gustav', 'secret')]
    const all = jsonOf<EntryHealth[]>(await anna.get('/entries/health'))
    const mineIn = (found: EntryHealth[]) => found.find(({ entryId }) => entryId === here)!
    expect(mineIn(all).lookAlike).toMatchObject({ entryId: there, name: 'Gustav' })
    expect(mineIn(all).advice.map(({ kind }) => kind)).toContain('duplicate')
    const answer = await bert.get('/entries/health')
    expect(mineIn(jsonOf(answer))).toMatchObject({ lookAlike: null, advice: [] })
    for (const told of [there, 'Gustav', 'secret']) {
      expect(answer.bytes.toString()).not.toContain(told)
    }
    for (const id of [here, there]) await gallery.remove(id)
  })

  it('enrols nobody on another list', async () => {
    const answer = await bert.enrol({ name: 'Erin', list: 'secret' }, [
      { file: 'x.jpg', bytes: Buffer.from('text') },
    ])
    expect([answer.status, jsonOf<Problem>(answer).code]).toEqual([404, 'list.not-found'])
  })

  it('is not given the name of an equal on another list', async () => {
    await desk.alert(mine.entry, {
      rival: others.entry,
      probe: { ...NORTH, capturedAt: LATER * 2 },
    })
    const [latest] = await see<NamedAlert[]>('/alerts?limit=1')
    expect([latest?.rival, latest?.either]).toEqual([others.entry, ['Known']])
  })
})
