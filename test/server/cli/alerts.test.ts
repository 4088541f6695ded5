import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { issueCredentials } from '@vedette/certs/pki'
import { squareAround } from '@vedette/models/geometry'
import { Models } from '@vedette/models/models'
import { cropJpeg, decodePicture } from '@vedette/models/picture'
import { readServerConfig } from '@vedette/server/config'
import type { NamedAlert, NamedChange } from '@vedette/server/desk/routes/alerts'
import type { Basis } from '@vedette/server/evidence/basis'
import { Server } from '@vedette/server/server'
import type { Step } from '@vedette/server/store/alerts'
import type { Verification } from '@vedette/server/verify/verification'
import { readCredentials } from '@vedette/shared/credentials'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { silentLog } from '@vedette/shared/log'
import { type Match, SURROUNDINGS } from '@vedette/shared/message'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PASSPHRASE, TemporaryFolder } from '../../support/certs-deployment.ts'
import { run } from '../../support/server-cli.ts'
import { matchOf, ScriptedAgent } from '../../support/server-client.ts'
import { jpegOf, oneFace } from '../../support/server-photos.ts'
import { until } from '../../support/until.ts'

const folder = await TemporaryFolder.make()
const home = join(folder.path, 'home')
const elsewhere = join(folder.path, 'elsewhere')
const env = { VEDETTE_PASSPHRASE: PASSPHRASE, VEDETTE_HOME: home }
const vedette = (...args: string[]) => run(args, { env })
const bin = fileURLToPath(new URL('../../../server/bin/vedette.js', import.meta.url))

let server: Server
let seen: Partial<Match>
let agentFolder: string
let walks = 0

/** Every walk is an alert of its own. */
async function start(port?: number): Promise<void> {
  const { match, desk, ...config } = await readServerConfig(home)
  const own = { match: { ...match, cooldown: 0 }, desk: { ...desk, port: port ?? desk.port } }
  server = await Server.start({ ...config, ...own }, { log: silentLog })
}

/** The person on the list walks past a camera of gate-7. */
async function sighting(): Promise<void> {
  const credentials = await readCredentials(agentFolder)
  const model = { model: 'dlib-resnet29-1' }
  using agent = await ScriptedAgent.welcome(server.gatePort, credentials, model)
  agent.say(
    matchOf(1, { ...seen, track: `walk-${++walks}`, capturedAt: Date.now() - 1000 * walks }),
  )
  await agent.hears('ack')
}

beforeAll(async () => {
  await vedette('init', '--gate-port', '0', '--operator', 'anna')
  const file = join(home, 'server.yaml')
  await start(0)
  const yaml = await readFile(file, 'utf8')
  await writeFile(file, yaml.replace('7444', String(server.deskPort)))
  const identity = { role: 'agent', name: 'gate-7' } as const
  agentFolder = (await issueCredentials({ home, identity })).folder
  const photo = join(folder.path, 'photo.jpg')
  await writeFile(photo, await jpegOf(await oneFace(2)))
  const enrolled = await vedette('enroll', photo, '--name', 'Erin Example')
  expect(enrolled).toMatchObject({ status: 0 })
  await using models = await Models.open()
  const picture = await decodePicture(await readFile(photo))
  const all = await models.detect(picture, { inputs: [320, 640], minScore: 0.2 })
  const [found] = all.toSorted((p, q) => q.box.width - p.box.width)
  const faces = await models.look(picture, [found!])
  const [probe] = await models.probes(picture, faces)
  const { x, y, width, height } = found!.box
  seen = {
    probe: encodeEmbedding(probe!),
    chip: await cropJpeg(picture, squareAround(found!.box, SURROUNDINGS), 256),
    box: [x, y, width, height],
    quality: faces[0]!.quality.overall,
  }
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** `vedette alerts watch`, and the numbers of the events that it has shown. */
function watching(...more: string[]) {
  const args = ['--json', 'alerts', 'watch', '--since', '0', ...more]
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env.PATH, ...env },
  })
  const shown: number[] = []
  createInterface(child.stdout).on('line', (line) => {
    const { seq } = JSON.parse(line) as Partial<NamedChange>
    if (seq !== undefined) shown.push(seq)
  })
  return { child, shown }
}

const upTo = (last: number) => Array.from({ length: last }, (_, i) => i + 1)

it('an alert is resolved, reopened, and shown with all of its life', async () => {
  await sighting()
  const [{ id }] = JSON.parse((await vedette('--json', 'alerts', 'list')).out) as [NamedAlert]
  const [unsaid, resolved] = await Promise.all([
    vedette('alerts', 'resolve', id, '--outcome', 'true'),
    vedette('alerts', 'resolve', id, '--outcome', 'true', '--note', 'her papers'),
  ])
  expect(unsaid).toMatchObject({ status: 2, err: expect.stringContaining('--note') })
  expect(resolved.out).toBe(`resolved ${id}, by anna: true: it is Erin Example\n`)
  const [again, listed] = await Promise.all([
    vedette('alerts', 'reject', id, '--note', 'not her'),
    vedette('alerts', 'list', '--outcome', 'true', '--camera', 'gate-7/north', '--since', '1h'),
  ])
  const reopened = await vedette('--reason', 'wrong alert', 'alerts', 'reopen', id)
  expect(again).toMatchObject({
    status: 6,
    err: expect.stringMatching(/resolved \(true\), by anna/),
  })
  expect(listed.out).toMatch(/resolved: true/)
  expect(reopened).toMatchObject({ status: 0, out: `alert ${id} is open again\n` })
  const [shown, words, explained] = await Promise.all([
    vedette('--json', 'alerts', 'show', id),
    vedette('alerts', 'show', id),
    vedette('thresholds', 'explain', 'gate-7/north'),
  ])
  expect(words.out).toMatch(
    /At most 1 false alert a week: server\.yaml[\s\S]*model +dlib-resnet29-1/,
  )
  // Judged true and taken back: nobody knows again.
  expect(explained.out).toContain('1 alert was not judged')
  const { life, basis } = JSON.parse(shown.out) as { life: Step[]; basis: Basis }
  expect(basis.certificate).toMatchObject({ serial: expect.stringMatching(/^[0-9a-f]+$/) })
  expect(basis.models.detector).toBeNull()
  expect(JSON.stringify(basis)).not.toContain('vector')
  expect(life.map(({ kind, outcome, note, why }) => [kind, outcome, note, why])).toEqual([
    ['raised', null, null, null],
    ['resolved', 'true', 'her papers', null],
    ['reopened', 'true', null, 'wrong alert'],
  ])
})

it('evidence is exported for a reason, and verified where there is no server', async () => {
  const [{ id }] = JSON.parse((await vedette('--json', 'alerts', 'list')).out) as [NamedAlert]
  const file = join(folder.path, 'evidence.zip')
  const refused = await vedette('alerts', 'export', id, '--out', file)
  expect(refused).toMatchObject({ status: 7, err: expect.stringContaining('[evidence.no-reason]') })
  const exported = await vedette('--reason', 'a court', 'alerts', 'export', id, '--out', file)
  expect(exported).toMatchObject({ status: 0 })

  const away = (...args: string[]) => run(['--home', elsewhere, 'verify', ...args])
  const key = join(home, 'certs', 'audit', 'public.pem')
  const [good, unvouched] = await Promise.all([away('--key', key, file), away(file)])
  expect(good).toMatchObject({ status: 0, out: expect.stringMatching(/\nGOOD: evidence, as it/) })
  expect(good.out).toMatch(/ok +frame 1, pictures +score 0\.9/)
  expect(unvouched).toMatchObject({ status: 0, out: expect.stringContaining('compare it with') })
  const bytes = await readFile(file)
  bytes[bytes.length >> 1]! ^= 1
  await writeFile(file, bytes)
  const touched = await run(['--json', '--home', elsewhere, 'verify', '--key', key, file])
  expect(touched.status).toBe(7)
  const { findings } = JSON.parse(touched.out) as Verification
  expect(findings.filter(({ state }) => state === 'broken')[0]!.words).toMatch(/touched|changed/)
  expect((await away('--key', join(home, 'server.yaml'), file)).status).toBe(78)
})

it('every event is shown once to each of two who watch, though the server and one of them are killed', async () => {
  const bookmark = join(folder.path, 'bookmark')
  const [one, other] = [watching(), watching('--bookmark', bookmark)]
  try {
    await until(() => one.shown.length === 3 && other.shown.length === 3)
    other.child.kill('SIGKILL')
    await once(other.child, 'exit')
    const last = Number(await readFile(bookmark, 'utf8'))
    expect([2, 3]).toContain(last)
    await server[Symbol.asyncDispose]()
    await start()
    await sighting()
    await sighting()
    const args = ['--json', 'alerts', 'watch', '--bookmark', bookmark, '--count', String(5 - last)]
    const resumed = await vedette(...args)
    const after = resumed.out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Partial<NamedChange>).seq)
      .filter((seq) => seq !== undefined)
    expect([...upTo(last), ...after]).toEqual(upTo(5))
    await until(() => one.shown.length >= 5)
    expect(one.shown).toEqual(upTo(5))
    expect(await readFile(bookmark, 'utf8')).toBe('5\n')
  } finally {
    for (const { child } of [one, other]) child.kill('SIGKILL')
  }
})
