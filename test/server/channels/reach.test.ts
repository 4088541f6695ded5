import { isLoopback, reachable } from '@vedette/server/channels/reach'
import { Refusal } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { rejectionOf } from '../../support/thrown.ts'

const CLOSED = { private: false, loopback: false }
const answers =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }) as const)

const codeFor = async (host: string, reach = CLOSED, ...addresses: string[]) => {
  try {
    return (await reachable(host, reach, answers(...addresses))).address
  } catch (error) {
    return (error as Refusal).code
  }
}

describe('a channel', () => {
  it.each([
    // A cloud's credentials, in every way they are written.
    '169.254.169.254',
    '[::ffff:169.254.169.254]',
    '[::ffff:a9fe:a9fe]',
    '[0:0:0:0:0:ffff:a9fe:a9fe]',
    '[64:ff9b::a9fe:a9fe]',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '0.0.0.0',
    '[::]',
    '127.0.0.1',
    '127.1.2.3',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[ff02::1]',
    '[2002:7f00:1::]',
  ])('does not go to %s', async (host) => {
    expect(await codeFor(new URL(`https://${host}/`).hostname)).toBe('channel.unreached')
  })

  it.each(['2130706433', '0x7f.1', '0177.0.0.1'])('sees through %s', async (host) => {
    expect(await codeFor(new URL(`https://${host}/`).hostname)).toBe('channel.unreached')
  })

  it.each(['93.184.216.34', '172.32.0.1', '[2606:4700::1111]', '11.0.0.1'])(
    'goes to %s',
    async (host) => {
      const bare = host.replace(/[[\]]/g, '')
      expect(await codeFor(host)).toBe(bare)
    },
  )

  it('goes to the house or to this machine where the configuration says so, and never to nobody', async () => {
    expect(await codeFor('10.1.2.3', { private: true, loopback: false })).toBe('10.1.2.3')
    expect(await codeFor('127.0.0.1', { private: true, loopback: false })).toBe('channel.unreached')
    expect(await codeFor('127.0.0.1', { private: false, loopback: true })).toBe('127.0.0.1')
    const open = { private: true, loopback: true }
    expect(await codeFor('169.254.169.254', open)).toBe('channel.unreached')
  })

  it('judges what a name means, all of it', async () => {
    expect(await codeFor('a.example', CLOSED, '93.184.216.34')).toBe('93.184.216.34')
    expect(await codeFor('a.example', CLOSED, '127.0.0.1')).toBe('channel.unreached')
    const both = ['93.184.216.34', '10.0.0.1'] as const
    expect(await codeFor('a.example', CLOSED, ...both)).toBe('channel.unreached')
    expect(await codeFor('a.example', CLOSED)).toBe('channel.unresolved')
  })

  it('says what to do where it does not go', async () => {
    const fault = await rejectionOf(reachable('10.1.2.3', CLOSED), Refusal)
    expect(fault.hint).toContain('channels.private: true')
  })

  it('knows this machine by its names alone', () => {
    expect(['localhost', '127.0.0.1', '[::1]'].map(isLoopback)).toEqual([true, true, true])
    expect(['localhost.example', 'a.example', '127.0.0.1.example'].map(isLoopback)).toEqual([
      false,
      false,
      false,
    ])
  })
})
