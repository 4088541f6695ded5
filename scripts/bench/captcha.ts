import { execFile } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { promisify } from 'node:util'
import { GLYPHS } from '@vedette/server/operators/captcha-glyphs'
import { drawCode } from '@vedette/server/operators/captcha-picture'
import sharp from 'sharp'
import { median, type Report } from './measure.ts'

const LETTERS = Object.keys(GLYPHS)
const LENGTH = 6
const LEARNED = 2500
const ASKED = 200
const NEIGHBOURS = 5
/** Where letters stand, and what is looked at of each: pixels. */
const MARGIN = 30
const WINDOW = 64
const SMALL = { width: 18, height: 27 }

type Sample = { letter: string; pixels: Float32Array }

/**
 * What programs read of the pictures that people are asked to read: one that has learned from the same
 * drawing program, which is public, and tesseract where it is installed.
 */
export async function benchCaptcha(report: Report): Promise<void> {
  const drawn: number[] = []
  for (let n = 0; n < 50; n++) {
    const begun = performance.now()
    await drawCode(newCode())
    drawn.push(performance.now() - begun)
  }
  report({ bench: 'captcha: one picture', value: median(drawn), unit: 'ms' })
  const learned: Sample[] = []
  for (let n = 0; n < LEARNED; n++) learned.push(...(await samplesOf(newCode())))
  let [letters, codes] = [0, 0]
  const took: number[] = []
  for (let n = 0; n < ASKED; n++) {
    const samples = await samplesOf(newCode())
    const begun = performance.now()
    const right = samples.filter((sample) => read(sample.pixels, learned) === sample.letter).length
    took.push(performance.now() - begun)
    letters += right
    if (right === LENGTH) codes++
  }
  report({
    bench: 'captcha: read by nearest neighbours',
    value: (100 * codes) / ASKED,
    unit: '% of codes',
    detail: { letters: letters / (ASKED * LENGTH), learned: LEARNED, ms: median(took) },
  })
  const read2 = await tesseract()
  if (read2 === undefined) {
    report({ bench: 'captcha: tesseract', value: 0, unit: 'not installed here' })
    return
  }
  report({ bench: 'captcha: read by tesseract', value: 100 * read2, unit: '% of codes' })
}

function newCode(): string {
  return Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join('')
}

/** Each letter of a new picture of `code`, cut out where it is likely to be. */
async function samplesOf(code: string): Promise<Sample[]> {
  const picture = sharp(await drawCode(code)).greyscale()
  const { width = 0, height = 0 } = await picture.metadata()
  const pitch = (width - 2 * MARGIN) / (LENGTH - 1)
  return Promise.all(
    [...code].map(async (letter, at) => {
      const middle = MARGIN + pitch * at
      const left = Math.round(Math.min(width - WINDOW, Math.max(0, middle - WINDOW / 2)))
      const raw = await picture
        .clone()
        .extract({ left, top: 0, width: WINDOW, height })
        .resize(SMALL.width, SMALL.height, { fit: 'fill' })
        .blur(0.8)
        .raw()
        .toBuffer()
      return { letter, pixels: Float32Array.from(raw) }
    }),
  )
}

/** The letter that most of the nearest ones are. */
function read(pixels: Float32Array, learned: readonly Sample[]): string {
  const nearest: { letter: string; away: number }[] = []
  for (const { letter, pixels: other } of learned) {
    let away = 0
    for (let i = 0; i < pixels.length; i++) away += (pixels[i]! - other[i]!) ** 2
    if (nearest.length === NEIGHBOURS && away >= nearest.at(-1)!.away) continue
    nearest.push({ letter, away })
    nearest.sort((p, q) => p.away - q.away)
    nearest.length = Math.min(nearest.length, NEIGHBOURS)
  }
  const votes = new Map<string, number>()
  for (const { letter } of nearest) votes.set(letter, (votes.get(letter) ?? 0) + 1)
  return [...votes].sort((p, q) => q[1] - p[1])[0]![0]
}

/** The share of codes that tesseract reads; undefined where it is not installed. */
async function tesseract(): Promise<number | undefined> {
  const run = promisify(execFile)
  let right = 0
  for (let n = 0; n < ASKED; n++) {
    const code = newCode()
    const picture = await sharp(await drawCode(code))
      .resize({ width: 840 })
      .png()
      .toBuffer()
    const only = ['-c', `tessedit_char_whitelist=${LETTERS.join('')}`]
    const reading = run('tesseract', ['stdin', 'stdout', '--psm', '7', ...only])
    reading.child.stdin?.end(picture)
    const said = await reading.catch(() => undefined)
    if (said === undefined) return undefined
    if (said.stdout.replace(/\s/g, '') === code) right++
  }
  return right / ASKED
}
