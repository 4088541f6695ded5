import type { SessionAnswer } from '@vedette/server/desk/routes/session'

/** Whoever did nothing for so long is not there as far as the desk is told, milliseconds. */
const THERE_MS = 30_000
/** How often the desk is told that somebody is there although nothing else is asked, milliseconds. */
const TELL_MS = 60_000

export const PRESENT_HEADER = 'x-vedette-present'

let actedAt = 0
for (const kind of ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart']) {
  const note = () => {
    actedAt = Date.now()
  }
  window.addEventListener(kind, note, { passive: true, capture: true })
}

/** Whether a person is at the page: what it asks by itself keeps nobody signed in. */
export function present(): boolean {
  return Date.now() - actedAt < THERE_MS
}

/** Asks who is signed in now and then while somebody is there; the function returned ends that. */
export function tellPresence(
  ask: () => Promise<SessionAnswer>,
  onAnswer: (answer: SessionAnswer) => void,
): () => void {
  const timer = setInterval(() => {
    if (Date.now() - actedAt < TELL_MS) ask().then(onAnswer, () => {})
  }, TELL_MS)
  return () => clearInterval(timer)
}
