import { type EntryEvent, type EntryState, next } from '@vedette/server/entries/life'
import { describe, expect, it } from 'vitest'

const run = (state: EntryState, ...events: EntryEvent[]) =>
  events.reduce<EntryState | undefined>((now, event) => now && next(now, event), state)

describe('an entry', () => {
  it.each<[EntryState, EntryEvent[], EntryState | undefined]>([
    ['pending', ['approved'], 'live'],
    ['pending', ['refused'], 'refused'],
    ['pending', ['extended'], undefined],
    ['pending', ['expired'], undefined],
    ['live', ['expired', 'extended'], 'live'],
    ['live', ['extended'], 'live'],
    ['live', ['approved'], undefined],
    ['expired', ['expired'], undefined],
    ['refused', ['approved'], undefined],
    ['refused', ['extended'], undefined],
  ])('that is %s, %j, is then %s', (state, events, after) => {
    expect(run(state, ...events)).toBe(after)
  })
})
