import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { openSight, TestDesk } from '../../support/server-desk.ts'
import { jpegOf, oneFace } from '../../support/server-photos.ts'

const NAME = 'Xaverine Quexillion-Sentinel'
const NOTE = 'last seen at the Quexillion bakery'

const deployment = await Deployment.found()
const sight = await openSight()
afterAll(() => Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]())))

it('a name, a note and a template are in no log, no act and no export, whatever is done', async () => {
  const desk = await TestDesk.open(deployment, sight)
  await using _desk = desk
  const anna = desk.user(deployment.anna)
  const file = { file: 'front.jpg', bytes: await jpegOf(await oneFace(2)) }
  const enrolled = await anna.enrol({ name: NAME, note: NOTE }, [file])
  expect(enrolled.status).toBe(201)
  const answer = JSON.parse(enrolled.bytes.toString())
  const { id } = (answer.entry ?? answer) as { id: string }
  await desk.alert(id)
  for (const path of [
    '/entries',
    `/entries/${id}`,
    `/entries/${id}/photos/1`,
    '/entries/nobody',
    '/alerts',
    '/audit?text=Quexillion',
  ]) {
    await anna.get(path)
  }
  const [alert] = JSON.parse((await anna.get('/alerts')).bytes.toString()) as { id: string }[]
  await anna.get(`/alerts/${alert!.id}`)
  await anna.post(`/alerts/${alert!.id}/acknowledge`, { note: NAME })
  await anna.post(`/alerts/${alert!.id}/resolve`, { outcome: 'false', note: NOTE })
  await anna.post(`/entries/${id}/strictness`, { factor: 10 })

  const { store } = desk.stored
  const templates = await store.entries.templates(sight.gallery.space)
  const { vector } = templates.find(({ entryId }) => entryId === id)!
  const bytes = Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength)
  const needles: Buffer[] = [
    Buffer.from(NAME),
    Buffer.from(NOTE),
    Buffer.from('Quexillion'),
    Buffer.from(bytes.subarray(0, 48).toString('hex')),
    Buffer.from(bytes.subarray(0, 48).toString('base64')),
    Buffer.from([...vector.slice(0, 3)].join(',')),
    bytes.subarray(0, 32),
  ]
  const exported = await text(desk.audit.exported())
  const acts = desk.stored.elsewhere().prepare('SELECT body FROM actBodies').pluck().all()
  expect(acts.length).toBeGreaterThan(10)
  const places = new Map<string, Buffer>([
    ['log', Buffer.from(JSON.stringify(desk.book.lines))],
    ['acts', Buffer.from(acts.join('\n'))],
    ['export', Buffer.from(exported)],
    ['heads', await readFile(join(desk.stored.folder, 'audit.heads'))],
  ])
  for (const [place, hay] of places) {
    for (const needle of needles) expect([place, hay.includes(needle)]).toEqual([place, false])
  }
  const names = (await readdir(desk.stored.folder)).filter((name) => /^wanted/.test(name))
  for (const name of names) {
    const hay = await readFile(join(desk.stored.folder, name))
    for (const needle of needles) expect([name, hay.includes(needle)]).toEqual([name, false])
  }
})
