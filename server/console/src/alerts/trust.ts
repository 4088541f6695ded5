import { computed, effect, signal } from '@preact/signals'
import type { CameraChange } from '@vedette/server/cameras/cameras'
import type { CameraStatus } from '@vedette/server/cameras/known'
import type { Watch } from '@vedette/server/desk/routes/cameras'
import { unwarn, type Warning, warn } from '../banner.tsx'
import { on } from '../stream.ts'
import { localTime } from '../time.tsx'
import { loadWords, wordsOf } from '../words.ts'

const cameras = signal<ReadonlyMap<string, CameraStatus>>(new Map())
const rest = signal<Pick<Watch, 'canary' | 'store'> | undefined>(undefined)

/** Cameras that cannot raise an alert, and those of them whose test face is overdue. */
export const blind = computed(() => {
  const all = [...cameras.value.values()]
  return {
    all: all.length,
    red: all.filter(({ state }) => state === 'red'),
  }
})

/** The most that are named; the rest is counted. */
const NAMED = 3

/** Says on every page when an empty screen does not mean that nobody came. The function returned ends that. */
export function watchTrust(): () => void {
  const ends = [
    on('watch', (watch) => {
      cameras.value = new Map(watch.cameras.map((one) => [keyOf(one), one]))
      rest.value = { canary: watch.canary, store: watch.store }
    }),
    on<CameraChange>('camera', takeIn),
  ]
  let stopped = false
  void loadWords('alerts').then(() => {
    if (!stopped) ends.push(effect(sayCameras), effect(sayChecks), effect(sayStore))
  })
  return () => {
    stopped = true
    for (const end of ends) end()
    for (const key of ['cameras', 'canary', 'store']) unwarn(key)
    cameras.value = new Map()
    rest.value = undefined
  }
}

function takeIn(change: CameraChange): void {
  if (change.kind === 'trouble') return
  const next = new Map(cameras.peek())
  if (change.kind === 'forgotten') next.delete(keyOf(change.camera))
  else next.set(keyOf(change.camera), change.camera)
  cameras.value = next
}

function sayCameras(): void {
  const t = wordsOf('alerts')
  const { all, red } = blind.value
  const named = red.slice(0, NAMED).map((camera) => {
    const since = localTime(camera.stateSince)
    return t('trust.camera', { camera: keyOf(camera), why: t(`trust.why.${camera.why}`), since })
  })
  const others = red.length - named.length
  const more = others > 0 ? [t('trust.others', { count: others })] : []
  const which = [...named, ...more].join('; ')
  const words = t('trust.cameras', { count: red.length, all, which })
  say('cameras', 'danger', red.length > 0 ? words : undefined)
}

/** A console without one camera, or whose cameras nobody checks, proves nothing by being empty. */
function sayChecks(): void {
  const t = wordsOf('alerts')
  const known = rest.value
  const none = known !== undefined && cameras.value.size === 0
  const off = known?.canary.every === 'off'
  say('canary', 'warn', none ? t('trust.nobody') : off ? t('trust.unchecked') : undefined)
}

function sayStore(): void {
  const worst = rest.value?.store.find(({ state }) => state === 'red')
  say('store', 'danger', worst && `${worst.message} ${worst.hint}`)
}

function say(key: string, tone: Warning['tone'], words: string | undefined): void {
  if (words === undefined) unwarn(key)
  else warn({ key, tone, words })
}

function keyOf({ agent, camera }: { agent: string; camera: string }): string {
  return `${agent}/${camera}`
}
