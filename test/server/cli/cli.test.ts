import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { issueCredentials } from '@vedette/certs/pki'
import { readServerConfig } from '@vedette/server/config'
import type { NamedAlert, NamedChange } from '@vedette/server/desk/routes/alerts'
import { Photos } from '@vedette/server/gallery/photos'
import { Server } from '@vedette/server/server'
import type { Entry } from '@vedette/server/store/entries'
import { readCredentials } from '@vedette/shared/credentials'
import { encodeEmbedding } from '@vedette/shared/embedding'
import { silentLog } from '@vedette/shared/log'
import type { Match } from '@vedette/shared/message'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSPHRASE, TemporaryFolder } from '../../support/certs-deployment.ts'
import { sampleFile } from '../../support/models-samples.ts'
import { run } from '../../support/server-cli.ts'
import { matchOf, ScriptedAgent } from '../../support/server-client.ts'
import { jpegOf, oneFace, plain } from '../../support/server-photos.ts'

const folder = await TemporaryFolder.make()
const home = join(folder.path, 'home')
const env = { VEDETTE_PASSPHRASE: PASSPHRASE, VEDETTE_HOME: home }
const vedette = (...args: string[]) => run(args, { env })

afterAll(() => folder[Symbol.asyncDispose]())

describe('vedette', () => {
  it('helps', async () => {
    const { status, out, err } = await vedette('alerts', '--help')
    expect([status, err]).toEqual([0, ''])
    for (const word of [
      'watch',
      'list',
      'show',
      'acknowledge',
      'resolve',
      'reopen',
      '--json',
      '--home',
    ])
      expect(out).toContain(word)
  })

  it('ends with 2 where it is not understood, and asks what was meant', async () => {
    const { status, out, err } = await vedette('alrets', 'list')
    expect([status, out]).toEqual([2, ''])
    expect(err).toMatch(/unknown command 'alrets'[\s\S]*Did you mean alerts\?/)
  })

  it('ends with 78 where there is no deployment, and says how to found one', async () => {
    const { status, out, err } = await vedette('--home', folder.path, 'entries', 'list')
    expect([status, out]).toEqual([78, ''])
    expect(err).toMatch(/\[config\.missing\]\n {2}name the deployment with --home/)
  })
})

describe('vedette init', () => {
  it('ends with 7 without a passphrase and founds nothing', async () => {
    const { status, err } = await run(['init', '--home', home])
    expect([status, await readdir(folder.path)]).toEqual([7, []])
    expect(err).toContain('VEDETTE_PASSPHRASE')
  })

  it('founds a deployment: one line of JSON on standard output, words elsewhere', async () => {
    const { status, out, err } = await vedette(
      '--json',
      'init',
      '--gate-port',
      '0',
      '--operator',
      'anna',
    )
    expect(status).toBe(0)
    expect(out.split('\n')).toHaveLength(2)
    expect(JSON.parse(out)).toMatchObject({ home, vaultKey: join(home, 'vault.key') })
    expect(err).toContain('Keep apart from this machine')
    expect((await readdir(home)).sort()).toEqual(['certs', 'data', 'server.yaml', 'vault.key'])
    expect(await readServerConfig(home)).toMatchObject({ gate: { port: 0 }, desk: { port: 7444 } })
  })

  it('ends with 6 the second time, and changes nothing', async () => {
    const before = await readFile(join(home, 'vault.key'), 'utf8')
    const { status, err } = await vedette('init')
    expect([status, await readFile(join(home, 'vault.key'), 'utf8')]).toEqual([6, before])
    expect(err).toContain('[config.exists]')
  })

  it.each(['server.yaml', 'vault.key'])(
    'ends with 6 where there is a %s, and founds no half of one',
    async (name) => {
      const other = join(folder.path, `with-${name}`)
      await mkdir(other)
      await writeFile(join(other, name), 'mine\n')
      const { status } = await vedette('--home', other, 'init')
      expect([status, await readdir(other)]).toEqual([6, [name]])
      expect(await readFile(join(other, name), 'utf8')).toBe('mine\n')
    },
  )
})

describe('vedette-server', () => {
  it('ends with 78 where a person must mend something', async () => {
    const { status, err } = await run(['--home', folder.path], { program: 'vedette-server' })
    expect(status).toBe(78)
    expect(err).toContain('vedette init')
  })
})

describe('vedette, with a server', () => {
  let server: Server
  let agentFolder: string
  const good = join(folder.path, 'front.jpg')
  const group = join(folder.path, 'group.jpg')

  beforeAll(async () => {
    const config = await readServerConfig(home)
    const desk = { ...config.desk, port: 0 }
    server = await Server.start({ ...config, desk }, { log: silentLog })
    const yaml = await readFile(join(home, 'server.yaml'), 'utf8')
    await writeFile(join(home, 'server.yaml'), yaml.replace('7444', String(server.deskPort)))
    agentFolder = (await issueCredentials({ home, identity: { role: 'agent', name: 'gate-7' } }))
      .folder
    await writeFile(good, await jpegOf(await oneFace(2)))
    await writeFile(group, await sampleFile(3))
  })

  afterAll(() => server[Symbol.asyncDispose]())

  /** An agent sees whom the file `good` shows. */
  async function sighting(more: Partial<Match> = {}): Promise<void> {
    await using photos = new Photos({})
    const { template, space } = await photos.read(await readFile(good))
    using agent = await ScriptedAgent.welcome(server.gatePort, await readCredentials(agentFolder), {
      model: space,
    })
    const chip = await jpegOf(plain(64, 64))
    agent.say(matchOf(1, { probe: encodeEmbedding(template), chip, ...more }))
    await agent.hears('ack')
  }

  it('tells the kinds of failure apart', async () => {
    const [missing, forbidden, refused, exists, elsewhere] = await Promise.all([
      vedette('entries', 'show', 'nobody'),
      vedette('--credentials', agentFolder, 'entries', 'list'),
      vedette('enroll', group, '--name', 'Erin'),
      vedette('certs', 'issue', 'agent', 'gate-7'),
      vedette('--desk', '127.0.0.1:1', 'entries', 'list'),
    ])
    expect(missing).toMatchObject({
      status: 3,
      out: '',
      err: expect.stringContaining('[entry.not-found]'),
    })
    expect(forbidden).toMatchObject({
      status: 4,
      out: '',
      err: expect.stringContaining('[request.forbidden]'),
    })
    expect(refused).toMatchObject({
      status: 7,
      out: '',
      err: expect.stringContaining('--face 1 … 3'),
    })
    expect(exists).toMatchObject({ status: 6, out: '', err: expect.stringContaining('--replace') })
    expect(elsewhere).toMatchObject({
      status: 5,
      out: '',
      err: expect.stringContaining('is the server running?'),
    })
  })

  it('enrols, shows what a camera found, and takes notice of it once', async () => {
    const enrolled = await vedette('--json', 'enroll', good, '--name', 'Erin Example')
    const { entry } = JSON.parse(enrolled.out) as { entry: Entry }
    expect([enrolled.status, enrolled.err, entry.name]).toEqual([0, '', 'Erin Example'])
    await sighting()

    const watched = await vedette('--json', 'alerts', 'watch', '--since', '0', '--count', '1')
    const [begun, change] = watched.out.split('\n')
    expect(JSON.parse(begun!)).toMatchObject({ kind: 'watch', state: 'amber' })
    const { alert } = JSON.parse(change!) as NamedChange
    expect([watched.status, alert.name, alert.entryId]).toEqual([0, 'Erin Example', entry.id])
    const picture = join(folder.path, 'both.jpg')
    const shown = await vedette('alerts', 'show', alert.id, '--picture', picture)
    expect(shown).toMatchObject({ status: 0, out: expect.stringContaining('Erin Example') })
    expect(shown.err).toBe(`saved ${picture}\n`)
    expect((await readFile(picture)).subarray(0, 2).toString('hex')).toBe('ffd8')

    const first = await vedette('alerts', 'ack', alert.id, '--note', 'a twin')
    expect(first).toMatchObject({ status: 0, out: `acknowledged ${alert.id}, by anna\n` })
    const [second, listed] = await Promise.all([
      vedette('alerts', 'ack', alert.id),
      vedette('--json', 'alerts', 'list', '--state', 'acknowledged'),
    ])
    expect(second).toMatchObject({
      status: 6,
      out: '',
      err: expect.stringContaining('[alert.wrong-state]'),
    })
    expect(JSON.parse(listed.out) as NamedAlert[]).toMatchObject([
      { id: alert.id, acknowledgedBy: 'anna' },
    ])
    expect(listed.err).toBe('')
  })

  it('says of what came late that it was, not is', async () => {
    await sighting({ track: 'long ago', capturedAt: Date.now() - 900_000 })
    const watched = await vedette('alerts', 'watch', '--since', '2', '--count', '1')
    expect(watched.out).toMatch(
      /WAS, NOT IS \(reported 15 min( \d s)? late\): ALERT .*Erin Example \(wanted, priority 3\) at gate-7/,
    )
    const listed = await vedette('alerts', 'list', '--state', 'open')
    expect(listed.out).toMatch(/SEEN +REPORTED[\s\S]* 15 min.* late +Erin Example/)
    const json = await vedette('--json', 'alerts', 'list', '--state', 'open')
    const [alert] = JSON.parse(json.out) as NamedAlert[]
    expect(alert).toMatchObject({ late: true })
    expect(alert!.receivedAt - alert!.capturedAt).toBeGreaterThanOrEqual(900_000)
    const shown = await vedette('alerts', 'show', alert!.id)
    expect(shown.out).toMatch(/seen .*, WAS, NOT IS\nreported .*, 15 min.* late\n/)
    expect((await vedette('alerts', 'ack', alert!.id)).status).toBe(0)
  })

  it('parks, takes, undoes and confirms, and says how it stands', async () => {
    const listed = await vedette('--json', 'alerts', 'list', '--state', 'acknowledged')
    const { id } = (JSON.parse(listed.out) as NamedAlert[])[0]!
    const parked = await vedette('alerts', 'park', id, '--for', '10m', '--note', 'asked the guard')
    expect(parked).toMatchObject({ status: 0, out: expect.stringMatching(/^parked .* until 20/) })
    const undone = await vedette('alerts', 'undo', id)
    expect(undone.out).toBe(`undone: alert ${id} is acknowledged\n`)
    const again = await vedette('alerts', 'undo', id)
    expect(again).toMatchObject({ status: 6, err: expect.stringContaining('[alert.too-late]') })
    const taken = await vedette('alerts', 'take', id)
    expect(taken).toMatchObject({ status: 6, err: expect.stringContaining('by anna') })
    const confirmed = await vedette('alerts', 'confirm', id, '--note', 'his papers')
    expect(confirmed.out).toBe(`resolved ${id}, by anna: true: it is Erin Example\n`)
  })

  it('says which cameras can be relied upon, and ends as that is', async () => {
    const [status, listed, troubles, present, nobody] = await Promise.all([
      vedette('status'),
      vedette('cameras'),
      vedette('--json', 'cameras', 'troubles'),
      vedette('cameras', 'forget', 'gate-7'),
      vedette('cameras', 'forget', 'gate-7/nowhere'),
    ])
    expect(status.status).toBe(8)
    expect(status.out).toMatch(/^AMBER: 2 cameras, 2 amber\n.*CAMERA AMBER {2}gate-7\/north/)
    expect(listed.out).toMatch(/^CAMERA +STATE +SINCE[\s\S]*gate-7\/north +amber .*never/)
    expect(troubles).toMatchObject({ status: 0, out: '[]\n' })
    expect([present.status, nobody.status]).toEqual([3, 3])
    const gone = await vedette('cameras', 'forget', 'gate-7/south')
    expect(gone).toMatchObject({ status: 0, out: 'forgot gate-7/south\n' })
    const left = JSON.parse((await vedette('--json', 'cameras', 'list')).out) as unknown[]
    expect(left).toMatchObject([{ agent: 'gate-7', camera: 'north', state: 'amber' }])
  })

  it('prints a table for people, and says none where there is none', async () => {
    const [agents, open] = await Promise.all([
      vedette('agents', 'list'),
      vedette('alerts', 'list', '--state', 'open'),
    ])
    expect(agents.out).toMatch(/^AGENT +STATE +CAMERAS[\s\S]*gate-7 +away +north, south/)
    expect(open).toMatchObject({ status: 0, out: 'none\n', err: '' })
  })
})
