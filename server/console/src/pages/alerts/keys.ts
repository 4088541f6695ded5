import { toggleSound } from '../../alerts/voice.ts'
import { may } from '../../session.ts'
import { asking, decide, undo } from './deciding.ts'
import { chosen, mark, selected, showHeld, shown, step, toggleMark, unmarkAll } from './rows.ts'

export type KeyUse = {
  search: () => void
  help: () => void
  zoom: () => void
  go: (path: string) => void
}

/** Does what a key says; gives whether it says anything. */
export function pressed({ key, shiftKey }: KeyboardEvent, use: KeyUse): boolean {
  const deed = MOVES[key]
  if (deed) {
    step(deed, { extend: shiftKey })
    return true
  }
  const about = chosen()
  const [first] = about
  switch (key.length === 1 ? key.toLowerCase() : key) {
    case 'Enter':
      return decides(() => void decide(about, { do: 'take' }))
    case 'c':
      return asks('true')
    case 'x':
      return asks('false')
    case 'u':
      return asks('unresolved')
    case 'p':
      return asks('park')
    case 'z':
      return decides(() => void undo())
    case 'a':
      mark(shown.peek())
      return true
    case ' ':
      if (selected.peek() !== undefined) toggleMark(selected.peek()!)
      return true
    case 'n':
      showHeld()
      return true
    case 'm':
      toggleSound()
      return true
    case 'v':
      use.zoom()
      return true
    case 'g':
      if (first) use.go(`/map?camera=${first.agent}/${first.camera}`)
      return true
    case 'l':
      if (first) use.go(`/live?cameras=${first.agent}/${first.camera}`)
      return true
    case '/':
      use.search()
      return true
    case '?':
      use.help()
      return true
    case 'Escape':
      unmarkAll()
      return true
    default:
      return false
  }
}

const MOVES: Readonly<Record<string, number>> = {
  j: 1,
  J: 1,
  ArrowDown: 1,
  k: -1,
  K: -1,
  ArrowUp: -1,
  PageDown: 8,
  PageUp: -8,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

function asks(kind: 'true' | 'false' | 'unresolved' | 'park'): boolean {
  return decides(() => {
    const about = chosen().filter(({ state }) => state !== 'resolved')
    if (about.length > 0) asking.value = { kind, about }
  })
}

function decides(deed: () => void): boolean {
  if (may('alerts.decide')) deed()
  return true
}
