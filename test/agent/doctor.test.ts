import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { agentChecks, ffmpegCheck } from '@vedette/agent/doctor/checks'
import type { FfmpegFacts } from '@vedette/agent/sources/ffmpeg-program'
import { examine, type Finding } from '@vedette/shared/doctor/findings'
import { Unavailable } from '@vedette/shared/errors'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildAgent, runAgent } from '../support/agent-cli.ts'
import { Deployment } from '../support/agent-deployment.ts'
import { Hub } from '../support/agent-hub.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { sampleFile } from '../support/models-samples.ts'

let deployment: Deployment
let folder: TemporaryFolder
let file: string

beforeAll(async () => {
  ;[deployment, folder] = await Promise.all([Deployment.found(), TemporaryFolder.make()])
  file = join(folder.path, 'agent.yaml')
  await mkdir(join(folder.path, 'photos'))
  await writeFile(join(folder.path, 'photos', '1.jpg'), await sampleFile(2))
  await buildAgent()
})

afterAll(async () => {
  await deployment[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const configured = (cameras: string, port = 1) =>
  writeFile(
    file,
    `server: { host: 127.0.0.1, port: ${port} }\ncredentials: ${deployment.agentFolder}\ncameras: ${cameras}\n`,
  )

async function found(check: string): Promise<Finding | undefined> {
  const checks = await agentChecks(file, Date.now())
  return (await examine(checks.filter(({ name }) => name === check)))[0]
}

describe('the doctor of an agent', () => {
  it('finds the server, the certificate and the models, and opens each camera', async () => {
    await using hub = await Hub.start(deployment.server)
    await configured('{ hall: photos/, gate: none.mp4 }', hub.port)
    for (const check of ['configuration', 'certificate', 'server', 'models']) {
      expect(await found(check)).toMatchObject({ check, state: 'ok' })
    }
    // Whether bubblewrap is to be had is the machine's affair.
    expect(await found('ffmpeg')).toMatchObject({ state: expect.stringMatching(/^(ok|warn)$/) })
    expect(await found('camera hall')).toMatchObject({
      state: 'ok',
      found: expect.stringMatching(/frames a second, \d faces/),
    })
    expect(await found('camera gate')).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('[camera.not-found]'),
      todo: expect.stringContaining('address'),
    })
  })

  it('says that the server does not answer, and that another does', async () => {
    await configured('{ hall: photos/ }', 1)
    expect(await found('server')).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('ECONNREFUSED'),
    })
    await using elsewhere = await Deployment.found()
    await using hub = await Hub.start(elsewhere.server)
    await configured('{ hall: photos/ }', hub.port)
    expect(await found('server')).toMatchObject({
      state: 'fail',
      found: expect.stringContaining('is not our server'),
    })
  })

  it('names an ffmpeg that is not there, and one that is not shut in', async () => {
    const facts = { path: '/usr/bin/ffmpeg', version: '7.1' } as const
    const saying = (answer: () => Promise<FfmpegFacts>) => examine([ffmpegCheck({ facts: answer })])
    const missing = saying(async () => {
      throw new Unavailable('camera.ffmpeg-missing', 'no ffmpeg', { hint: 'install it' })
    })
    expect(await missing).toMatchObject([{ state: 'fail', todo: 'install it' }])
    const bare = saying(async () => ({ ...facts, jail: 'none', why: 'bubblewrap is missing' }))
    expect(await bare).toMatchObject([
      { state: 'warn', found: '7.1, /usr/bin/ffmpeg, not jailed: bubblewrap is missing' },
    ])
    const shut = saying(async () => ({ ...facts, jail: 'bubblewrap' }))
    expect(await shut).toMatchObject([
      { state: 'ok', found: '7.1, /usr/bin/ffmpeg, under bubblewrap' },
    ])
  })

  it('names a mistake in the configuration, and ends with 1', async () => {
    await configured('{ hall: photos/ }\nannounced: true')
    const { code, stdout } = await runAgent(['doctor', '--config', file, '--json'])
    expect(code).toBe(1)
    expect((JSON.parse(stdout) as Finding[])[0]).toMatchObject({
      check: 'configuration',
      state: 'fail',
      found: expect.stringContaining('announced: unknown key'),
    })
  })
})
