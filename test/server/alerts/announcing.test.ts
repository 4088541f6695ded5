import { announcer } from '@vedette/server/alerts/announcing'
import type { AlertChange } from '@vedette/server/store/alerts'
import { expect, it } from 'vitest'
import { newAlert, UNJUDGED } from '../../support/server-store.ts'

type Kind = AlertChange['kind']

/** How often changes are announced: kind, the other who is as likely, certainty, and whether late. */
function announced(
  changes: [Kind, string | null, AlertChange['alert']['certainty']?, boolean?][],
): number {
  const said: string[] = []
  const listen = announcer(({ id }) => said.push(id))
  for (const [kind, rival, certainty = 'provisional', late = false] of changes) {
    const { id, ...rest } = { ...newAlert('entry'), id: 'one' }
    const handled = { acknowledgedAt: null, acknowledgedBy: null, place: null, ...UNJUDGED }
    const state = kind === 'resolved' ? 'resolved' : 'open'
    const alert = {
      ...rest,
      id,
      incident: id,
      shots: 1,
      ...handled,
      state,
      rival,
      certainty,
      late,
    } as const
    listen({ seq: 1, kind, at: 1, by: null, outcome: null, frame: null, alert })
  }
  return said.length
}

it.each<[string, Parameters<typeof announced>[0], number]>([
  ['not at all where it was long ago', [['raised', null, 'provisional', true]], 0],
  [
    'as soon as it is so now',
    [
      ['raised', null, 'provisional', true],
      ['confirmed', null, 'confirmed', true],
      ['current', null, 'confirmed'],
      ['improved', null, 'confirmed'],
    ],
    1,
  ],
  ['at once where it has a name', [['raised', null]], 1],
  [
    'once, however it goes on',
    [
      ['raised', null],
      ['improved', null],
      ['confirmed', null],
    ],
    1,
  ],
  [
    'not while another is as likely',
    [
      ['raised', 'bert'],
      ['improved', 'bert'],
    ],
    0,
  ],
  [
    'when it is decided',
    [
      ['raised', 'bert'],
      ['acknowledged', 'bert'],
      ['improved', null],
    ],
    1,
  ],
  [
    'not when it was withdrawn meanwhile',
    [
      ['raised', 'bert'],
      ['withdrawn', null, 'withdrawn'],
      ['improved', null],
    ],
    0,
  ],
  [
    'not when it was resolved meanwhile',
    [
      ['raised', 'bert'],
      ['resolved', 'bert'],
      ['reopened', null],
    ],
    0,
  ],
])('an alert is announced %s', (_when, changes, times) => {
  expect(announced(changes)).toBe(times)
})
