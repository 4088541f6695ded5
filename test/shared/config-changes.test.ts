import { changedPaths, liveChanges } from '@vedette/shared/config-changes'
import { ConfigFault } from '@vedette/shared/errors'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../support/thrown.ts'

const before = { gate: { port: 1, announce: { hall: 'own' } }, match: { budget: 1 }, log: 'info' }
const LIVE = ['gate.announce', 'match', 'log']

describe('what differs between two configurations', () => {
  it('is nothing where nothing does', () => {
    expect(changedPaths(before, structuredClone(before), LIVE)).toEqual([])
  })

  it('is named by the deepest path, and what is taken whole by its own', () => {
    const after = { gate: { port: 2, announce: {} }, match: { budget: 2 }, log: 'debug', desk: {} }
    expect(changedPaths(before, after, LIVE).sort()).toEqual([
      'desk',
      'gate.announce',
      'gate.port',
      'log',
      'match',
    ])
  })

  it('may be taken over where all of it is live', () => {
    const after = { ...before, match: { budget: 2 }, log: 'warn' }
    expect(liveChanges(before, after, LIVE)).toEqual(['match', 'log'])
  })

  it('is refused whole where any of it is fixed, and all that is fixed is named', () => {
    const after = { ...before, gate: { ...before.gate, port: 2 }, log: 'warn', data: '/srv' }
    expect(thrownBy(() => liveChanges(before, after, LIVE), ConfigFault)).toMatchObject({
      code: 'config.fixed',
      message: 'cannot change while it runs: data, gate.port',
      hint: expect.stringContaining('nothing was taken over'),
    })
  })
})
