import { type AlertEvent, type AlertState, next } from '@vedette/server/alerts/life'
import { describe, expect, it } from 'vitest'

describe('the life of an alert', () => {
  it.each<[AlertState, AlertEvent[], (AlertState | undefined)[]]>([
    ['open', ['improved', 'improved', 'acknowledged'], ['open', 'open', 'acknowledged']],
    ['open', ['acknowledged', 'improved'], ['acknowledged', 'acknowledged']],
    ['open', ['acknowledged', 'acknowledged'], ['acknowledged', undefined]],
  ])('from %s through %j is %j', (start, events, expected) => {
    const states: (AlertState | undefined)[] = []
    let state: AlertState | undefined = start
    for (const event of events) {
      state = state && next(state, event)
      states.push(state)
    }
    expect(states).toEqual(expected)
  })
})
