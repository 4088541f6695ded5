import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { decodePicture } from '@vedette/models/picture'
import { SOFTWARE } from '@vedette/shared/software'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildAgent, RunningAgent, runAgent } from '../support/agent-cli.ts'
import { Deployment } from '../support/agent-deployment.ts'
import { makeClip } from '../support/agent-ffmpeg.ts'
import { Hub } from '../support/agent-hub.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { sampleFile } from '../support/models-samples.ts'

let deployment: Deployment
let folder: TemporaryFolder

beforeAll(async () => {
  ;[deployment, folder] = await Promise.all([Deployment.found(), TemporaryFolder.make()])
  await mkdir(join(folder.path, 'photos'))
  await writeFile(join(folder.path, 'photos', '1.jpg'), await sampleFile(2))
  await makeClip(join(folder.path, 'clip.avi'), '320x240', 1, 'color=c=gray:')
  await buildAgent()
})

afterAll(async () => {
  await deployment[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

let count = 0

/** Writes a configuration with these cameras, YAML, and gives its path. */
async function configured(
  cameras: string,
  { port = 1, credentials = deployment.agentFolder } = {},
) {
  const file = join(folder.path, `agent-${++count}.yaml`)
  const head = `server: { host: 127.0.0.1, port: ${port} }\ncredentials: ${credentials}\n`
  await writeFile(file, `${head}cameras:\n  ${cameras}\nmetrics: off\nstate: state-${count}\n`)
  return file
}

async function check(cameras: string, args: string[] = [], env?: NodeJS.ProcessEnv) {
  const file = await configured(cameras)
  // A folder of its own: checks run side by side, and each may save a picture of the same name.
  const pictures = `${file}.pictures`
  const ended = await runAgent(['check', '-c', file, '--pictures', pictures, ...args], env)
  return { ...ended, file, pictures }
}

const reportsOf = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe.concurrent('vedette-agent check', () => {
  it('tells what a camera gives as JSON, and saves a picture with the faces outlined', async () => {
    const { code, stdout, stderr, pictures } = await check('hall: photos/', ['--json'])
    expect([code, stderr]).toEqual([0, ''])
    const [report, ...more] = reportsOf(stdout)
    expect(more).toEqual([])
    expect(report).toMatchObject({ camera: 'hall', ok: true, width: 1920, height: 1367 })
    expect(report!.faces).toContainEqual({
      eyeDistance: expect.any(Number),
      score: expect.any(Number),
      quality: expect.any(Number),
      weakest: expect.any(String),
    })
    const file = join(pictures, 'hall.jpg')
    expect(report!.picture).toBe(file)
    const { width, height, data } = await decodePicture(await readFile(file))
    expect([width, height]).toEqual([1920, 1367])
    const greenish = (at: number) => data[at + 1]! > 180 && data[at]! < 110 && data[at + 2]! < 140
    let green = 0
    for (let at = 0; at < data.length; at += 3) if (greenish(at)) green++
    expect(green).toBeGreaterThan(500)
  })

  it('tells it in words, with the stream as ffmpeg describes it', async () => {
    const { code, stdout } = await check('gate: { source: clip.avi }')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^ok {5}gate\n/)
    expect(stdout).toMatch(/stream {3}mjpeg.*320x240/)
    expect(stdout).toMatch(/ffmpeg {3}\S+, in (bubblewrap|no jail: install bubblewrap)\n/)
    expect(stdout).toMatch(/frames {3}320×240/)
    expect(stdout).toMatch(/faces {4}0/)
    expect(stdout).toMatch(/picture {2}.*gate\.jpg/)
  })

  it('exits with 1 when a camera fails, says why and what to do, and checks the others', async () => {
    const cameras = 'gate: no-such-clip.mp4\n  hall: photos/'
    const { code, stdout } = await check(cameras, ['--json'])
    expect(code).toBe(1)
    const [gate, hall] = reportsOf(stdout)
    expect(gate).toMatchObject({ camera: 'gate', ok: false, code: 'camera.not-found' })
    expect(gate!.message).toContain('No such file or directory')
    expect(gate!.hint).toBeDefined()
    expect(hall).toMatchObject({ camera: 'hall', ok: true })
  })

  it('says in words why a camera fails', async () => {
    const { code, stdout } = await check('gate: no-such-folder/')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^FAILED gate\n/)
    expect(stdout).toContain('camera.not-found: cannot read folder')
  })

  it('says what to install when ffmpeg is missing, and checks the others', async () => {
    const cameras = 'gate: clip.avi\n  hall: photos/'
    const { code, stdout } = await check(cameras, ['--json'], { PATH: '/nonexistent' })
    expect(code).toBe(1)
    const [gate, hall] = reportsOf(stdout)
    expect(gate).toMatchObject({ ok: false, code: 'camera.ffmpeg-missing' })
    expect(gate!.hint).toContain('apt-get install ffmpeg')
    expect(hall).toMatchObject({ ok: true })
  })

  it('checks only the cameras named', async () => {
    const { code, stdout } = await check('gate: no-such-clip.mp4\n  hall: photos/', [
      'hall',
      '--json',
    ])
    expect(code).toBe(0)
    expect(reportsOf(stdout).map(({ camera }) => camera)).toEqual(['hall'])
  })

  it.each(['attic', 'constructor'])('exits with 78 when there is no camera %s', async (name) => {
    const { code, stdout, stderr, file } = await check('hall: photos/', [name])
    expect([code, stdout]).toEqual([78, ''])
    expect(stderr).toBe(`vedette-agent: no camera ${name}\n  ${file} has: hall\n`)
  })

  it('exits with 78 when a photograph cannot be judged by the models named', async () => {
    const file = await configured('hall: photos/\nmodels: { detector: oracle }')
    const { code, stderr } = await runAgent(['check', '-c', file])
    expect(code).toBe(78)
    expect(stderr).toContain('no detect model oracle')
    expect(stderr).toContain('choose one of')
  })
})

describe.concurrent('vedette-agent', () => {
  it.each([['run'], ['check']])(
    '%s exits with 78 and names the place of a mistake',
    async (command) => {
      const file = await configured('Gate: /dev/video0\n  hall: { source: a.mp4, stall: soon }')
      const { code, stdout, stderr } = await runAgent([command, '-c', file])
      expect([code, stdout]).toEqual([78, ''])
      expect(stderr).toMatch(new RegExp(`${file}:\\d+:\\d+: cameras\\.Gate: `))
      expect(stderr).toContain(`${file}:5:33: cameras.hall.stall: expected a duration`)
      expect(stderr).toContain(`mend ${file} at the places named`)
      expect(stderr).not.toMatch(/at .*\.js:\d+/)
    },
  )

  it('exits with 78 when there is no configuration', async () => {
    const { code, stderr } = await runAgent(['-c', '/nonexistent/agent.yaml'])
    expect(code).toBe(78)
    expect(stderr).toContain('cannot read /nonexistent/agent.yaml')
    expect(stderr).toContain('--config')
  })

  it('takes the place of the configuration from the environment', async () => {
    const file = '/nonexistent/from-environment.yaml'
    const { code, stderr } = await runAgent([], { VEDETTE_AGENT_CONFIG: file })
    expect(code).toBe(78)
    expect(stderr).toContain(`cannot read ${file}`)
  })

  it('exits with 78 when there are no credentials', async () => {
    const file = await configured('hall: photos/', { credentials: 'none' })
    const { code, stderr } = await runAgent(['run', '-c', file])
    expect(code).toBe(78)
    expect(stderr).toContain(join(folder.path, 'none'))
    expect(stderr).toContain('vedette certs issue agent')
  })

  it('tells its version, and refuses what it does not know', async () => {
    const [version, unknown] = await Promise.all([runAgent(['--version']), runAgent(['--loud'])])
    expect(version).toMatchObject({ code: 0, stdout: `${SOFTWARE}\n`, stderr: '' })
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toContain("unknown option '--loud'")
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('says goodbye and exits with 0 at %s', async (signal) => {
    await using hub = await Hub.start(deployment.server)
    const file = await configured('hall: photos/\n  gate: no-such-clip.mp4', { port: hub.port })
    const agent = new RunningAgent(['-c', file])
    const call = await hub.call()
    await call.welcome()
    const { camera, seq } = await call.expect('match')
    expect(camera).toBe('hall')
    call.ack(seq)
    await agent.wrote('camera.end')
    agent.kill(signal)
    await call.expect('goodbye')
    call.socket.end()
    const { code, stdout, stderr } = await agent.finished
    expect([code, stdout]).toEqual([0, ''])
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: string }).event)
    expect(events[0]).toBe('agent.start')
    expect(events.at(-1)).toBe('agent.stop')
  })

  it('prints alerts, one JSON object a line', async () => {
    await using hub = await Hub.start(deployment.server)
    const file = await configured('gate: no-such-clip.mp4\nannounce: true', { port: hub.port })
    const agent = new RunningAgent(['-c', file])
    const call = await hub.call()
    await call.welcome()
    const notice = { id: 'a', camera: 'gate', name: 'Łukasz', list: 'wanted', capturedAt: 5 }
    call.say({ type: 'alert', ...notice })
    await call.quiet()
    agent.kill('SIGTERM')
    await call.expect('goodbye')
    call.socket.end()
    const { stdout, stderr } = await agent.finished
    expect(reportsOf(stdout)).toEqual([{ type: 'alert', ...notice }])
    expect(stderr).not.toContain('Łukasz')
  })
})
