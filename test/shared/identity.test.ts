import { IdentityFault } from '@vedette/shared/errors'
import { identityUri, isName, parseIdentity, type Role } from '@vedette/shared/identity'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../support/thrown.ts'

describe('isName', () => {
  it.each(['a', '7', 'gate-north', 'a--b', 'x'.repeat(63)])('takes "%s"', (name) => {
    expect(isName(name)).toBe(true)
  })

  it.each([
    ...['', '-', '-a', 'a-', 'Gate', 'gate north', 'gate_north', 'gate.north', 'gäte', 'a:b'],
    ...['a\n', 'a/b', 'x'.repeat(64)],
  ])('does not take "%s"', (name) => {
    expect(isName(name)).toBe(false)
  })
})

describe('parseIdentity', () => {
  it.each<Role>(['server', 'agent', 'operator'])('reads back the identity of a %s', (role) => {
    const identity = { role, name: 'gate-north' }
    expect(parseIdentity(`URI:${identityUri(identity)}`)).toEqual(identity)
  })

  it('lets a server have host names and addresses beside its own', () => {
    const names = 'DNS:hub.example, URI:urn:vedette:server:hub, IP Address:10.0.0.1'
    expect(parseIdentity(names)).toEqual({ role: 'server', name: 'hub' })
  })

  it.each([
    ['no names at all', undefined],
    ['an empty list', ''],
    ['no URI', 'DNS:hub.example'],
    ['two identities', 'URI:urn:vedette:agent:a, URI:urn:vedette:agent:b'],
    ['the same identity twice', 'URI:urn:vedette:server:a, URI:urn:vedette:server:a'],
    ['a second URI of another kind', 'URI:urn:vedette:server:a, URI:https://example.org'],
    ['an unknown role', 'URI:urn:vedette:root:a'],
    ['a role in capitals', 'URI:urn:vedette:Agent:a'],
    ['no name', 'URI:urn:vedette:agent:'],
    ['a name that is none', 'URI:urn:vedette:agent:-a'],
    ['a name that is too long', `URI:urn:vedette:agent:${'a'.repeat(64)}`],
    ['something behind the name', 'URI:urn:vedette:agent:a:b'],
    ['something before the URN', 'URI:x-urn:vedette:agent:a'],
    ['a line break behind the name', 'URI:urn:vedette:agent:a\n'],
    ['another namespace', 'URI:urn:example:agent:a'],
    ['an agent with a host name', 'URI:urn:vedette:agent:a, DNS:hub.example'],
    ['an operator with an address', 'IP Address:10.0.0.1, URI:urn:vedette:operator:a'],
  ])('refuses %s', (_what, names) => {
    const error = thrownBy(() => parseIdentity(names), IdentityFault)
    expect(error.code).toBe('identity.malformed')
  })

  it.each([
    ['a host name', 'DNS:"x\\u002c URI:urn:vedette:server:a\\u002c y"'],
    ['a URI', 'URI:"urn:vedette:agent:a\\u002c DNS:x"'],
    ['a directory name', 'DirName:"CN=x\\\\\\u002c URI:urn:vedette:server:a\\\\\\u002c y"'],
    ['a mail address', 'email:URI:urn:vedette:agent:a'],
  ])('is not deceived by an identity inside %s, as Node writes it', (_what, names) => {
    const error = thrownBy(() => parseIdentity(names), IdentityFault)
    expect(error.code).toBe('identity.malformed')
  })
})
