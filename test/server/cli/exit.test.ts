import { DeskFault } from '@vedette/server/cli/desk-fault'
import { exitStatus } from '@vedette/server/cli/exit'
import {
  ConfigFault,
  IdentityFault,
  IntegrityFault,
  ProtocolFault,
  Refusal,
  Unavailable,
} from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'

const desk = (code: string, status: number) =>
  new DeskFault({ type: `urn:vedette:problem:${code}`, title: 'x', status, code, detail: 'x' })

describe('the exit status', () => {
  it.each<[number, Error]>([
    [1, new TypeError('a fault of ours')],
    [1, new IntegrityFault('vault.changed', 'x')],
    [1, new ProtocolFault('message.invalid', 'x')],
    [1, new Unavailable('store.full', 'x')],
    [1, desk('internal', 500)],
    [1, desk('store.busy', 503)],
    [3, desk('entry.not-found', 404)],
    [3, desk('alert.not-found', 404)],
    [3, new Refusal('list.not-found', 'x')],
    [4, desk('request.forbidden', 403)],
    [4, new IdentityFault('identity.unknown', 'x')],
    [5, new Unavailable('desk.unreachable', 'x')],
    [6, desk('alert.wrong-state', 409)],
    [6, new Refusal('certificate.exists', 'x')],
    [6, new ConfigFault('config.exists', 'x')],
    [7, desk('photo.no-face', 422)],
    [7, desk('photo.too-large', 413)],
    [7, desk('request.invalid', 400)],
    [7, new Refusal('entry.invalid', 'x')],
    [7, new Refusal('passphrase.missing', 'x')],
    [78, new ConfigFault('config.missing', 'x')],
    [78, new ConfigFault('config.invalid', 'x')],
  ])('is %i for %o', (status, error) => {
    expect(exitStatus(error)).toBe(status)
  })
})
