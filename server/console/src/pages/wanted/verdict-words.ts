import type { EntryBehaviour } from '@vedette/server/gallery/behaviour'
import type { AspectVerdict, PhotoVerdict } from '@vedette/server/gallery/photo-verdict'
import { amount } from '../../amount.ts'
import { said } from '../../problem-words.ts'

type Words = Pick<AspectVerdict, 'words' | 'advice'>

/** A share below this is worth a word, though the face be good enough. */
const WORTH_A_WORD = 0.8

/** What is said of a photograph in the language of the console: where the desk's is another, by what it was refused for. */
export function verdictWords({ code, quality, aspects, words, advice }: PhotoVerdict): Words {
  const known = { quality: Math.round(100 * (quality ?? 0)) }
  const here = said({ code: code ?? 'photo.good', params: known })
  if (here === undefined) return { words, advice }
  const worst = aspects.find(({ share }) => share < WORTH_A_WORD)
  return { words: here.detail, advice: worst ? aspectWords(worst).advice : here.hint }
}

/** The same of one respect in which its face is good or bad. */
export function aspectWords({ aspect, share, words, advice }: AspectVerdict): Words {
  const here = said({ code: `aspect.${aspect}`, params: { share: Math.round(100 * share) } })
  return here ? { words: here.detail, advice: here.hint } : { words, advice }
}

/** How an entry would do among strangers. */
export function behaviourWords({ kind, timesUsual, taken, words }: EntryBehaviour): string {
  const params = { times: amount(timesUsual ?? 0), taken }
  return said({ code: `behaviour.${kind}`, params })?.detail ?? words
}
