import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { parseConfig } from '@vedette/shared/config'
import { ConfigFault } from '@vedette/shared/errors'
import { createMetrics } from '@vedette/shared/metrics'
import {
  type MetricsPagesOptions,
  metricsConfig,
  metricsPages,
} from '@vedette/shared/metrics-pages'
import { SOFTWARE } from '@vedette/shared/software'
import { Gauge } from 'prom-client'
import { afterEach, describe, expect, it } from 'vitest'
import { figureOf, get, scrape } from '../support/scrape.ts'
import { thrownBy } from '../support/thrown.ts'

const open: Server[] = []

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
})

async function serve(options: Partial<MetricsPagesOptions> = {}): Promise<number> {
  const ready = () => ({ ready: true, why: 'serving 2 agents' })
  const server = metricsPages({ metrics: createMetrics('server'), ready, ...options })
  open.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** Sends bytes and gives all that comes back until the other end closes. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  let heard = ''
  socket.on('data', (text: string) => {
    heard += text
  })
  socket.on('error', () => {})
  socket.write(bytes, 'latin1')
  await once(socket, 'close')
  return heard
}

describe('the pages of figures', () => {
  it('show the process, the build and the lag of the event loop', async () => {
    const samples = await scrape(await serve())
    const build = { program: 'server', software: SOFTWARE }
    expect(figureOf(samples, 'vedette_build_info', build)).toBe(1)
    expect(figureOf(samples, 'vedette_process_resident_memory_bytes')).toBeGreaterThan(1e7)
    expect(figureOf(samples, 'vedette_nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
  })

  it('say that the process is alive, whether it is ready, and why not', async () => {
    let answer = { ready: false, why: 'uplink dialling, 0 of 2 cameras give pictures' }
    const port = await serve({ ready: () => answer })
    expect(await get(port, '/healthz')).toMatchObject({ status: 200, body: 'alive\n' })
    expect(await get(port, '/readyz')).toMatchObject({ status: 503, body: `${answer.why}\n` })
    answer = { ready: true, why: 'well' }
    expect(await get(port, '/readyz?verbose')).toMatchObject({ status: 200, body: 'well\n' })
  })

  it('are not ready, and tell nothing of the error, when asking fails', async () => {
    const metrics = createMetrics('server')
    new Gauge({
      name: 'vedette_broken',
      help: 'Throws.',
      registers: [metrics],
      collect() {
        throw new RangeError('a secret')
      },
    })
    const port = await serve({ metrics, ready: () => Promise.reject(new RangeError('a secret')) })
    for (const path of ['/readyz', '/metrics']) {
      const { status, body } = await get(port, path)
      expect([status, body]).toEqual([503, 'cannot tell: see the log\n'])
    }
  })

  it('answer only GET and HEAD, and only what is there', async () => {
    const port = await serve()
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect(await get(port, '/metrics', method), method).toMatchObject({ status: 405 })
    }
    for (const path of ['/', '/metrics/', '/../etc/passwd', '//metrics', '/%6detrics']) {
      expect(await get(port, path), path).toMatchObject({ status: 404 })
    }
    expect(await get(port, '/metrics', 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  it('hang up on a body, on endless headers and on who is slow to ask', {
    timeout: 15_000,
  }, async () => {
    const port = await serve()
    const body = `GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999\r\n\r\n`
    const endless = `GET /metrics HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(9000)}`
    const [answered, refused, late] = await Promise.all([
      exchange(port, body),
      exchange(port, endless),
      exchange(port, 'GET /metrics HTTP/1.1\r\nhost: x\r\n'),
    ])
    expect(answered).toMatch(/^HTTP\/1.1 200 .*connection: close/is)
    expect(refused).toMatch(/^HTTP\/1.1 431 /)
    expect(late).toMatch(/^HTTP\/1.1 408 /)
    expect(await get(port, '/healthz')).toMatchObject({ status: 200 })
  })

  it('are kept from whoever comes when sixteen are there', async () => {
    const port = await serve()
    const sockets = Array.from({ length: 16 }, () => connect(port, '127.0.0.1'))
    await Promise.all(sockets.map((socket) => once(socket, 'connect')))
    await expect(get(port, '/healthz')).rejects.toThrow()
    for (const socket of sockets) socket.destroy()
  })
})

describe('metricsConfig', () => {
  const schema = metricsConfig(9743)

  it('is loopback unless it says otherwise, and may be off', () => {
    const loopback = { enabled: true, host: '127.0.0.1', port: 9743 }
    expect(schema.parse(undefined)).toEqual(loopback)
    expect(schema.parse({ host: '0.0.0.0' })).toEqual({ ...loopback, host: '0.0.0.0' })
    expect(parseConfig('off', schema, 'x.yaml')).toMatchObject({ enabled: false })
  })

  it('has no port 0, which nobody could find', () => {
    const fault = thrownBy(() => parseConfig('port: 0', schema, 'x.yaml'), ConfigFault)
    expect(fault.message).toContain('x.yaml:1:7: port')
  })
})
