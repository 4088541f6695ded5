import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { type Checked, check, type Sighting } from './enrolling.ts'
import type { Shot, Shots } from './shots.ts'

/** What is asked about is asked this long after the last change, milliseconds. */
const SETTLED_MS = 150
const NOTHING_FOUND: Checked = { findings: undefined, problem: undefined }

type Asked = {
  /** Each is told the verdict about it. */
  shots: Shots
  askable: readonly Shot[]
  list: string | undefined
  sighting: Sighting | undefined
  into: string | undefined
}

/** What the desk would say of these photographs, asked anew with every change. */
export function useChecked({ shots, askable, list, sighting, into }: Asked) {
  const checked = useSignal(NOTHING_FOUND)
  const checking = useSignal(false)
  // What a verdict is about; that it has come changes nothing.
  const about = JSON.stringify([askable.map(({ id, face, url }) => [id, face, url]), list, into])
  useEffect(() => {
    checked.value = NOTHING_FOUND
    if (askable.length === 0 || list === undefined) {
      checking.value = false
      return
    }
    const leaving = new AbortController()
    checking.value = true
    const timer = setTimeout(async () => {
      try {
        const found = await check({ shots: askable, list, sighting, into }, leaving.signal)
        for (const [i, verdict] of (found.findings?.photos ?? []).entries()) {
          const shot = askable[i]
          if (shot) shots.change(shot.id, { verdict })
        }
        checked.value = found
        checking.value = false
      } catch {
        // Something was changed meanwhile: that is asked about.
      }
    }, SETTLED_MS)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [about])
  return { checked: checked.value, checking: checking.value, about }
}
