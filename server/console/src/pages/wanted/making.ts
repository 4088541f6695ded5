import { useSignal } from '@preact/signals'
import type { Changed } from '@vedette/server/entries/register'
import { toast } from '../../parts/toast.tsx'
import { asProblem, type DeskProblem } from '../../problem.ts'
import { wordsOf } from '../../words.ts'

export type Making = {
  busy: boolean
  problem: DeskProblem | undefined
  /** Does it once, says whether it was done or waits for a second person, and then calls `then`. */
  make: (work: () => Promise<Partial<Changed>>, then: () => void) => Promise<void>
}

/** A change in the making. */
export function useMaking(): Making {
  const busy = useSignal(false)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const make: Making['make'] = async (work, then) => {
    if (busy.peek()) return
    busy.value = true
    problem.value = undefined
    try {
      const { request } = await work()
      const t = wordsOf('wanted')
      toast(t(request === undefined ? 'made.done' : 'made.waits'))
      then()
    } catch (error) {
      problem.value = asProblem(error)
      busy.value = false
    }
  }
  return { busy: busy.value, problem: problem.value, make }
}
