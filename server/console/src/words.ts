import { computed, effect, signal } from '@preact/signals'
import { createInstance, type TFunction } from 'i18next'
import shell from './messages/en/shell.json'
import type { Namespaces } from './messages/namespaces.ts'

export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof LANGUAGES
export type Namespace = keyof Namespaces

const KEPT_AS = 'vedette.language'
const files = import.meta.glob<{ default: object }>('./messages/*/*.json')
const loaded = new Set<Namespace>(['shell'])

const i18n = createInstance()
await i18n.init({
  lng: 'en',
  fallbackLng: 'en',
  ns: ['shell'],
  defaultNS: 'shell',
  resources: { en: { shell } },
  // Preact escapes what it shows.
  interpolation: { escapeValue: false },
  returnNull: false,
})

/** The language of the console; dates and numbers follow it. */
export const language = signal<Language>('en')

/** How numbers and dates are written: the region's way where the browser has one for the language. */
export const locale = computed(
  () => navigator.languages.find((tag) => tag.startsWith(language.value)) ?? language.value,
)

effect(() => {
  document.documentElement.lang = language.value
})

/** Takes the language that was chosen here, else the browser's where there is such. */
export async function restoreLanguage(): Promise<void> {
  const wanted = [localStorage.getItem(KEPT_AS), ...navigator.languages]
  const found = wanted.map((tag) => tag?.slice(0, 2)).find((tag) => tag && tag in LANGUAGES)
  await chooseLanguage((found ?? 'en') as Language, { keep: false })
}

export async function chooseLanguage(next: Language, { keep = true } = {}): Promise<void> {
  await Promise.all([...loaded].map((namespace) => add(next, namespace)))
  await i18n.changeLanguage(next)
  language.value = next
  if (keep) localStorage.setItem(KEPT_AS, next)
}

/** Resolves when `useWords(namespace)` has its words. */
export async function loadWords(namespace: Namespace): Promise<void> {
  loaded.add(namespace)
  await Promise.all([add('en', namespace), add(language.value, namespace)])
}

/** The words of one page; whoever asks within a component is drawn anew in another language. */
export function useWords<N extends Namespace>(namespace: N): TFunction<N> {
  return i18n.getFixedT(language.value, namespace)
}

/** The same outside of components. */
export const wordsOf = useWords

async function add(to: Language, namespace: Namespace): Promise<void> {
  if (i18n.hasResourceBundle(to, namespace)) return
  const file = await files[`./messages/${to}/${namespace}.json`]?.()
  if (file) i18n.addResourceBundle(to, namespace, file.default)
}
