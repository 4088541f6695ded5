import { isCall, describe as line, stateOf } from '@vedette/server/cli/alert-lines'
import type { NamedChange } from '@vedette/server/desk/named'
import { expect, it } from 'vitest'
import { newAlert, UNJUDGED } from '../../support/server-store.ts'

function changeOf(more: Partial<NamedChange>, alert: Partial<NamedChange['alert']> = {}) {
  const standing = { incident: 'i', state: 'open', shots: 1, place: null } as const
  const named = {
    name: 'Jane',
    either: undefined,
    listName: 'wanted',
    colour: '#d32f2f',
    priority: 1,
  }
  const acted = { acknowledgedAt: null, acknowledgedBy: null, ...UNJUDGED }
  const whole = {
    ...newAlert('e'),
    ...standing,
    ...acted,
    ...named,
    ...alert,
  } as NamedChange['alert']
  return {
    seq: 1,
    kind: 'raised',
    at: 1,
    by: null,
    outcome: null,
    frame: null,
    alert: whole,
    ...more,
  } as NamedChange
}

it.each<[Partial<NamedChange>, RegExp, boolean]>([
  [{ kind: 'raised' }, / ALERT provisional /, true],
  [{ kind: 'escalated' }, / STILL OPEN, NOBODY HAS ACTED /, true],
  [{ kind: 'acknowledged', by: 'anna' }, / acknowledged by anna /, false],
  [{ kind: 'resolved', by: 'anna', outcome: 'true' }, / resolved: true by anna /, false],
  [{ kind: 'reopened', by: 'bert', outcome: 'false' }, / REOPENED, was false by bert /, true],
  [{ kind: 'parked', by: 'anna' }, / parked by anna /, false],
  [{ kind: 'returned' }, / NO LONGER PARKED /, true],
  [{ kind: 'taken', by: 'bert' }, / taken over by bert /, false],
  [
    { kind: 'affirmed', by: 'anna', outcome: 'true' },
    / NEEDS A SECOND PERSON: true by anna /,
    true,
  ],
  [{ kind: 'disputed', by: 'bert', outcome: 'false' }, / DISPUTED .*: false by bert /, true],
  [{ kind: 'undone', by: 'anna', outcome: 'true' }, / decision undone, was true by anna /, false],
])('a change is told in words, and whether somebody is to look up: %j', (more, words, call) => {
  expect(line(changeOf(more))).toMatch(words)
  expect(isCall(changeOf(more))).toBe(call)
})

it.each([
  [{}, 'open'],
  [{ escalations: 1 }, 'open, ESCALATED'],
  [{ state: 'acknowledged', escalations: 2 }, 'acknowledged'],
  [{ state: 'resolved', outcome: 'unresolved' }, 'resolved: unresolved'],
  [{ state: 'awaiting', affirmedBy: 'anna' }, 'anna says it is them: NEEDS A SECOND PERSON'],
] as const)('a state says what came of it: %j', (more, words) => {
  expect(stateOf(changeOf({}, more).alert)).toBe(words)
})
