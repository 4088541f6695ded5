import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../../server/console/src/messages/', import.meta.url))
/** What the desk says itself is English: of it there are only the other languages. */
const OF_THE_DESK = 'problems.json'
const filesOf = (language: string) =>
  readdirSync(`${folder}${language}`)
    .filter((file) => file !== OF_THE_DESK)
    .sort()
const read = (language: string, file: string): object =>
  JSON.parse(readFileSync(`${folder}${language}/${file}`, 'utf8'))

/** Every text by its dotted name. */
function textsOf(words: object, above = ''): [string, string][] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string' ? [[above + key, value]] : textsOf(value, `${above}${key}.`),
  )
}

const holesOf = (text: string) => [...text.matchAll(/\{\{[^}]+\}\}/g)].map(String).sort()

test('both languages have the same files', () => {
  expect(filesOf('de')).toEqual(filesOf('en'))
})

test.each(filesOf('en'))(
  '%s says in German what it says in English, with the same gaps',
  (file) => {
    const [english, german] = [textsOf(read('en', file)), textsOf(read('de', file))]
    const shape = (texts: [string, string][]) => texts.map(([key, text]) => [key, holesOf(text)])
    expect(Object.fromEntries(shape(german))).toEqual(Object.fromEntries(shape(english)))
  },
)

test.each(filesOf('de'))('%s is in German wherever a sentence is said', (file) => {
  const english = new Map(textsOf(read('en', file)))
  const left = textsOf(read('de', file)).filter(
    ([key, text]) => text.split(' ').length > 4 && english.get(key) === text,
  )
  expect(left).toEqual([])
})
