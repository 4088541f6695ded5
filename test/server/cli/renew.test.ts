import { X509Certificate } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { issueCredentials } from '@vedette/certs/pki'
import { DeskClient } from '@vedette/server/cli/desk-client'
import { renewOperator, renewWhenDue } from '@vedette/server/cli/own-certificate'
import { readCredentials } from '@vedette/shared/credentials'
import { IdentityFault, Refusal } from '@vedette/shared/errors'
import { renewalDue } from '@vedette/shared/renewal'
import type { Credentials } from '@vedette/shared/tls'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { House } from '../../support/house.ts'
import { run } from '../../support/server-cli.ts'
import { rejectionOf } from '../../support/thrown.ts'

let house: House
let folder: string
let before: Credentials
let desk: DeskClient
let count = 0

beforeAll(async () => {
  house = await House.found()
  await house.startServer()
  const ports = `desk: { port: ${house.config.desk.port} }\n`
  await writeFile(join(house.home, 'server.yaml'), ports)
  await (await house.desk()).json('POST', '/operators', { name: 'otto', role: 'viewer' })
})

afterAll(() => house[Symbol.asyncDispose]())

beforeEach(async () => {
  count++
  const identity = { role: 'operator', name: 'otto' } as const
  folder = (await issueCredentials({ home: house.home, identity, replace: true })).folder
  before = await readCredentials(folder)
  desk = new DeskClient(`127.0.0.1:${house.config.desk.port}`, before)
  return () => desk[Symbol.asyncDispose]()
})

const leafOf = ({ chain }: Credentials) => new X509Certificate(chain)

function dueOf(credentials: Credentials): number {
  const { validFrom, validTo } = leafOf(credentials)
  const period = { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) }
  return renewalDue(period, () => 0)
}

const quietly = (now: number) => {
  const said: string[] = []
  return renewWhenDue(desk, folder, before, { now, warn: (words) => said.push(words) }).then(
    () => said,
  )
}

describe("an operator's certificate", () => {
  it('is renewed by any command from two thirds of its life on, with a new key, and not before', async () => {
    await quietly(dueOf(before) - 1)
    expect(await readCredentials(folder)).toEqual(before)
    expect(await quietly(dueOf(before))).toEqual([])
    const after = await readCredentials(folder)
    expect(after.key).not.toBe(before.key)
    expect(leafOf(after).subjectAltName).toBe(leafOf(before).subjectAltName)
    expect((await stat(join(folder, 'key.pem'))).mode & 0o777).toBe(0o600)
    expect((await readdir(folder)).sort()).toEqual(['chain.pem', 'key.pem', 'roots.pem'])
    await using again = new DeskClient(`127.0.0.1:${house.config.desk.port}`, after)
    await again.json('GET', '/agents')
  })

  it('is renewed at once by vedette certs renew', async () => {
    const ran = await run(['--home', house.home, '--operator', 'otto', '--json', 'certs', 'renew'])
    expect(ran).toMatchObject({ status: 0, err: '' })
    const { serial } = JSON.parse(ran.out) as { serial: string }
    expect(leafOf(await readCredentials(folder)).serialNumber.toLowerCase()).toBe(serial)
    expect(serial).not.toBe(leafOf(before).serialNumber.toLowerCase())
  })

  it('is left alone once it has expired', async () => {
    expect(await quietly(Date.parse(leafOf(before).validTo))).toEqual([])
    expect(await readCredentials(folder)).toEqual(before)
  })

  it('that cannot be renewed is no matter, until it nearly ends', async () => {
    await desk[Symbol.asyncDispose]()
    desk = new DeskClient('127.0.0.1:1', before)
    expect(await quietly(dueOf(before))).toEqual([])
    const said = await quietly(Date.parse(leafOf(before).validTo) - 1000)
    expect(said.join('\n')).toContain('vedette certs renew')
    expect(await readCredentials(folder)).toEqual(before)
    expect((await readdir(folder)).sort()).toEqual(['chain.pem', 'key.pem', 'roots.pem'])
  })

  it('is renewed by one command at a time', async () => {
    const both = await Promise.allSettled([
      renewOperator(desk, folder, before),
      renewOperator(desk, folder, before),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const after = await readCredentials(folder)
    await using again = new DeskClient(`127.0.0.1:${house.config.desk.port}`, after)
    await again.json('GET', '/agents')
  })

  it('is renewed although a command died while it did that', async () => {
    const lock = join(folder, 'renewing.lock')
    await writeFile(lock, '')
    const busy = await rejectionOf(renewOperator(desk, folder, before), Refusal)
    expect(busy.code).toBe('request.busy')
    const { utimes } = await import('node:fs/promises')
    await utimes(lock, 0, 0)
    await renewOperator(desk, folder, before)
    expect(await readCredentials(folder)).not.toEqual(before)
  })

  it('is not exchanged for what was not asked for', async () => {
    const identity = { role: 'operator', name: `other-${count}` } as const
    const other = await issueCredentials({ home: house.home, identity })
    const { trust } = before
    desk.json = async () => ({ serial: '', notAfter: 0, chain: other.chain, trust }) as never
    const fault = await rejectionOf(renewOperator(desk, folder, before), IdentityFault)
    expect(fault.code).toBe('identity.bad-chain')
    expect(await readCredentials(folder)).toEqual(before)
    expect(await readFile(join(folder, 'key.pem'), 'utf8')).toBe(before.key)
  })
})
