import { commandsFor } from '@vedette/server/cli/commands'
import { describe, expect, it } from 'vitest'

describe('the commands that are loaded', () => {
  const names = async (...words: string[]) => (await commandsFor(words)).map((one) => one.name())

  it.each([
    ['none for the version', ['--version'], []],
    ['none for the version of a deployment elsewhere', ['--home', '/srv/hub', '-V'], []],
    ['the one that is named, whatever is asked of it', ['lists', '--version'], ['lists']],
  ])('are %s', async (_what, words, expected) => {
    expect(await names(...words)).toEqual(expected)
  })
})
