import { signal } from '@preact/signals'

type InstallPrompt = Event & { prompt: () => Promise<unknown> }

/** What asks whether to install the console as an app, where the browser has something to ask. */
export const installPrompt = signal<InstallPrompt | undefined>(undefined)

export const isInstalled = () => matchMedia('(display-mode: standalone)').matches

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  installPrompt.value = event as InstallPrompt
})
addEventListener('appinstalled', () => {
  installPrompt.value = undefined
})
