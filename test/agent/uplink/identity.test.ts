import type { Credentials } from '@vedette/shared/tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/agent-deployment.ts'
import { Hub } from '../../support/agent-hub.ts'
import { RunningUplink } from '../../support/agent-uplink.ts'

let ours: Deployment
let theirs: Deployment

beforeAll(async () => {
  ;[ours, theirs] = await Promise.all([Deployment.found(), Deployment.found()])
})

afterAll(() => Promise.all([ours[Symbol.asyncDispose](), theirs[Symbol.asyncDispose]()]))

/** Dials a server with these credentials; tells what ended it and all that the server received. */
async function dialled(server: Credentials, name?: string) {
  await using hub = await Hub.start({ ...server, trust: ours.agent.trust })
  await using uplink = new RunningUplink(hub, ours.agent, {
    server: { host: '127.0.0.1', port: hub.port, ...(name !== undefined && { name }) },
  })
  const wait = await uplink.clock.sleeping()
  const received: unknown[] = []
  while (hub.waiting > 0) {
    const call = await hub.call()
    for (;;) {
      const message = await call.next().catch(() => undefined)
      if (message === undefined) break
      received.push(message)
    }
  }
  return { wait, endings: uplink.endings, state: uplink.state, received }
}

const refused = (code: string) => ({ wait: 250, endings: [code], state: 'waiting', received: [] })

describe('Uplink', () => {
  it('refuses a server of another deployment before it says hello', async () => {
    expect(await dialled(theirs.server)).toEqual(refused('UNABLE_TO_GET_ISSUER_CERT_LOCALLY'))
  })

  it('refuses an agent that plays the server', async () => {
    const { received, endings } = await dialled(ours.agent)
    expect([received, endings]).toEqual([[], ['INVALID_PURPOSE']])
  })

  it('refuses an operator that plays the server', async () => {
    const { received, endings } = await dialled(ours.operator)
    expect([received, endings]).toEqual([[], ['INVALID_PURPOSE']])
  })

  it('refuses a server of another name, where it was told which', async () => {
    expect(await dialled(ours.server, 'annexe')).toEqual(refused('identity.wrong-name'))
  })

  it.each([undefined, 'hub'])('accepts the server of its deployment (told %s)', async (name) => {
    await using hub = await Hub.start(ours.server)
    await using uplink = new RunningUplink(hub, ours.agent, {
      server: { host: '127.0.0.1', port: hub.port, ...(name !== undefined && { name }) },
    })
    const call = await hub.call()
    await call.welcome()
    await call.quiet()
    expect(uplink.state).toBe('open')
  })

  it('does not mind by which address it reaches the server', async () => {
    await using hub = await Hub.start(ours.server)
    await using uplink = new RunningUplink(hub, ours.agent, {
      server: { host: 'localhost', port: hub.port },
    })
    await (await hub.call()).welcome()
    expect(uplink.endings).toEqual([])
  })

  it('is refused with a certificate of another deployment, and goes on dialling', async () => {
    await using hub = await Hub.start(ours.server)
    const credentials = { ...theirs.agent, trust: ours.agent.trust }
    await using uplink = new RunningUplink(hub, credentials)
    expect([await uplink.clock.pass(), await uplink.clock.pass()]).toEqual([250, 500])
    expect(uplink.endings).toHaveLength(2)
    expect(hub.waiting).toBe(0)
  })
})
