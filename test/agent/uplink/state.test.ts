import {
  next,
  UPLINK_STATES,
  type UplinkEvent,
  type UplinkState,
} from '@vedette/agent/uplink/state'
import { describe, expect, it } from 'vitest'

const EVENTS: UplinkEvent[] = [
  ...(['due', 'connected', 'welcomed', 'busied', 'resumed'] as const),
  ...(['lost', 'deferred', 'refused', 'stop'] as const),
]

/** Every arrow of the drawing. */
const ARROWS: Record<string, UplinkState> = {
  'waiting due': 'dialling',
  'dialling connected': 'greeting',
  'dialling lost': 'waiting',
  'greeting welcomed': 'open',
  'greeting lost': 'waiting',
  'greeting refused': 'refused',
  'open lost': 'waiting',
  'open refused': 'refused',
  'open busied': 'held',
  'held resumed': 'open',
  'held welcomed': 'open',
  'held lost': 'waiting',
  'held refused': 'refused',
  'greeting deferred': 'deferred',
  'open deferred': 'deferred',
  'held deferred': 'deferred',
  'deferred due': 'dialling',
  'refused due': 'dialling',
  'waiting stop': 'stopped',
  'dialling stop': 'stopped',
  'greeting stop': 'stopped',
  'open stop': 'stopped',
  'refused stop': 'stopped',
  'held stop': 'stopped',
  'deferred stop': 'stopped',
}

/** The states passed through from `waiting`, ending at the first impossible event. */
function walk(events: readonly UplinkEvent[]): (UplinkState | undefined)[] {
  const seen: (UplinkState | undefined)[] = []
  let state: UplinkState | undefined = 'waiting'
  for (const event of events) {
    if (state === undefined) break
    state = next(state, event)
    seen.push(state)
  }
  return seen
}

describe('next', () => {
  const all = UPLINK_STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const))
  it.each(all)('%s, on %s, goes where the drawing says', (state, event) => {
    expect(next(state, event)).toBe(ARROWS[`${state} ${event}`])
  })

  it.each<[string, UplinkEvent[], (UplinkState | undefined)[]]>([
    [
      'a good day',
      ['due', 'connected', 'welcomed', 'stop'],
      ['dialling', 'greeting', 'open', 'stopped'],
    ],
    [
      'a server that comes back',
      ['due', 'lost', 'due', 'connected', 'lost', 'due', 'connected', 'welcomed', 'lost'],
      [
        ...(['dialling', 'waiting', 'dialling', 'greeting', 'waiting'] as const),
        ...(['dialling', 'greeting', 'open', 'waiting'] as const),
      ],
    ],
    [
      'a refusal that somebody mends',
      ['due', 'connected', 'refused', 'due', 'connected', 'welcomed'],
      ['dialling', 'greeting', 'refused', 'dialling', 'greeting', 'open'],
    ],
    [
      'a refusal in the middle of the talk',
      ['due', 'connected', 'welcomed', 'refused', 'stop'],
      ['dialling', 'greeting', 'open', 'refused', 'stopped'],
    ],
    [
      'a server that is busy, stops and says when to come back',
      ['due', 'connected', 'welcomed', 'busied', 'resumed', 'busied', 'deferred', 'due'],
      [
        ...(['dialling', 'greeting', 'open', 'held', 'open'] as const),
        ...(['held', 'deferred', 'dialling'] as const),
      ],
    ],
    ['a welcome nobody asked for', ['welcomed'], [undefined]],
    ['a welcome before TLS', ['due', 'welcomed'], ['dialling', undefined]],
    ['life after the end', ['stop', 'due'], ['stopped', undefined]],
  ])('follows %s', (_what, events, states) => {
    expect(walk(events)).toEqual(states)
  })
})
