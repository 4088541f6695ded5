import { useSignal } from '@preact/signals'
import type { CameraChange } from '@vedette/server/cameras/cameras'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import { useEffect } from 'preact/hooks'
import { desk } from '../desk.ts'
import { asProblem, type DeskProblem } from '../problem.ts'
import { on, onResumed } from '../stream.ts'
import { nameOf } from './words.ts'

export type Cameras = {
  watch: Watch | undefined
  problem: DeskProblem | undefined
  reload: () => Promise<void>
}

/** Every camera as it is now, kept so by what the stream tells. */
export function useCameras(): Cameras {
  const watch = useSignal<Watch | undefined>(undefined)
  const problem = useSignal<DeskProblem | undefined>(undefined)
  const reload = async () => {
    try {
      watch.value = await desk.get<Watch>('/cameras')
      problem.value = undefined
    } catch (error) {
      problem.value = asProblem(error)
    }
  }
  useEffect(() => {
    void reload()
    const ends = [
      onResumed(() => void reload()),
      on('watch', (now) => {
        watch.value = now
      }),
      on<CameraChange>('camera', (change) => {
        if (watch.value) watch.value = changed(watch.value, change)
        if (change.kind === 'trouble') void reload()
      }),
    ]
    return () => {
      for (const end of ends) end()
    }
  }, [])
  return { watch: watch.value, problem: problem.value, reload }
}

function changed(watch: Watch, change: CameraChange): Watch {
  if (change.kind === 'trouble') return watch
  const others = watch.cameras.filter((camera) => nameOf(camera) !== nameOf(change.camera))
  if (change.kind === 'forgotten') return { ...watch, cameras: others }
  const cameras = [...others, change.camera].sort((p, q) => nameOf(p).localeCompare(nameOf(q)))
  return { ...watch, cameras }
}
