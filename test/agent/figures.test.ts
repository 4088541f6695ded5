import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Agent } from '@vedette/agent/agent'
import { parseAgentConfig } from '@vedette/agent/config'
import { Rate } from '@vedette/agent/rate'
import { createMetrics } from '@vedette/shared/metrics'
import { openMetricsPages } from '@vedette/shared/service/metrics-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../support/agent-deployment.ts'
import { Hub } from '../support/agent-hub.ts'
import { recordedLog } from '../support/agent-log.ts'
import { TemporaryFolder } from '../support/certs-deployment.ts'
import { sampleFile } from '../support/models-samples.ts'
import { figureOf, get, scrape } from '../support/scrape.ts'
import { eventually, until } from '../support/until.ts'

let deployment: Deployment
let folder: TemporaryFolder

beforeAll(async () => {
  ;[deployment, folder] = await Promise.all([Deployment.found(), TemporaryFolder.make()])
  await mkdir(join(folder.path, 'photos'))
  for (const sample of [1, 2]) {
    await writeFile(join(folder.path, 'photos', `${sample}.jpg`), await sampleFile(sample))
  }
})

afterAll(async () => {
  await Promise.all([deployment[Symbol.asyncDispose](), folder[Symbol.asyncDispose]()])
})

/** An agent that watches `cameras`, YAML, and its pages. */
async function watching(hub: Hub, cameras: string) {
  const { log, lines } = recordedLog()
  const text = `
server: { host: 127.0.0.1, port: ${hub.port} }
credentials: ${deployment.agentFolder}
cameras: ${cameras}`
  const config = parseAgentConfig(text, join(folder.path, 'agent.yaml'))
  const metrics = createMetrics('agent')
  const agent = await Agent.start(config, { log, metrics, random: () => 0 })
  const ready = () => agent.readiness()
  const pages = await openMetricsPages(
    { ...config.metrics, port: 0 },
    { log, file: 'agent.yaml', metrics, ready },
  )
  return { agent, pages: pages!, lines }
}

describe("an agent's figures", () => {
  it('are those that users of Frigate know, and its own', async () => {
    await using hub = await Hub.start(deployment.server)
    const { agent, pages } = await watching(hub, '{ hall: photos/, gone: nowhere/ }')
    await using _agent = agent
    await using _pages = pages
    const call = await hub.call()
    await call.welcome()
    const matches = await call.matches(4)
    for (const { seq } of matches) call.ack(seq)
    await call.quiet()
    const samples = await scrape(pages.port)
    const of = (name: string, labels = {}) => figureOf(samples, name, labels)
    const hall = { camera_name: 'hall' }
    expect(of('vedette_camera_fps', hall)).toBeGreaterThan(0)
    expect(of('vedette_process_fps', hall)).toBeGreaterThan(0)
    expect(of('vedette_detection_fps', hall)).toBeGreaterThan(0)
    expect(of('vedette_skipped_fps', hall)).toBe(0)
    expect(
      of('vedette_camera_events_total', { camera: 'hall', label: 'face' }),
    ).toBeGreaterThanOrEqual(4)
    const speed = of('vedette_detector_inference_speed_seconds', { name: 'tiny-face-detector' })
    expect(speed).toBeGreaterThan(0.0005)
    expect(speed).toBeLessThan(10)
    expect(of('vedette_detection_duration_seconds_count')).toBe(2)
    expect(of('vedette_frames_total', { ...hall, outcome: 'looked' })).toBe(2)
    expect(of('vedette_questions_total', hall)).toBe(4)
    expect(of('vedette_detections_total', hall)).toBeGreaterThanOrEqual(4)
    expect(of('vedette_camera_fps', { camera_name: 'gone' })).toBe(0)
    const lost = { camera_name: 'gone', code: 'camera.not-found' }
    expect(of('vedette_camera_lost_total', lost)).toBeGreaterThan(0)
    expect(of('vedette_camera_up', { camera_name: 'gone' })).toBe(0)
    expect(of('vedette_uplink_state', { state: 'open' })).toBe(1)
    expect(of('vedette_uplink_state', { state: 'waiting' })).toBe(0)
    for (const certificate of ['own', 'issuing']) {
      const expiry = of('vedette_certificate_expiry_timestamp_seconds', { certificate })
      expect(expiry! * 1000).toBeGreaterThan(Date.now())
    }
  })

  it('say ready while the server hears us and a camera gives pictures, else why not', async () => {
    await using hub = await Hub.start(deployment.server)
    const { agent, pages } = await watching(
      hub,
      '{ hall: { source: { kind: folder, path: photos/, every: 1h } }, gone: nowhere/ }',
    )
    await using _agent = agent
    await using _pages = pages
    const call = await hub.call()
    expect(await get(pages.port, '/readyz')).toMatchObject({
      status: 503,
      body: expect.stringMatching(/^uplink greeting, [01] of 2 cameras give pictures\n$/),
    })
    await call.welcome()
    await eventually(async () => {
      const body = 'uplink open, 1 of 2 cameras give pictures\n'
      expect(await get(pages.port, '/readyz')).toMatchObject({ status: 200, body })
    }, 30_000)
    expect(figureOf(await scrape(pages.port), 'vedette_camera_up', { camera_name: 'hall' })).toBe(1)
    hub.hangUp()
    await until(async () => (await get(pages.port, '/readyz')).status === 503)
  })

  it('are not there when switched off, and a port that is taken stops no camera', async () => {
    const { log, lines } = recordedLog()
    const metrics = createMetrics('agent')
    const options = { log, file: 'agent.yaml', metrics, ready: () => ({ ready: true, why: '' }) }
    const place = { host: '127.0.0.1', port: 0 }
    expect(await openMetricsPages({ ...place, enabled: false }, options)).toBeUndefined()
    expect(lines).toEqual([])
    await using first = await openMetricsPages({ ...place, enabled: true }, options)
    const taken = { ...place, enabled: true, port: first!.port }
    expect(await openMetricsPages(taken, options)).toBeUndefined()
    expect(lines).toMatchObject([
      { event: 'metrics.failed', code: 'EADDRINUSE', hint: expect.stringContaining('agent.yaml') },
    ])
  })
})

describe('Rate', () => {
  it('is that of the last half minute, whoever asks how often', () => {
    const often = new Rate(0)
    const seldom = new Rate(0)
    const count = (at: number) => (at <= 60_000 ? at / 100 : 600)
    for (let at = 250; at <= 120_000; at += 250) often.of(count(at), at)
    for (let at = 15_000; at <= 45_000; at += 15_000) {
      expect(seldom.of(count(at), at)).toBe(10)
    }
    expect(often.of(count(120_000), 120_000)).toBe(0)
    expect(seldom.of(count(75_000), 75_000)).toBeCloseTo(5)
  })

  it('is nothing at its beginning', () => {
    expect(new Rate(5000).of(3, 5000)).toBe(0)
  })
})
