import { createHash, createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import type { Clock } from '@vedette/shared/clock'
import { Refusal } from '@vedette/shared/errors'
import { type Challenge, createChallenge, type Solution, verifySolution } from 'altcha-lib'
import { deriveKey } from 'altcha-lib/algorithms/pbkdf2'
import { GLYPHS } from './captcha-glyphs.ts'
import { drawCode } from './captcha-picture.ts'
import { type Spoken, sayCode } from './captcha-sound.ts'

const LENGTH = 6
const LIFE_MS = 5 * 60_000
/** Rounds of each try, and how many tries: half a second to two on a phone. */
const COST = 1000
const TRIES = { from: 300, to: 900 }
/** Drawn or spoken at once, and so many more may wait: whoever asks for pictures gets no machine. */
const MOST_AT_ONCE = 2
/** Guesses that are remembered for as long as their puzzle lives; beyond it none is taken. */
const MOST_SPENT = 100_000

/** A puzzle: a code to be read or heard, and work for the browser. */
export type Puzzle = {
  /** To be sent back with the answer. */
  token: string
  challenge: Challenge
  /** PNG, base64. */
  picture: string
  /** WAV, base64; where it was asked for and can be spoken. */
  sound: string | null
  /** Whether it could be spoken. */
  speaks: boolean
  expiresAt: number
}

export type PuzzleAnswer = { token: string; code: string; solution: Solution; challenge: Challenge }

/** To whom a puzzle is put: a browser, and the name that is typed there. */
export type PutTo = { visit: string; name: string }

/**
 * Puzzles for whoever has guessed wrong before. Nothing of one is kept until it is answered: what
 * its answer must be is in its token, hashed with a key that lives as long as this process.
 */
export class Captchas {
  readonly #clock: Pick<Clock, 'now'>
  readonly #say: (code: string, language: Spoken) => Promise<Buffer | undefined>
  readonly #key = randomBytes(32)
  readonly #workKey = randomBytes(32).toString('hex')
  /** Ids of puzzles that were answered, and when they would have been over. */
  readonly #spent = new Map<string, number>()
  #drawing = 0

  constructor(clock: Pick<Clock, 'now'>, say = sayCode) {
    this.#clock = clock
    this.#say = say
  }

  /** Undefined where too many are being drawn. */
  async make(to: PutTo, language: Spoken | undefined): Promise<Puzzle | undefined> {
    if (this.#drawing >= MOST_AT_ONCE) return undefined
    this.#drawing++
    try {
      const code = Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
      const id = randomBytes(16).toString('hex')
      const expiresAt = this.#clock.now() + LIFE_MS
      const seal = this.#seal({ id, expiresAt, code, ...to }).toString('base64url')
      const [challenge, picture, sound] = await Promise.all([
        createChallenge({
          algorithm: 'PBKDF2/SHA-256',
          cost: COST,
          counter: randomInt(TRIES.from, TRIES.to),
          deriveKey,
          data: { puzzle: id },
          hmacSignatureSecret: this.#workKey,
        }),
        drawCode(code),
        language === undefined ? undefined : this.#say(code, language),
      ])
      return {
        token: `${id}.${expiresAt}.${seal}`,
        challenge,
        picture: picture.toString('base64'),
        sound: sound?.toString('base64') ?? null,
        speaks: language === undefined || sound !== undefined,
        expiresAt,
      }
    } finally {
      this.#drawing--
    }
  }

  /** One guess, whatever becomes of it. Throws Refusal `captcha.wrong`. */
  async check(to: PutTo, { token, code, solution, challenge }: PuzzleAnswer): Promise<void> {
    const [id = '', until = '', seal = ''] = token.split('.')
    const expiresAt = Number(until)
    const now = this.#clock.now()
    this.#forget(now)
    if (!(expiresAt > now) || this.#spent.has(id) || this.#spent.size >= MOST_SPENT) throw wrong()
    if (challenge.parameters.data?.puzzle !== id) throw wrong()
    const { verified } = await verifySolution({
      ...{ challenge, solution, deriveKey },
      hmacSignatureSecret: this.#workKey,
    })
    if (!verified || this.#spent.has(id)) throw wrong()
    this.#spent.set(id, expiresAt)
    const typed = code.replace(/\s/g, '').toUpperCase()
    const due = this.#seal({ id, expiresAt, code: typed, ...to })
    const given = Buffer.from(seal, 'base64url')
    if (given.length !== due.length || !timingSafeEqual(given, due)) throw wrong()
  }

  #seal(puzzle: PutTo & { id: string; expiresAt: number; code: string }): Buffer {
    const { id, expiresAt, code, visit, name } = puzzle
    const whose = createHash('sha256')
      .update(JSON.stringify([visit, name]))
      .digest('hex')
    return createHmac('sha256', this.#key).update(`${id} ${expiresAt} ${whose} ${code}`).digest()
  }

  /** In the order in which they were answered, which is nearly that in which they end. */
  #forget(now: number): void {
    for (const [id, expiresAt] of this.#spent) {
      if (expiresAt + LIFE_MS > now) return
      this.#spent.delete(id)
    }
  }
}

const LETTERS = Object.keys(GLYPHS)

function wrong(): Refusal {
  return new Refusal('captcha.wrong', 'that is not the code of the picture', {
    hint: 'each picture is good for one try: there is a new one',
  })
}
