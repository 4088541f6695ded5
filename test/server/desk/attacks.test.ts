import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import {
  type AddressInfo,
  createServer as createTcpServer,
  connect as dial,
  type Socket,
} from 'node:net'
import { text } from 'node:stream/consumers'
import { connect } from 'node:tls'
import { eventStream } from '@vedette/server/desk/events'
import { limitPerAddress, USUAL_LIMITS } from '@vedette/server/desk/limits'
import type { Problem } from '@vedette/server/desk/problem'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  AMBIGUOUS,
  answerTo,
  FORMS,
  OUTSIDE,
  speak,
  statusesOf,
} from '../../support/server-attacks.ts'
import { Browser, signable } from '../../support/server-console.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { jsonOf, openSight, TestDesk } from '../../support/server-desk.ts'

const deployment = await Deployment.found()
const sight = await openSight()
/** So that nobody waits for half a minute here. */
const HASTY = { ...USUAL_LIMITS, handshake: 600, header: 800, request: 1200, check: 50 }
let desk: TestDesk
let port: number
let digest: string
let erin: Browser

beforeAll(async () => {
  desk = await TestDesk.open(deployment, sight)
  port = desk.desk.consolePort
  await signable(desk, 'erin', 'enroller')
  erin = new Browser(port)
  expect((await erin.signIn('erin')).status).toBe(200)
  digest = desk.digest()
})

beforeEach(async () => {
  // Whatever was done to it before: it answers.
  await using olga = new Browser(port)
  expect((await olga.ask('/')).status).toBe(200)
})

afterAll(async () => {
  expect(desk.digest()).toBe(digest)
  expect(desk.stored.rows('entries')).toBe(0)
  await erin[Symbol.asyncDispose]()
  await desk[Symbol.asyncDispose]()
  await Promise.all([deployment, sight].map((part) => part[Symbol.asyncDispose]()))
})

describe('a request that is none, or may be read as two', () => {
  it.each(Object.keys(AMBIGUOUS))('is refused, and the connection closed: %s', async (name) => {
    const said = await answerTo(port, AMBIGUOUS[name]!)
    expect([name, statusesOf(said).length]).not.toEqual([name, 2])
    expect(statusesOf(said).filter((status) => status < 400)).toEqual([])
    if (said === '') return expect(name).toBe('a connection to elsewhere')
    expect(said).toContain('application/problem+json')
    expect(said).toContain('x-content-type-options: nosniff')
    expect(said).toMatch(/"instance":"urn:uuid:[0-9a-f-]{36}"/)
  })

  it('is not HTTP/2: it is not offered', async () => {
    const socket = connect({ port, rejectUnauthorized: false, ALPNProtocols: ['h2'] })
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException]
    expect(error.message).toMatch(/no application protocol/i)
    const both = connect({ port, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] })
    await once(both, 'secureConnect')
    expect(both.alpnProtocol).toBe('http/1.1')
    both.destroy()
  })
})

describe('a file that the console is not made of', () => {
  it('is not given out, however it is asked for', async () => {
    const pages: string[] = []
    for (const path of OUTSIDE) {
      const line = `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`
      const said = await answerTo(port, line)
      const [status] = statusesOf(said)
      // What has no dot may be a page of the console's own: then it is the page, which is no secret.
      if (status === 200) pages.push(path)
      else
        expect([path, status]).toEqual([path, expect.toSatisfy((one) => one >= 400 && one < 500)])
      expect(said).not.toMatch(/root:|"name": "@?vedette|BEGIN |defineConfig/)
      if (status === 200)
        expect([path, said]).toEqual([path, expect.stringContaining('<!doctype html>')])
    }
    expect(pages.every((path) => !/\.(js|json|ts|tsx|db|key|yaml)$/.test(path))).toBe(true)
  })
})

describe('whoever is slow', () => {
  let hasty: TestDesk
  let port: number

  beforeAll(async () => {
    hasty = await TestDesk.open(deployment, sight, HASTY)
    port = hasty.desk.consolePort
  })

  afterAll(() => hasty[Symbol.asyncDispose]())

  const hungUp = async (socket: { once: (event: 'close', fn: () => void) => unknown }) => {
    const began = performance.now()
    await new Promise<void>((resolve) => socket.once('close', resolve))
    return performance.now() - began
  }

  it('to speak TLS is hung up on', async () => {
    const socket = dial(port)
    expect(await hungUp(socket)).toBeLessThan(5000)
  })

  it('to ask at all is hung up on', async () => {
    const socket = await speak(port)
    const said = text(socket).catch(() => '')
    expect(await hungUp(socket)).toBeLessThan(5000)
    expect(statusesOf(await said)).toEqual([408])
  })

  it('in its header is told so and hung up on', async () => {
    const socket = await speak(port)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n')
    const drip = setInterval(() => socket.write('X-A: b\r\n'), 50)
    const said = await text(socket).catch(() => '')
    clearInterval(drip)
    expect(statusesOf(said)).toEqual([408])
    expect(said).toContain('"code":"request.invalid"')
  })

  it('in its body is told so and hung up on', async () => {
    const socket = await speak(port)
    socket.write(
      'POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n',
    )
    const drip = setInterval(() => socket.write(' '), 50)
    const said = await text(socket).catch(() => '')
    clearInterval(drip)
    expect(statusesOf(said)).toEqual([408])
  })

  it('has so many connections and no more, until one of them is closed', async () => {
    await using server = createTcpServer()
    limitPerAddress(server, 40)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port: at } = server.address() as AddressInfo
    const open = new Set<Socket>()
    const another = async () => {
      const socket = dial(at, '127.0.0.1').resume()
      const [heard] = await Promise.race([once(server, 'connection'), once(socket, 'close')])
      if (socket.destroyed || heard.destroyed) return
      open.add(socket)
    }
    for (let n = 0; n < 60; n++) await another()
    expect(open.size).toBe(40)
    const [first] = open
    open.delete(first!)
    first!.destroy()
    await once(first!, 'close')
    while (open.size < 40) await another()
    for (const socket of open) socket.destroy()
  })

  it('to read, and asks on and on meanwhile, is hung up on before it is all held for them', async () => {
    const socket = await speak(port, '127.0.0.3')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(200))
    const said = await text(socket).catch(() => '')
    expect(statusesOf(said).length).toBeLessThanOrEqual(1)
    // Nor is anybody of that address let in for a while; everybody else is.
    await expect(speak(port, '127.0.0.3')).rejects.toThrow()
    await using olga = new Browser(port)
    expect((await olga.ask('/')).status).toBe(200)
  })

  it('to read what happens is hung up on, and has not been written to without end', async () => {
    await using server = createServer()
    server.listen(0)
    const { port: at } = server.address() as AddressInfo
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const reader = dial(at).pause()
    reader.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
    const stream = eventStream(response)
    while (!stream.closed && !response.writableNeedDrain) {
      stream.send(undefined, 'news', 'x'.repeat(2 ** 18))
      await new Promise(setImmediate)
    }
    const waiting = stream.drained()
    vi.advanceTimersByTime(31_000)
    vi.useRealTimers()
    await waiting
    expect([stream.closed, response.destroyed]).toEqual([true, true])
    reader.destroy()
  })
})

describe('a form that no browser sends', () => {
  it.each(Object.keys(FORMS))('enrols nobody: %s', async (name) => {
    const answer = await erin.ask('/api/entries/check', {
      method: 'POST',
      raw: FORMS[name]!,
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(jsonOf<Problem>(answer).code).toMatch(/^(request|photo|entry)\./)
  })

  it.each([
    ['without a boundary', 'multipart/form-data'],
    ['with a boundary that is none', 'multipart/form-data; boundary='],
    ['with a boundary of a kilobyte', `multipart/form-data; boundary=${'x'.repeat(1000)}`],
    ['that is another', 'multipart/mixed; boundary=x'],
    ['that is XML', 'application/xml'],
  ])('enrols nobody: %s', async (_what, type) => {
    const headers = { 'content-type': type }
    const raw = FORMS['a file that is called a path']!
    const answer = await erin.ask('/api/entries/check', { method: 'POST', raw, headers })
    expect([answer.status >= 400, answer.status < 500]).toEqual([true, true])
  })
})
