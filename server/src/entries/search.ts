import type { Entry } from '../store/entries.ts'

/** Letters that are no other letter with a mark, and what people type for them. */
const LETTERS: Record<string, string> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
}
const MARKS = /\p{M}/gu
const OTHERS = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g')

/** Text as it is compared: without case, accents and double blanks. */
export function fold(text: string): string {
  const plain = text.normalize('NFKD').replace(MARKS, '').toLowerCase()
  return plain.replace(OTHERS, (letter) => LETTERS[letter]!).replace(/\s+/g, ' ')
}

/**
 * Whether every word of `text` is in what somebody is called (name and aliases), or in the number of
 * their case, or in their id.
 */
export function isMeant(text: string): (entry: Entry) => boolean {
  const words = fold(text)
    .split(' ')
    .filter((word) => word !== '')
  return ({ id, name, aliases, caseNumber }) => {
    const said = fold([name, ...aliases, caseNumber, id].join('\n'))
    return words.every((word) => said.includes(word))
  }
}
