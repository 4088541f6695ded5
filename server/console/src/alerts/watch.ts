import { effect } from '@preact/signals'
import { setCount } from '../counts.ts'
import { session } from '../session.ts'
import { on, onResumed } from '../stream.ts'
import { loadWords } from '../words.ts'
import { forgetAll, load, loadLists, takeIn, waiting } from './queue.ts'
import { watchTrust } from './trust.tsx'
import { call, news, startVoice } from './voice.ts'

/** Quiet hours begin and end by the clock: looked at this often, milliseconds. */
const LISTS_MS = 30_000

/**
 * Follows what happens to alerts on whatever page somebody is: counts, speaks, and says when silence
 * cannot be believed. The function returned ends that.
 */
export function watchAlerts(): () => void {
  let wakeLists: ReturnType<typeof setInterval> | undefined
  const ends = [
    on('alert', (change) => {
      news(change)
      call(change, takeIn(change))
    }),
    onResumed(() => void load()),
    watchTrust(),
    effect(() => {
      const count = waiting.value.length
      setCount('alerts', count)
      badge(count)
    }),
  ]
  void loadWords('alerts').then(() => {
    if (session.peek()) ends.push(startVoice())
  })
  void load()
  wakeLists = setInterval(() => void loadLists().catch(() => {}), LISTS_MS)
  return () => {
    clearInterval(wakeLists)
    for (const end of ends) end()
    setCount('alerts', 0)
    badge(0)
    forgetAll()
  }
}

/** On the icon of the installed console, where the system shows such. */
function badge(count: number): void {
  if (!('setAppBadge' in navigator)) return
  void navigator.setAppBadge(count).catch(() => {})
}
