import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { DeskClient } from '@vedette/server/cli/desk-client'
import { DeskFault } from '@vedette/server/cli/desk-fault'
import { Unavailable } from '@vedette/shared/errors'
import { acceptOptions } from '@vedette/shared/tls'
import { afterAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { rejectionOf } from '../../support/thrown.ts'

const deployment = await Deployment.found()

afterAll(() => deployment[Symbol.asyncDispose]())

/** A desk that gives every request the same answer. */
function answering(status: number, type: string, body: string) {
  return deskThat((response) => response.writeHead(status, { 'content-type': type }).end(body))
}

/** A desk that begins a stream of events, and then says nothing more. */
function streaming(beginning: string) {
  return deskThat((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(beginning)
  })
}

async function deskThat(answer: (response: ServerResponse) => void) {
  const server = createServer(acceptOptions(deployment.credentials), (_request, response) => {
    answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = new DeskClient(`127.0.0.1:${port}`, deployment.anna)
  return {
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]()
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

describe('a client of the desk', () => {
  it('passes a problem on as it was said', async () => {
    const problem = {
      type: 'x',
      title: 'x',
      status: 404,
      code: 'entry.not-found',
      detail: 'no entry',
      hint: 'look',
    }
    const type = 'application/problem+json; charset=utf-8'
    await using desk = await answering(404, type, JSON.stringify(problem))
    const error = await rejectionOf(desk.client.json('GET', '/entries/1'), DeskFault)
    expect(error).toMatchObject({
      status: 404,
      code: 'entry.not-found',
      message: 'no entry',
      hint: 'look',
    })
  })

  it.each([
    [503, 'application/json', '{"error":"Service Unavailable","statusCode":503}'],
    [502, 'text/html', '<html>Bad Gateway</html>'],
    [500, 'text/plain', ''],
  ])('takes %i, %s for somebody else in the place of the desk', async (status, type, body) => {
    await using desk = await answering(status, type, body)
    const error = await rejectionOf(desk.client.json('GET', '/entries'), Unavailable)
    expect(error.code).toBe('desk.unreachable')
    expect(error.message).toContain(String(status))
  })

  it('says that nobody answers', async () => {
    await using client = new DeskClient('127.0.0.1:1', deployment.anna)
    const error = await rejectionOf(client.json('GET', '/entries'), Unavailable)
    expect([error.code, error.hint]).toEqual([
      'desk.unreachable',
      expect.stringContaining('vedette-server'),
    ])
  })

  it('does not take a stream on which nothing comes any more for one that lives', async () => {
    await using desk = await streaming('event: raised\ndata: {}\n\n')
    const { signal } = new AbortController()
    const heard: string[] = []
    const reading = async () => {
      for await (const { event } of desk.client.events('/alerts/events', signal, {
        deadAfter: 200,
      })) {
        heard.push(event ?? '')
      }
    }
    const error = await rejectionOf(reading(), Unavailable)
    expect([error.code, heard]).toEqual(['desk.unreachable', ['raised']])
  })
})
