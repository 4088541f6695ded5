import { computed, effect, signal } from '@preact/signals'
import type { CameraChange } from '@vedette/server/cameras/cameras'
import type { CameraStatus } from '@vedette/server/cameras/known'
import type { Watch } from '@vedette/server/desk/answered/cameras'
import { unwarn, type Warning, warn } from '../banner.tsx'
import { said } from '../problem-words.ts'
import { on } from '../stream.ts'
import { localTime } from '../time.tsx'
import { loadWords, useWords, wordsOf } from '../words.ts'
import { takeBack, tellOnce } from './voice.ts'

const cameras = signal<ReadonlyMap<string, CameraStatus>>(new Map())
const rest = signal<Pick<Watch, 'canary' | 'store'> | undefined>(undefined)

/** Cameras that cannot raise an alert: those whose test face is overdue, and those that see nothing. */
const lost = computed(() => {
  const all = [...cameras.value.values()]
  const red = all.filter(({ state }) => state === 'red')
  return {
    all: all.length,
    overdue: red.filter(({ why }) => why !== 'blind'),
    blind: red.filter(({ why }) => why === 'blind'),
  }
})

/** Cameras of which the test face did not come, the longest first. */
export const overdue = computed(() =>
  lost.value.overdue.toSorted((p, q) => p.stateSince - q.stateSince),
)

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
    if (!stopped) {
      ends.push(effect(sayOverdue), effect(sayBlind), effect(sayChecks), effect(sayStore))
    }
  })
  return () => {
    stopped = true
    for (const end of ends) end()
    for (const key of ['overdue', 'cameras', 'canary', 'store']) unwarn(key)
    for (const name of told) takeBack(name)
    told.clear()
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

/** Cameras whose overdue test face was told. */
const told = new Set<string>()

/** By name, until each has come; whoever only listens is told of each once. */
function sayOverdue(): void {
  const t = wordsOf('alerts')
  const now = overdue.value
  const names = new Set(now.map(keyOf))
  for (const name of told) {
    if (names.has(name)) continue
    told.delete(name)
    takeBack(name)
  }
  for (const { agent, camera } of now) {
    const name = keyOf({ agent, camera })
    if (!told.has(name)) tellOnce(name, t('overdue.say', { agent, camera }))
    told.add(name)
  }
  say('overdue', 'danger', now.length > 0 ? <Overdue /> : undefined)
}

/** The banner's row of them; what is to be done is said once for all that lack the same. */
function Overdue() {
  const t = useWords('alerts')
  const now = overdue.value
  const groups = new Map<string, CameraStatus[]>()
  for (const camera of now) {
    const key = `${camera.why} ${camera.agent}`
    groups.set(key, [...(groups.get(key) ?? []), camera])
  }
  return (
    <>
      <strong>{t('overdue.head', { count: now.length, all: lost.value.all })}</strong>
      {[...groups].slice(0, NAMED).map(([key, those]) => (
        <span key={key}>
          {those.slice(0, NAMED).map(nameAndSince).join('; ')}
          {those.length > NAMED && `; ${t('trust.others', { count: those.length - NAMED })}`}.{' '}
          {remedyOf(those[0]!)}
        </span>
      ))}
      {groups.size > NAMED && <span>{t('overdue.more')}</span>}
    </>
  )
}

function nameAndSince(camera: CameraStatus): string {
  const since = localTime(camera.stateSince)
  return wordsOf('alerts')('overdue.since', { camera: keyOf(camera), since })
}

function remedyOf({ why, agent }: CameraStatus): string {
  const known = why === 'away' || why === 'not-announced' ? why : 'no-canary'
  return wordsOf('alerts')(`overdue.do.${known}`, { agent })
}

function sayBlind(): void {
  const t = wordsOf('alerts')
  const { all, blind: red } = lost.value
  const named = red.slice(0, NAMED).map((camera) => {
    const since = localTime(camera.stateSince)
    return t('trust.camera', { camera: keyOf(camera), since })
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
  const { detail, hint } = (worst && said(worst)) ?? { detail: worst?.message, hint: worst?.hint }
  say('store', 'danger', worst && `${detail} ${hint}`)
}

function say(key: string, tone: Warning['tone'], words: Warning['words'] | undefined): void {
  if (words === undefined) unwarn(key)
  else warn({ key, tone, words })
}

function keyOf({ agent, camera }: { agent: string; camera: string }): string {
  return `${agent}/${camera}`
}
