import { signal } from '@preact/signals'
import type { NamedRequest } from '@vedette/server/desk/routes/requests'
import type { Import } from '@vedette/server/store/imports'
import { setCount } from '../../counts.ts'
import { desk } from '../../desk.ts'
import { may, session } from '../../session.ts'
import { on, onResumed } from '../../stream.ts'

/** Looked at again this often: nothing tells of lists that are to be changed, nor of imports. */
const AGAIN_MS = 20_000

/** What waits for a second person. */
export const waiting = signal(0)

/** Keeps `waiting`; the function returned ends that. */
export function watchWaiting(): () => void {
  const look = async () => {
    const [requests, imports] = await Promise.all([
      desk.get<NamedRequest[]>('/requests'),
      desk.get<Import[]>('/imports'),
    ])
    const me = session.peek()?.name
    const asked = requests.map(({ askedBy }) => askedBy)
    const opened = imports.flatMap(({ state, openedBy }) => (state === 'pending' ? openedBy : []))
    const all = [...asked, ...opened]
    waiting.value = all.length
    if (may('entries.approve')) setCount('wanted', all.filter((by) => by !== me).length)
  }
  const again = () => void look().catch(() => {})
  again()
  const timer = setInterval(again, AGAIN_MS)
  const off = [on('entry', again), onResumed(again)]
  return () => {
    clearInterval(timer)
    for (const end of off) end()
  }
}
