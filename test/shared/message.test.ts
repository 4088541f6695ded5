import { ProtocolFault } from '@vedette/shared/errors'
import {
  encodeMessage,
  GOODBYE_REASONS,
  parseFromAgent,
  parseFromServer,
  REDIAL_FORBIDDEN,
} from '@vedette/shared/message'
import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { agentMessages, match, serverMessages } from '../support/shared-messages.ts'
import { hex } from '../support/shared-msgpack.ts'
import { thrownBy } from '../support/thrown.ts'

const packr = new Packr({ useRecords: false, variableMapSize: true })
const [hello] = agentMessages

function agentCode(value: unknown): string {
  return thrownBy(() => parseFromAgent(packr.pack(value)), ProtocolFault).code
}

function serverCode(value: unknown): string {
  return thrownBy(() => parseFromServer(packr.pack(value)), ProtocolFault).code
}

describe('a message', () => {
  it.each(agentMessages)('$type from an agent comes back as it was sent', (message) => {
    expect(plain(parseFromAgent(encodeMessage(message)))).toEqual(message)
  })

  it.each(serverMessages)('$type from a server comes back as it was sent', (message) => {
    expect(plain(parseFromServer(encodeMessage(message)))).toEqual(message)
  })

  it('is read from any kind of byte array', () => {
    const body = encodeMessage(match)
    expect(plain(parseFromAgent(Uint8Array.from(body)))).toEqual(match)
    expect(plain(parseFromAgent(Buffer.concat([hex('c1'), body]).subarray(1)))).toEqual(match)
  })

  it('may say goodbye for every reason there is, either way', () => {
    for (const reason of GOODBYE_REASONS) {
      const body = encodeMessage({ type: 'goodbye', reason })
      expect(parseFromAgent(body)).toEqual({ type: 'goodbye', reason })
      expect(parseFromServer(body)).toEqual({ type: 'goodbye', reason })
    }
    expect(GOODBYE_REASONS).toEqual(expect.arrayContaining([...REDIAL_FORBIDDEN]))
  })
})

describe('a message the wrong way', () => {
  const bothWays = new Set(['ping', 'pong', 'goodbye'])

  it.each(agentMessages.filter(({ type }) => !bothWays.has(type)))(
    '$type is unknown',
    (message) => {
      expect(serverCode(message)).toBe('message.unknown-type')
    },
  )

  it.each(serverMessages.filter(({ type }) => !bothWays.has(type)))(
    '$type is unknown',
    (message) => {
      expect(agentCode(message)).toBe('message.unknown-type')
    },
  )
})

describe('a message of no known type', () => {
  it.each([
    ['another', { type: 'shutdown' }],
    ['none', { seq: 1 }],
    ['a number', { type: 1, seq: 1 }],
    ['a name of Object.prototype', { type: 'constructor' }],
    ['another case', { type: 'Ping', n: 1 }],
    ['no keys at all', {}],
  ])('is refused: %s', (_what, value) => {
    expect(agentCode(value)).toBe('message.unknown-type')
    expect(serverCode(value)).toBe('message.unknown-type')
  })
})

describe('what is not a map', () => {
  it.each([
    ['nil', null],
    ['true', true],
    ['a number', 7],
    ['a string', 'hello'],
    ['an array', [hello]],
    ['an empty array', []],
    ['a binary', Buffer.from('hello')],
  ])('is not a message: %s', (_what, value) => {
    expect(agentCode(value)).toBe('message.not-a-map')
    expect(serverCode(value)).toBe('message.not-a-map')
  })
})

describe('every field of every message', () => {
  const sent = [
    ...agentMessages.map((message) => ({ message, code: agentCode })),
    ...serverMessages.map((message) => ({ message, code: serverCode })),
  ]

  it('must be there, but for what may be left out', () => {
    const optional = new Set([
      'match.space',
      'match.canary',
      'trouble.lost',
      'trouble.picture',
      'view.rest',
      'goodbye.retryAfter',
    ])
    for (const { message, code } of sent) {
      const { type } = message
      const needed = (name: string) => name !== 'type' && !optional.has(`${type}.${name}`)
      for (const key of Object.keys(message).filter(needed)) {
        const { [key]: _gone, ...rest } = message as Record<string, unknown>
        expect(code(rest), `${message.type} without ${key}`).toBe('message.invalid')
      }
    }
  })

  it('must be of its type', () => {
    for (const { message, code } of sent) {
      for (const key of Object.keys(message).filter((name) => name !== 'type')) {
        const what = `${message.type} with a wrong ${key}`
        expect(code({ ...message, [key]: { a: 1 } }), what).toBe('message.invalid')
        expect(code({ ...message, [key]: null }), what).toBe('message.invalid')
      }
    }
  })

  it('is one that the protocol names', () => {
    for (const { message, code } of sent) {
      expect(code({ ...message, extra: 1 }), message.type).toBe('message.invalid')
    }
  })
})

describe('a match', () => {
  it.each([
    ['a negative sequence number', { seq: -1 }],
    ['a broken sequence number', { seq: 1.5 }],
    ['a sequence number beyond 2^53', { seq: 2 ** 60 }],
    ['a sequence number in letters', { seq: '7' }],
    ['a camera without a name', { camera: '' }],
    ['a camera with a very long name', { camera: 'c'.repeat(129) }],
    ['a track without a name', { track: '' }],
    ['a negative shot', { shot: -1 }],
    ['a time before 1970', { capturedAt: -1 }],
    ['a probe that is a string', { probe: 'abcd' }],
    ['a probe that is an array', { probe: [0, 1] }],
    ['a box of three', { box: [1, 2, 3] }],
    ['a box of five', { box: [1, 2, 3, 4, 5] }],
    ['a box without width', { box: [1, 2, 0, 4] }],
    ['a quality above one', { quality: 1.01 }],
    ['a negative quality', { quality: -0.01 }],
    ['a chip that is a string', { chip: 'jpeg' }],
  ])('with %s is refused', (_what, change) => {
    expect(agentCode({ ...match, ...change })).toBe('message.invalid')
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'with a quality or a corner of %d is refused',
    (value) => {
      expect(agentCode({ ...match, quality: value })).toBe('body.not-finite')
      expect(agentCode({ ...match, box: [value, 0, 1, 1] })).toBe('body.not-finite')
    },
  )
})

describe('a hello', () => {
  it.each([
    ['65 cameras', { cameras: Array.from({ length: 65 }, (_, i) => `c${i}`) }],
    ['a camera without a name', { cameras: [''] }],
    ['one camera, not a list', { cameras: 'gate' }],
    ['a yes that is a number', { announce: 1 }],
    ['a protocol that is negative', { protocol: -1 }],
    ['a model without a name', { model: '' }],
  ])('with %s is refused', (_what, change) => {
    expect(agentCode({ ...hello, ...change })).toBe('message.invalid')
  })

  it('may name 64 cameras, or none', () => {
    for (const count of [0, 64]) {
      const cameras = Array.from({ length: count }, (_, i) => `c${i}`)
      expect(parseFromAgent(packr.pack({ ...hello, cameras }))).toMatchObject({ cameras })
    }
  })
})

/** Buffers compare unequal to the Uint8Arrays they hold. */
function plain(message: object): object {
  const plainly = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return Uint8Array.from(value)
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isMap ? plain(value) : value
  }
  return Object.fromEntries(Object.entries(message).map(([key, value]) => [key, plainly(value)]))
}
