import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { connect as connectTcp, createServer as createTcp } from 'node:net'
import { join as pathOf } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { readAgentConfig } from '@vedette/agent/config'
import { parseNamedSource } from '@vedette/agent/join/folder'
import { join } from '@vedette/agent/join/join'
import { newRequest } from '@vedette/shared/certificate-request'
import { systemClock } from '@vedette/shared/clock'
import { readCredentials } from '@vedette/shared/credentials'
import { encodeEnvelope } from '@vedette/shared/envelope'
import { ConfigFault, IdentityFault, Refusal, Unavailable } from '@vedette/shared/errors'
import { formatJoinCode, parseJoinCode } from '@vedette/shared/join-code'
import { joinEnvelope } from '@vedette/shared/join-message'
import { acceptOptions, lookOptions, showOptions } from '@vedette/shared/tls'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../support/certs-deployment.ts'
import { TestJoining } from '../../support/join.ts'
import { ScriptedAgent } from '../../support/server-client.ts'
import { Deployment } from '../../support/server-deployment.ts'
import { HAND } from '../../support/server-store.ts'
import { rejectionOf, thrownBy } from '../../support/thrown.ts'

const deployment = await Deployment.found()
afterAll(() => deployment[Symbol.asyncDispose]())

let house: TestJoining
let box: TemporaryFolder
let home: string
let count = 0
/** A name of its own for each test. */
let name: string

beforeEach(async () => {
  name = `box-${++count}`
  house = await TestJoining.open(deployment)
  box = await TemporaryFolder.make()
  home = pathOf(box.path, 'agent')
  return async () => {
    await house[Symbol.asyncDispose]()
    await box[Symbol.asyncDispose]()
  }
})

const joining = (code: string, more: Partial<Parameters<typeof join>[0]> = {}) =>
  join({ code, home, cameras: [], replace: false, clock: systemClock, ...more })

/** Nothing was written, and no certificate made out. */
async function nothing(): Promise<void> {
  expect(await readdir(box.path)).toEqual([])
  expect(await house.certificatesOf(name)).toEqual([])
}

/** Resolves when the connection is gone, whoever ended it. */
function closed(socket: TLSSocket): Promise<unknown> {
  return new Promise((resolve) => socket.resume().once('close', resolve))
}

describe('a machine with a join code', () => {
  it('becomes an agent with a key of its own, and is let in', async () => {
    const { code, expiresAt } = await house.invite(name)
    const report = await joining(code, { cameras: [parseNamedSource('door=rtsp://10.0.0.20/sub')] })
    expect(report).toMatchObject({ agent: name, server: `127.0.0.1:${house.gate.port}` })
    const credentials = await readCredentials(report.credentials)
    const leaf = new X509Certificate(credentials.chain)
    expect(leaf.subjectAltName).toBe(`URI:urn:vedette:agent:${name}`)
    expect((await stat(pathOf(report.credentials, 'key.pem'))).mode & 0o777).toBe(0o600)
    expect((await stat(report.credentials)).mode & 0o777).toBe(0o700)

    const config = await readAgentConfig(report.configuration)
    expect(config).toMatchObject({
      server: { host: '127.0.0.1', port: house.gate.port },
      credentials: report.credentials,
      cameras: { door: { source: { kind: 'rtsp', url: 'rtsp://10.0.0.20/sub' } } },
    })
    using agent = await ScriptedAgent.welcome(house.gate.port, credentials)
    await agent.settled()

    const [entry] = await house.certificatesOf(name)
    expect(entry!.serial).toBe(leaf.serialNumber.toLowerCase())
    const [invitation] = await house.joining.invitations.all()
    expect(invitation).toMatchObject({
      agent: name,
      invitedBy: 'anna',
      expiresAt,
      usedFrom: '127.0.0.1',
      serial: entry!.serial,
    })
    expect(await house.outcomes()).toEqual(['joined'])
    expect(house.book.of('agent.joined')).toMatchObject([{ agent: name, address: '127.0.0.1' }])
  })

  it('never shows its key, and the server keeps no code', async () => {
    const { code } = await house.invite(name)
    const { credentials } = await joining(code)
    const { key } = await readCredentials(credentials)
    const body = key.split('\n')[1]!
    const secret = Buffer.from(parseJoinCode(code).secret)
    expect(JSON.stringify(house.book.lines)).not.toContain(body)
    for (const file of await readdir(house.stored.folder, { recursive: true })) {
      const bytes = await readFile(pathOf(house.stored.folder, file)).catch(() => Buffer.alloc(0))
      for (const form of [body, secret, secret.toString('hex'), secret.toString('base64url')]) {
        expect(bytes.includes(form)).toBe(false)
      }
    }
  })

  it('may be told nothing of cameras yet: the configuration has a place for them', async () => {
    const { configuration } = await joining((await house.invite(name)).code)
    expect(Object.keys((await readAgentConfig(configuration)).cameras)).toEqual(['first-camera'])
  })
})

describe('a join code', () => {
  it('is good once', async () => {
    const { code } = await house.invite(name)
    await house.invite(`${name}-other`)
    await joining(code)
    const elsewhere = pathOf(box.path, 'thief')
    const fault = await rejectionOf(joining(code, { home: elsewhere }), Refusal)
    expect(fault.code).toBe('join.used')
    expect(fault.hint).toContain('vedette agents invite')
    expect(await readdir(box.path)).toEqual(['agent'])
    expect(await house.certificatesOf(name)).toHaveLength(1)
    expect(await house.outcomes()).toEqual(['join.used', 'joined'])
  })

  it('makes one agent of two that use it at the same moment', async () => {
    const { code } = await house.invite(name)
    await house.invite(`${name}-other`)
    const both = await Promise.allSettled(
      ['one', 'two'].map((folder) => joining(code, { home: pathOf(box.path, folder) })),
    )
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await house.certificatesOf(name)).toHaveLength(1)
    expect(await readdir(box.path)).toHaveLength(1)
  })

  it('is claimed before a certificate is made out: of ten who ask in one breath one gets it', async () => {
    const { secret } = parseJoinCode((await house.invite(name)).code)
    const requests = await Promise.all(Array.from({ length: 10 }, newRequest))
    const all = await Promise.allSettled(
      requests.map(({ request }) => house.joining.invitations.redeem(secret, request, '10.0.0.9')),
    )
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await house.certificatesOf(name)).toHaveLength(1)
    const outcomes = await house.outcomes()
    expect(outcomes.filter((outcome) => outcome === 'join.used')).toHaveLength(9)
  })

  it('expires', async () => {
    const { code } = await house.invite(name, { expires: 60_000 })
    await house.invite(`${name}-other`)
    house.clock.advance(60_000)
    expect((await rejectionOf(joining(code), Refusal)).code).toBe('join.expired')
    await nothing()
    expect(await house.outcomes()).toEqual(['join.expired'])
  })

  it('can be taken back, as long as nobody has used it', async () => {
    const { code, id } = await house.invite(name)
    await house.invite(`${name}-other`)
    await house.joining.invitations.withdraw(id, { ...HAND, by: 'bert' })
    expect((await rejectionOf(joining(code), Refusal)).code).toBe('join.withdrawn')
    await nothing()
    const again = house.joining.invitations.withdraw(id, { ...HAND, by: 'bert' })
    expect((await rejectionOf(again, Refusal)).code).toBe('invitation.wrong-state')
    const unknown = house.joining.invitations.withdraw('nothing', { ...HAND, by: 'bert' })
    expect((await rejectionOf(unknown, Refusal)).code).toBe('invitation.not-found')
  })

  it('that nobody made is refused, written down and logged', async () => {
    const { code } = await house.invite(name)
    const guess = formatJoinCode({ ...parseJoinCode(code), secret: Buffer.alloc(16, 7) })
    expect((await rejectionOf(joining(guess), Refusal)).code).toBe('join.unknown')
    await nothing()
    const [attempt] = await house.stored.store.invitations.attempts()
    expect(attempt).toMatchObject({
      address: '127.0.0.1',
      invitationId: null,
      outcome: 'join.unknown',
    })
    expect(await house.book.line('join.refused')).toMatchObject({ code: 'join.unknown' })
  })

  it('is still good after a request for a certificate that was none', async () => {
    const { code } = await house.invite(name)
    const { secret } = parseJoinCode(code)
    const socket = connect({ ...lookOptions(), host: '127.0.0.1', port: house.port })
    await once(socket, 'secureConnect')
    const message = { type: 'join', secret, request: 'none', software: 'test' } as const
    socket.write(joinEnvelope(message))
    socket.resume()
    await once(socket, 'close')
    expect(await house.outcomes()).toEqual(['request.invalid'])
    expect(await house.certificatesOf(name)).toEqual([])
    await joining(code)
    expect(await house.outcomes()).toEqual(['joined', 'request.invalid'])
  })

  it('is not made for an agent that is there, unless it is to be replaced', async () => {
    await joining((await house.invite(name)).code)
    const fault = await rejectionOf(house.invite(name), Refusal)
    expect([fault.code, fault.hint]).toEqual([
      'certificate.exists',
      expect.stringContaining('--replace'),
    ])
    expect(house.listening).toBe(false)

    const former = await readCredentials(pathOf(home, 'credentials'))
    using agent = await ScriptedAgent.welcome(house.gate.port, former)
    const { code } = await house.invite(name, { replace: true })
    await joining(code, { home: pathOf(box.path, 'another') })
    expect((await agent.ended()).at(-1)).toEqual({ type: 'goodbye', reason: 'revoked' })
    const states = (await house.certificatesOf(name)).map(({ revocation }) => revocation?.reason)
    expect(states).toEqual([expect.stringContaining('replaced'), undefined])
  })

  it.each(['', 'Gate', 'gate 7', '-gate', 'g'.repeat(64)])(
    'is not made for what is no name: %j',
    async (wrong) => {
      expect((await rejectionOf(house.invite(wrong), Refusal)).code).toBe('request.invalid')
      expect(house.listening).toBe(false)
    },
  )
})

describe('another server than the code is for', () => {
  it('is not told the secret', async () => {
    const elsewhere = await Deployment.found()
    const { code } = await house.invite(name)
    const received: Buffer[] = []
    const { credentials } = elsewhere
    const shown = showOptions({
      chain: credentials.chain + credentials.trust,
      key: credentials.key,
    })
    const impostor = createServer(shown, (socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => received.push(chunk))
    })
    impostor.listen(0, '127.0.0.1')
    await once(impostor, 'listening')
    const { port } = impostor.address() as { port: number }
    const fault = await rejectionOf(
      joining(formatJoinCode({ ...parseJoinCode(code), port })),
      IdentityFault,
    )
    expect(fault.code).toBe('identity.wrong-pin')
    expect(received).toEqual([])
    await nothing()
    impostor.close()
    await elsewhere[Symbol.asyncDispose]()
  })

  it('is not told the secret even where it shows the right root, without a certificate below it', async () => {
    const elsewhere = await Deployment.found()
    const { code } = await house.invite(name)
    const received: Buffer[] = []
    const { chain, key } = elsewhere.credentials
    const { trust } = deployment.credentials
    const impostor = createServer({ ...showOptions({ chain: chain + trust, key }) }, (socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => received.push(chunk))
    })
    impostor.on('tlsClientError', () => {})
    impostor.listen(0, '127.0.0.1')
    await once(impostor, 'listening')
    const { port } = impostor.address() as { port: number }
    const asked = joining(formatJoinCode({ ...parseJoinCode(code), port }))
    const fault = await asked.catch((error: unknown) => error)
    expect([IdentityFault, Unavailable].some((type) => fault instanceof type)).toBe(true)
    expect(received).toEqual([])
    await nothing()
    impostor.close()
    await elsewhere[Symbol.asyncDispose]()
  })

  it('is not told the secret where an agent shows the right chain', async () => {
    const { code } = await house.invite(name)
    const agent = await deployment.agent('gate-7')
    const received: Buffer[] = []
    const shown = { chain: agent.chain + agent.trust, key: agent.key }
    const impostor = createServer(showOptions(shown), (socket) => {
      socket.on('error', () => {})
      socket.on('data', (chunk) => received.push(chunk))
    })
    impostor.on('tlsClientError', () => {})
    impostor.listen(0, '127.0.0.1')
    await once(impostor, 'listening')
    const { port } = impostor.address() as { port: number }
    const asked = joining(formatJoinCode({ ...parseJoinCode(code), port }))
    expect((await rejectionOf(asked, Unavailable)).code).toBe('uplink.unreachable')
    expect(received).toEqual([])
    await nothing()
    impostor.close()
  })
})

describe('the door for newcomers', () => {
  const dials = async () => {
    const socket = connectTcp(house.port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return true
    } catch {
      return false
    } finally {
      socket.destroy()
    }
  }

  it('listens while somebody is invited, and no longer', async () => {
    expect(house.listening).toBe(false)
    const { code } = await house.invite(name)
    expect([house.listening, await dials()]).toEqual([true, true])
    await joining(code)
    expect([house.listening, await dials()]).toEqual([false, false])

    const { id } = await house.invite(`${name}-b`)
    expect(await dials()).toBe(true)
    await house.joining.invitations.withdraw(id, { ...HAND, by: 'anna' })
    await house.joining.door.refresh()
    expect(await dials()).toBe(false)

    await house.invite(`${name}-c`, { expires: 90_000 })
    expect(await dials()).toBe(true)
    house.clock.advance(90_001)
    await house.book.line('join.closed', 2)
    expect([house.listening, await dials()]).toEqual([false, false])
    expect(house.clock.pending).toEqual([])
  })

  it('listens on the same port each time', async () => {
    const first = await house.invite(name)
    const { port } = parseJoinCode(first.code)
    await joining(first.code)
    expect(parseJoinCode((await house.invite(`${name}-b`)).code).port).toBe(port)
  })

  it('makes no code where its port is taken, and says so', async () => {
    const squatter = createTcp().listen(0, '127.0.0.1')
    await once(squatter, 'listening')
    const { port } = squatter.address() as { port: number }
    await using other = await TestJoining.open(deployment, port)
    expect(await rejectionOf(other.invite(name), Unavailable)).toMatchObject({
      code: 'join.closed',
      hint: expect.stringContaining('server.yaml'),
    })
    expect(await other.joining.invitations.all()).toEqual([])
    squatter.close()
  })

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['half a message', encodeEnvelope(Buffer.alloc(100)).subarray(0, 50)],
  ])('hangs up on who says %s', async (_what, bytes) => {
    await house.invite(name)
    const socket = connect({ ...lookOptions(), host: '127.0.0.1', port: house.port })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    socket.write(bytes)
    house.clock.advance(10_000)
    await closed(socket)
    expect(await house.outcomes()).toEqual([])
  })

  it.each<[string, Buffer, string]>([
    ['too long', Buffer.from('7fffffff', 'hex'), 'envelope.too-large'],
    ['no map', encodeEnvelope(Buffer.of(0x01)), 'message.not-a-map'],
    [
      'a hello',
      encodeEnvelope(Buffer.from('81a474797065a568656c6c6f', 'hex')),
      'message.unknown-type',
    ],
  ])('refuses a message that is %s', async (_what, bytes, code) => {
    await house.invite(name)
    const socket = connect({ ...lookOptions(), host: '127.0.0.1', port: house.port })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    socket.write(bytes)
    await closed(socket)
    expect(await house.book.line('join.broken')).toMatchObject({ code })
    expect(await house.certificatesOf(name)).toEqual([])
  })

  it('asks nobody for a certificate and speaks TLS 1.3 alone', async () => {
    await house.invite(name)
    const old = { ...lookOptions(), minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } as const
    const refused = connect({ ...old, host: '127.0.0.1', port: house.port })
    await expect(once(refused, 'secureConnect')).rejects.toThrow()
    const socket = connect({ ...lookOptions(), host: '127.0.0.1', port: house.port })
    socket.on('error', () => {})
    await once(socket, 'secureConnect')
    expect(socket.getProtocol()).toBe('TLSv1.3')
    socket.end()
    await closed(socket)
    expect(acceptOptions(deployment.credentials).requestCert).toBe(true)
  })

  it('lets an address try so often, counts wrong codes fourfold, and lets it try again', async () => {
    const { code } = await house.invite(name)
    const guess = formatJoinCode({ ...parseJoinCode(code), secret: Buffer.alloc(16) })
    // Ten connections: each attempt takes two, and a wrong code four more.
    expect((await rejectionOf(joining(guess), Refusal)).code).toBe('join.unknown')
    expect(await rejectionOf(joining(guess), Refusal).catch((e: unknown) => e)).toBeDefined()
    const shut = await rejectionOf(joining(code), Unavailable)
    expect(shut.code).toBe('uplink.unreachable')
    await nothing()
    house.clock.advance(20_000)
    expect(await joining(code)).toMatchObject({ agent: name })
  })
})

describe('a machine where an agent lives', () => {
  it.each(['agent.yaml', 'credentials'])(
    'does not lose its %s: the code is not even used',
    async (file) => {
      await mkdir(home)
      await writeFile(pathOf(home, file), 'mine')
      const { code } = await house.invite(name)
      const fault = await rejectionOf(joining(code), Refusal)
      expect([fault.code, fault.hint]).toEqual([
        'certificate.exists',
        expect.stringContaining('--replace'),
      ])
      expect(await readFile(pathOf(home, file), 'utf8')).toBe('mine')
      expect(await house.outcomes()).toEqual([])
    },
  )

  it('joins again where that was said, and keeps its cameras', async () => {
    const cameras = [parseNamedSource('yard=/dev/video3')]
    await joining((await house.invite(name)).code, { cameras })
    const before = await readCredentials(pathOf(home, 'credentials'))
    const { code } = await house.invite(name, { replace: true })
    const report = await joining(code, { replace: true })
    expect(Object.keys((await readAgentConfig(report.configuration)).cameras)).toEqual(['yard'])
    expect((await readCredentials(report.credentials)).key).not.toBe(before.key)

    const third = await house.invite(name, { replace: true })
    const others = [parseNamedSource('door=clips/door.mp4')]
    await joining(third.code, { replace: true, cameras: others })
    expect(await readFile(pathOf(home, 'agent.yaml.before'), 'utf8')).toContain('yard')
    expect(await readFile(pathOf(home, 'agent.yaml'), 'utf8')).toContain('door')
  })
})

describe('--camera', () => {
  it.each(['door', '=x', 'door='])('is not: %s', (text) => {
    expect(thrownBy(() => parseNamedSource(text), Refusal).code).toBe('request.invalid')
  })

  it.each(['Door=/dev/video0', 'a b=/dev/video0'])('has no such name: %s', (text) => {
    expect(thrownBy(() => parseNamedSource(text), ConfigFault).code).toBe('config.invalid')
  })
})
