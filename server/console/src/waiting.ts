import { signal } from '@preact/signals'
import type { Waiting } from '@vedette/server/desk/answered/requests'
import { setCount } from './counts.ts'
import { desk } from './desk.ts'
import { may } from './session.ts'
import { on, onResumed } from './stream.ts'

/** Looked at again this often: nothing tells of what lapses. */
const AGAIN_MS = 30_000

/** What waits for a second person. */
export const waiting = signal(0)

/** Keeps `waiting`, and the count in the rail of whoever may decide; the function returned ends that. */
export function watchWaiting(): () => void {
  const look = async () => {
    const { requests, imports, others } = await desk.get<Waiting>('/requests/waiting')
    waiting.value = requests + imports
    if (may('entries.approve')) setCount('wanted', others)
  }
  const again = () => void look().catch(() => {})
  again()
  const timer = setInterval(again, AGAIN_MS)
  const off = [on('entry', again), on('lists', again), on('imports', again), onResumed(again)]
  return () => {
    clearInterval(timer)
    for (const end of off) end()
  }
}
