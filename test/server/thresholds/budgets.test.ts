import { type Budget, changed, holdingFor } from '@vedette/server/thresholds/budgets'
import { describe, expect, it } from 'vitest'

const set = (scope: Budget['scope'], target: string, budget: number): Budget => ({
  ...{ scope, target, budget, setBy: 'anna', setAt: 1 },
})
const all = [set('server', '', 2), set('list', 'wanted', 3), set('camera', 'gate-7/north', 4)]
const north = { agent: 'gate-7', camera: 'north', list: 'wanted' }
const south = { ...north, camera: 'south' }

describe('the budget that holds', () => {
  it('is that of the camera, else of the list, else of the server, else of server.yaml', () => {
    expect(holdingFor(all, north, 1)).toEqual({
      budget: 4,
      scope: 'camera',
      target: 'gate-7/north',
    })
    expect(holdingFor(all, south, 1)).toEqual({ budget: 3, scope: 'list', target: 'wanted' })
    expect(holdingFor(all, { ...south, list: 'lost' }, 1)).toMatchObject({ scope: 'server' })
    expect(holdingFor(all, { ...south, list: null }, 1)).toMatchObject({ scope: 'server' })
    expect(holdingFor([], north, 1)).toEqual({ budget: 1, scope: 'file', target: '' })
  })

  it('is replaced in its place and nowhere else', () => {
    const place = { scope: 'list', target: 'wanted' } as const
    expect(holdingFor(changed(all, place, set('list', 'wanted', 9)), south, 1).budget).toBe(9)
    expect(holdingFor(changed(all, place, undefined), south, 1).budget).toBe(2)
    expect(changed(all, place, undefined)).toHaveLength(2)
  })
})
