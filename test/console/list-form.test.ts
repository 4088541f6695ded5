import { type ListPolicy, USUAL_POLICY } from '@vedette/server/lists/list'
import { expect, it } from 'vitest'

const source = new URL('../../server/console/src/pages/wanted/usual.ts', import.meta.url)
const { USUAL } = (await import(source.href)) as { USUAL: ListPolicy }

it('begins a list in the console as the desk has one of which only the name is said', () => {
  expect(USUAL).toEqual({ ...USUAL_POLICY, name: '' })
})
