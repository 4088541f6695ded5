import type { SessionAnswer } from '@vedette/server/desk/answered/session'

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

/** Whoever is about to be signed out is told so long before, milliseconds. */
const WARN_MS = 90_000

type Telling = {
  ask: () => Promise<SessionAnswer>
  onAnswer: (answer: SessionAnswer) => void
  /** The session ends soon unless somebody does something: `stay` is that. */
  onEnding: (stay: () => void) => void
}

/**
 * Asks who is signed in now and then while somebody is there, and warns when nobody has been for
 * long; the function returned ends that.
 */
export function tellPresence(
  until: () => number,
  { ask, onAnswer, onEnding }: Telling,
): () => void {
  let warned = 0
  const stay = () => {
    ask().then(onAnswer, () => {})
  }
  const timer = setInterval(() => {
    if (Date.now() - actedAt < TELL_MS) return stay()
    const end = until()
    if (end - Date.now() > WARN_MS || warned === end) return
    warned = end
    onEnding(stay)
  }, TELL_MS / 2)
  return () => clearInterval(timer)
}
