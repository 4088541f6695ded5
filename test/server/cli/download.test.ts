import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { download } from '@vedette/server/cli/download'
import { Refusal, Unavailable } from '@vedette/shared/errors'
import { Agent } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Deployment } from '../../support/server-deployment.ts'
import { rejectionOf } from '../../support/thrown.ts'

const FILE = Buffer.alloc(100_000, 'model')

let deployment: Deployment
let server: Server
let trusting: Agent

beforeAll(async () => {
  deployment = await Deployment.found()
  const { chain: cert, key, trust: ca } = deployment.credentials
  server = createServer({ cert, key }, (request, response) => {
    const origin = `https://localhost:${(server.address() as AddressInfo).port}`
    switch (request.url) {
      case '/moved':
        return response.writeHead(302, { location: `${origin}/file` }).end()
      case '/plain':
        return response.writeHead(302, { location: 'http://127.0.0.1:9/file' }).end()
      case '/round':
        return response.writeHead(302, { location: '/round' }).end()
      case '/file':
        return response.end(FILE)
      case '/broken':
        response.writeHead(200, { 'content-length': FILE.length })
        response.write(FILE.subarray(0, 1000))
        return setTimeout(() => response.destroy(), 20)
      default:
        return response.writeHead(404).end('no')
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  trusting = new Agent({ connect: { ca } })
})

afterAll(async () => {
  await trusting.destroy()
  server.close()
  await deployment[Symbol.asyncDispose]()
})

function fetched(path: string, bytes = FILE.length, seen: number[] = []): Promise<Buffer> {
  const url = `https://localhost:${(server.address() as AddressInfo).port}${path}`
  const onProgress = (done: number) => void seen.push(done)
  return download(url, { bytes, dispatcher: trusting, onProgress })
}

describe('a download', () => {
  it.each(['/file', '/moved'])('of %s is the whole file, and tells how far it is', async (path) => {
    const seen: number[] = []
    expect((await fetched(path, FILE.length, seen)).equals(FILE)).toBe(true)
    expect(seen.at(-1)).toBe(FILE.length)
  })

  it('stops at the first byte too many', async () => {
    const error = await rejectionOf(fetched('/file', 50_000), Refusal)
    expect(error.code).toBe('model.changed')
  })

  it.each([
    ['that is not there', '/nothing', 'HTTP status 404'],
    ['that breaks off', '/broken', ''],
    ['that leaves HTTPS', '/plain', 'not over HTTPS'],
    ['that goes round in circles', '/round', 'more than 5 times'],
  ])('of a file %s is not to be had, and can be carried instead', async (_what, path, words) => {
    const error = await rejectionOf(fetched(path), Unavailable)
    expect(error.code).toBe('model.unreachable')
    expect(error.message).toContain(words)
    expect(error.hint).toContain('--from FILE')
  })

  it('trusts nobody without a certificate that it can check', async () => {
    const url = `https://localhost:${(server.address() as AddressInfo).port}/file`
    const options = { bytes: FILE.length, onProgress: () => {} }
    expect((await rejectionOf(download(url, options), Unavailable)).code).toBe('model.unreachable')
  })
})
