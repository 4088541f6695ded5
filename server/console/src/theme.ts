import { effect, signal } from '@preact/signals'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEPT_AS = 'vedette.theme'
const kept = THEMES.find((theme) => theme === localStorage.getItem(KEPT_AS))

export const theme = signal<Theme>(kept ?? 'system')

effect(() => {
  const { dataset } = document.documentElement
  if (theme.value === 'system') delete dataset.theme
  else dataset.theme = theme.value
  localStorage.setItem(KEPT_AS, theme.value)
})
