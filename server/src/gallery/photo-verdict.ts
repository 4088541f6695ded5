import type { Box } from '@vedette/models/geometry'
import { type Quality, type QualityAspect, weakest } from '@vedette/models/quality'
import { codeOf, type Fault, messageOf, Refusal } from '@vedette/shared/errors'
import type { Look } from './look.ts'

/** A face of less overall quality is not enrolled. */
export const GOOD_ENOUGH = 0.35
/** A share below this is worth a word, though the face be good enough. */
const WORTH_A_WORD = 0.8

/** One respect in which a face is good or bad to recognise. */
export type AspectVerdict = {
  aspect: QualityAspect
  /** 0 (useless) … 1 (nothing to gain). */
  share: number
  /** What was measured, and what would be good. */
  words: string
  /** What to do about it; '' where there is nothing to gain. */
  advice: string
}

export type FaceVerdict = {
  /** Counted from the left. */
  face: number
  /** Pixels of the upright picture. */
  box: Box
  /** Pixels between the eyes. */
  eyes: number
  /** 0 … 1. */
  quality: number
}

/** What became of one photograph, and why. */
export type PhotoVerdict = {
  /** 1 is the first. */
  photo: number
  file: string
  accepted: boolean
  /** Why it was not. */
  code: Refusal['code'] | null
  /** All of that in a sentence. */
  words: string
  /** What to do next; '' where all is well. */
  advice: string
  /** Of the upright picture, pixels; null where it is none. */
  width: number | null
  height: number | null
  faces: FaceVerdict[]
  /** Smaller faces behind them. */
  background: number
  /** Which face it is about; null where there is none, or several. */
  face: number | null
  quality: number | null
  /** Of that face, the worst first. */
  aspects: AspectVerdict[]
}

/** Judges what was seen in a photograph in which face `wanted` was asked for. */
export function verdictOf(look: Look, wanted?: number, photo = 1, file = ''): PhotoVerdict {
  const faces = look.faces.map(({ box, quality }, i) => ({
    face: i + 1,
    box: rounded(box),
    eyes: tenth(quality.eyeDistance),
    quality: hundredth(quality.overall),
  }))
  const chosen = look.chosen === undefined ? undefined : look.faces[look.chosen - 1]
  const aspects = chosen === undefined ? [] : aspectsOf(chosen.quality)
  const { width, height, background } = look
  const seen = { photo, file, width, height, faces, background, aspects }
  const face = look.chosen ?? null
  if (chosen === undefined) {
    return { ...seen, accepted: false, face, quality: null, ...unchosen(faces.length, wanted) }
  }
  const quality = hundredth(chosen.quality.overall)
  const figure = `quality ${Math.round(chosen.quality.overall * 100)} of 100`
  const poor = aspects.filter(({ share }) => share < WORTH_A_WORD)
  const reasons = poor.map(({ words }) => words).join('; ')
  const advice = poor[0]?.advice ?? ''
  if (chosen.quality.overall >= GOOD_ENOUGH) {
    const words = poor.length === 0 ? figure : `${figure}, though ${reasons}`
    return { ...seen, face, quality, accepted: true, code: null, words, advice }
  }
  const least = Math.round(GOOD_ENOUGH * 100)
  return {
    ...seen,
    ...{ face, quality, accepted: false, code: 'photo.poor-face', advice },
    words: `the face is of ${figure}, at least ${least}: ${reasons}`,
  }
}

/** The verdict on a file that no picture was made of. */
export function unseen(error: Fault, photo: number, file: string): PhotoVerdict {
  return {
    ...{ photo, file, accepted: false, width: null, height: null, faces: [], background: 0 },
    ...{ face: null, quality: null, aspects: [] },
    code: codeOf(error) as Refusal['code'],
    words: messageOf(error),
    advice: error.hint ?? '',
  }
}

/** The refusal that a verdict amounts to, saying of which file it speaks where that has a name. */
export function refusalOf({ code, words, advice, file }: PhotoVerdict): Refusal {
  const message = file === '' ? words : `${file}: ${words}`
  return new Refusal(code ?? 'photo.poor-face', message, advice === '' ? {} : { hint: advice })
}

function unchosen(
  count: number,
  wanted: number | undefined,
): Pick<PhotoVerdict, 'code' | 'words' | 'advice'> {
  if (count === 0) {
    return {
      code: 'photo.no-face',
      words: 'there is no face in it',
      advice: 'choose a photograph in which the whole face can be seen, upright',
    }
  }
  if (wanted !== undefined) {
    return {
      code: 'photo.no-face',
      words: `there is no face ${wanted}, only ${count}`,
      advice: `choose one with --face 1 … ${count}, counted from the left`,
    }
  }
  return {
    code: 'photo.several-faces',
    words: `there are ${count} faces in it`,
    advice: `cut it to one face, or choose one with --face 1 … ${count}, counted from the left`,
  }
}

/** Every aspect, the worst first. A small face is soft because it is enlarged: that is its size. */
function aspectsOf(quality: Quality): AspectVerdict[] {
  const first = weakest(quality)
  return (Object.entries(quality.shares) as [QualityAspect, number][])
    .toSorted(([a, p], [b, q]) => Number(b === first) - Number(a === first) || p - q)
    .map(([aspect, share]) => ({
      ...{ aspect, share: hundredth(share) },
      ...(share < 1 ? SAID[aspect](quality) : { words: WELL[aspect](quality), advice: '' }),
    }))
}

type Words = Pick<AspectVerdict, 'words' | 'advice'>

const SAID: Record<QualityAspect, (quality: Quality) => Words> = {
  size: ({ eyeDistance }) => ({
    words: `it is too small: ${tenth(eyeDistance)} pixels between the eyes, at least 14`,
    advice: 'take the original, uncut and not scaled down; enlarging it brings nothing',
  }),
  sharpness: ({ detail }) => ({
    words: `it is blurred: detail ${thousandth(detail)}, sharp from 0.06`,
    advice: 'take a sharper photograph, or one with more pixels on the face',
  }),
  pose: ({ yaw, pitch }) => ({
    words: `it is turned away: ${degrees(yaw)} aside and ${degrees(pitch)} up or down, at most 15°`,
    advice: 'take one in which the person looks at the camera',
  }),
  exposure: lightWords,
  shape: ({ misfit }) => ({
    words: `its features cannot be told, is it covered? misfit ${thousandth(misfit)}, at most 0.04`,
    advice: 'take one without mask, glasses or hand before the face',
  }),
  whole: ({ inside }) => ({
    words: `it is cut off: ${Math.round(inside * 100)} % of it is in the picture`,
    advice: 'take the uncut original, in which the whole face can be seen',
  }),
}

const WELL: Record<QualityAspect, (quality: Quality) => string> = {
  size: ({ eyeDistance }) => `${tenth(eyeDistance)} pixels between the eyes`,
  sharpness: ({ detail }) => `sharp: detail ${thousandth(detail)}`,
  pose: ({ yaw, pitch }) => `looks ahead: ${degrees(yaw)} aside, ${degrees(pitch)} up or down`,
  exposure: ({ brightness }) => `well lit: brightness ${Math.round(brightness)} of 255`,
  shape: ({ misfit }) => `uncovered: misfit ${thousandth(misfit)}`,
  whole: () => 'all of it is in the picture',
}

function lightWords({ brightness, contrast }: Quality): Words {
  const figure = `brightness ${Math.round(brightness)} of 255`
  if (brightness < 60) {
    return {
      words: `it is too dark: ${figure}, at least 60`,
      advice: 'take one with light on the face',
    }
  }
  if (brightness > 210) {
    return {
      words: `it is too bright: ${figure}, at most 210`,
      advice: 'take one without glare on the face',
    }
  }
  return {
    words: `it is without contrast: ${Math.round(contrast)}, at least 20`,
    advice: 'take one with light from the front, without haze',
  }
}

const tenth = (value: number) => Math.round(value * 10) / 10
const hundredth = (value: number) => Math.round(value * 100) / 100
const thousandth = (value: number) => Math.round(value * 1000) / 1000
const degrees = (value: number) => `${Math.round(Math.abs(value))}°`

function rounded({ x, y, width, height }: Box): Box {
  const [left, top] = [Math.round(x), Math.round(y)]
  return { x: left, y: top, width: Math.round(width), height: Math.round(height) }
}
