import { computed, effect, signal } from '@preact/signals'
import type { NamedChange } from '@vedette/server/desk/named'
import { session } from '../session.ts'
import { wordsOf } from '../words.ts'
import { byUrgency, type Item, lists, waiting } from './queue.ts'
import { openAudio, type Saying, sound, speak } from './speech.ts'

/** `locked`: the browser makes no sound before somebody has pressed something. */
export type Sound = 'on' | 'off' | 'locked'

const KEPT_AS = 'vedette.sound'
/** Between two calls for what nobody has taken, milliseconds. */
const REPEAT_MS = 15_000
/** A board for everybody in the room has nothing to press that would silence it. */
const SILENT_PAGE = '/wall'
/** More new ones than that are counted, not told one by one. */
const TOLD_SINGLY = 3

const CALLS: ReadonlySet<NamedChange['kind']> = new Set([
  'raised',
  'escalated',
  'reopened',
  'returned',
  'affirmed',
  'disputed',
  'current',
])

const wanted = signal(localStorage.getItem(KEPT_AS) !== 'off')
const unlocked = signal(false)

export const soundState = computed<Sound>(() => {
  if (!wanted.value) return 'off'
  return unlocked.value ? 'on' : 'locked'
})

/** What was called last, for whoever reads the page by ear. */
export const called = signal<Item | undefined>(undefined)

/** Ids of what was not told yet. */
const untold = new Set<string>()
/** What is told once, by what it is about, and not of alerts. */
const notices = new Map<string, string>()
let saying: (Saying & { ids: readonly string[] | undefined }) | undefined
let saidAt = 0
let timer: ReturnType<typeof setTimeout> | undefined

/** Those that somebody here is to be called for. */
const calling = computed(() => {
  const me = session.value?.name
  return waiting.value.filter((item) => {
    const list = lists.value.get(item.list)
    if (item.retrospective || list?.silent || list?.sound === 'off') return false
    return item.state !== 'awaiting' || item.affirmedBy !== me
  })
})

export function toggleSound(): void {
  if (soundState.peek() === 'locked') return void unlock()
  wanted.value = !wanted.peek()
  localStorage.setItem(KEPT_AS, wanted.peek() ? 'on' : 'off')
  if (wanted.peek()) void unlock()
}

/** What is about to happen to an alert may have to be told: to be said before the queue takes it in. */
export function news({ kind, alert }: NamedChange): void {
  if (CALLS.has(kind)) untold.add(alert.id)
}

/** The same, when the queue has taken it in. */
export function call({ kind }: NamedChange, item: Item | undefined): void {
  if (item && CALLS.has(kind)) called.value = item
}

/** Speaks of what waits until it is taken. The function returned ends that. */
export function startVoice(): () => void {
  if (navigator.userActivation?.hasBeenActive) void unlock()
  const first = () => void unlock()
  const gestures = ['pointerdown', 'keydown'] as const
  for (const gesture of gestures) window.addEventListener(gesture, first)
  const end = effect(() => {
    const still = new Set(calling.value.map(({ id }) => id))
    for (const id of untold) if (!still.has(id)) untold.delete(id)
    // Somebody has taken it, here or elsewhere.
    if (saying?.ids && !saying.ids.some((id) => still.has(id))) saying.stop()
    if (soundState.value !== 'on') saying?.stop()
    else void sayNext()
  })
  return () => {
    end()
    clearTimeout(timer)
    for (const gesture of gestures) window.removeEventListener(gesture, first)
    saying?.stop()
    untold.clear()
    notices.clear()
  }
}

/** Says `words` when nothing else is being said. */
export function tellOnce(about: string, words: string): void {
  notices.set(about, words)
  void sayNext()
}

/** It is over before it was said. */
export function takeBack(about: string): void {
  notices.delete(about)
}

async function unlock(): Promise<void> {
  if (!unlocked.peek() && (await openAudio().catch(() => false))) unlocked.value = true
}

/** Tells what is new, the most urgent first; else, when it is time, what still waits. */
async function sayNext(): Promise<void> {
  clearTimeout(timer)
  if (saying || soundState.peek() !== 'on' || location.pathname === SILENT_PAGE) return
  const [notice] = notices
  if (notice) {
    notices.delete(notice[0])
    return sayUntilDone(speak(notice[1]) ?? sound(1), undefined)
  }
  const all = [...calling.peek()].sort(byUrgency)
  const fresh = all.filter(({ id }) => untold.has(id))
  const again = all.filter(({ list }) => (lists.peek().get(list)?.sound ?? 'repeat') === 'repeat')
  const due = saidAt + REPEAT_MS - Date.now()
  if (fresh.length === 0 && (again.length === 0 || due > 0)) {
    if (again.length > 0) timer = setTimeout(() => void sayNext(), due)
    return
  }
  const told = fresh.length > 0 ? fresh : again
  const single = fresh.length > 0 && fresh.length <= TOLD_SINGLY ? told.slice(0, 1) : told
  for (const { id } of single) untold.delete(id)
  const started = speak(textOf(single, fresh.length > 0)) ?? sound(single[0]?.priority ?? 3)
  saidAt = Date.now()
  const ids = single.map(({ id }) => id)
  await sayUntilDone(started, ids)
}

/** Then comes what is next; only of alerts is it counted when they were called last. */
async function sayUntilDone(started: Saying | undefined, ids: readonly string[] | undefined) {
  if (!started) return
  saying = { ...started, ids }
  await started.done
  saying = undefined
  if (ids) saidAt = Date.now()
  void sayNext()
}

/** What is said of alerts, the most urgent of which is the first. */
export function textOf([first, ...others]: readonly Item[], isNew: boolean): string {
  const t = wordsOf('alerts')
  if (!first) return ''
  const { agent, camera, priority = 3, late, state, either } = first
  const name = first.name ?? (either ? either.join(t('say.or')) : t('say.somebody'))
  const said = t('say.one', { name, list: first.listName ?? first.list, camera, agent })
  const how = state === 'awaiting' ? t('say.second') : late ? t('say.late') : ''
  const urgent = priority === 1 ? t('say.urgent') : ''
  const alone = [urgent, said, how].filter(Boolean).join(' ')
  if (others.length === 0) return isNew ? alone : t('say.still', { said: alone })
  const count = others.length + 1
  return t(isNew ? 'say.several' : 'say.severalWait', { count, said: alone })
}
