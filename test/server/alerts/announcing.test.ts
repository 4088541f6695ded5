import { announcer } from '@vedette/server/alerts/announcing'
import type { AlertChange } from '@vedette/server/store/alerts'
import { expect, it } from 'vitest'
import { newAlert } from '../../support/server-store.ts'

type Kind = AlertChange['kind']

/** What is announced of changes: kind, the other who is as likely, and the certainty. */
function announced(changes: [Kind, string | null, AlertChange['alert']['certainty']?][]): number {
  const said: string[] = []
  const listen = announcer(({ id }) => said.push(id))
  for (const [kind, rival, certainty = 'provisional'] of changes) {
    const { id, ...rest } = { ...newAlert('entry'), id: 'one' }
    const handled = { acknowledgedAt: null, acknowledgedBy: null, note: null, place: null }
    const state = kind === 'rejected' ? 'rejected' : 'open'
    const alert = {
      ...rest,
      id,
      incident: id,
      shots: 1,
      ...handled,
      state,
      rival,
      certainty,
    } as const
    listen({ seq: 1, kind, frame: null, alert })
  }
  return said.length
}

it.each<[string, Parameters<typeof announced>[0], number]>([
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
    'not when it was rejected meanwhile',
    [
      ['raised', 'bert'],
      ['rejected', 'bert'],
      ['restored', null],
    ],
    0,
  ],
])('an alert is announced %s', (_when, changes, times) => {
  expect(announced(changes)).toBe(times)
})
