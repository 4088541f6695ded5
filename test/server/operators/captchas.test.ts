import { createHash } from 'node:crypto'
import { Captchas, type Puzzle, type PuzzleAnswer } from '@vedette/server/operators/captchas'
import { Refusal } from '@vedette/shared/errors'
import { solveChallenge } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { ManualClock } from '../../support/agent-clock.ts'
import { rejectionOf } from '../../support/thrown.ts'

const TO = { visit: 'browser', name: 'anna' }
const clock = new ManualClock()
let code = ''
const captchas = new Captchas(clock, async (spelled) => {
  code = spelled
  return Buffer.from('spoken')
})

type Solved = { puzzle: Puzzle; code: string; answer: PuzzleAnswer }

async function solved(): Promise<Solved> {
  const puzzle = (await captchas.make(TO, 'en'))!
  const { challenge, token } = puzzle
  const solution = (await solveChallenge({ challenge, deriveKey }))!
  return { puzzle, code, answer: { token, code, challenge, solution } }
}

const refused = async (answer: PuzzleAnswer, to = TO) =>
  (await rejectionOf(captchas.check(to, answer), Refusal)).code

describe('a puzzle', () => {
  let one: Solved
  let two: Solved
  beforeAll(async () => {
    one = await solved()
    two = await solved()
  })

  it('is a picture without a word of its answer, another one each time, and can be heard', async () => {
    const { picture, token, sound } = one.puzzle
    const { format, width, height } = await sharp(Buffer.from(picture, 'base64')).metadata()
    expect([format, width, height]).toEqual(['png', 280, 96])
    expect(JSON.stringify({ ...one.puzzle, picture: '' })).not.toContain(one.code)
    expect(token).not.toContain(createHash('sha256').update(one.code).digest('base64url'))
    expect(sound).toBe(Buffer.from('spoken').toString('base64'))
    expect(one.code).not.toBe(two.code)
  })

  it('is solved once, in any case, by whom it was put to', async () => {
    const { answer } = await solved()
    await captchas.check(TO, { ...answer, code: ` ${answer.code.toLowerCase()}` })
    expect(await refused(answer)).toBe('captcha.wrong')
  })

  it('allows one guess', async () => {
    const { answer } = await solved()
    expect(await refused({ ...answer, code: 'AAAAAA' })).toBe('captcha.wrong')
    expect(await refused(answer)).toBe('captcha.wrong')
  })

  it.each([
    ['another name', () => refused(one.answer, { ...TO, name: 'bert' })],
    ['another browser', () => refused(two.answer, { ...TO, visit: 'another' })],
  ])('is worth nothing to %s', async (_whom, tried) => {
    expect(await tried()).toBe('captcha.wrong')
  })

  it('is worth nothing without its work, with that of another, later than said, or made up', async () => {
    const [mine, other] = [await solved(), await solved()]
    const { answer } = mine
    const none = { counter: 0, derivedKey: '00'.repeat(32) }
    const later = answer.token.replace(/\.\d+\./, `.${mine.puzzle.expiresAt + 60_000}.`)
    for (const bad of [
      { ...answer, solution: none },
      { ...answer, challenge: other.answer.challenge, solution: other.answer.solution },
      { ...answer, token: '' },
      { ...answer, token: `${answer.token}x.y.z` },
    ]) {
      expect(await refused(bad)).toBe('captcha.wrong')
    }
    expect(await refused({ ...answer, token: later })).toBe('captcha.wrong')
    clock.advance(5 * 60_000)
    expect(await refused(other.answer)).toBe('captcha.wrong')
  })
})
