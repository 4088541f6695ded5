import { effect, signal } from '@preact/signals'
import { type Book, type Said, type Sayable, sayingOf } from './saying.ts'
import { language, locale } from './words.ts'

/** English is what the desk says itself. */
const files = import.meta.glob<{ default: Book }>('./messages/*/problems.json')
const book = signal<{ language: string; words: Book } | undefined>(undefined)
let needed = false

/** Another language while problems are shown: they are said anew. */
effect(() => {
  const now = language.value
  if (needed) void fetchWords(now)
})

/** Resolves when `said` has words, where there are any for the language; never fails. */
export async function problemWords(): Promise<void> {
  needed = true
  await fetchWords(language.peek())
}

/**
 * What is said of it in the language of the console; undefined where the desk's own words are to be, and
 * until others are there: whoever asks within a component is drawn anew then.
 */
export function said(problem: Sayable): Said | undefined {
  const { language: of, words } = book.value ?? {}
  if (words === undefined || of !== language.value) {
    void problemWords()
    return undefined
  }
  return sayingOf(words, problem, locale.value)
}

async function fetchWords(now: string): Promise<void> {
  if (book.peek()?.language === now) return
  const file = files[`./messages/${now}/problems.json`]
  // Without the words there are still the desk's.
  const found = await file?.().catch(() => undefined)
  if (found && language.peek() === now) book.value = { language: now, words: found.default }
}
