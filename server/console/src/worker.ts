import { toast } from './parts/toast.tsx'
import { loadWords, wordsOf } from './words.ts'

const ADDRESS = '/worker.js'
/** A console that is open for days asks this often whether there is a newer one, milliseconds. */
const ASK_MS = 3_600_000

/** Whoever sits here has asked for the newer one. */
let asked = false

/** Lets this browser say that nobody answers, show pushes, and hold the console as an app. */
export function startWorker(): void {
  if (!('serviceWorker' in navigator)) return
  const { serviceWorker } = navigator
  let controlled = serviceWorker.controller !== null
  serviceWorker.addEventListener('controllerchange', () => {
    // The first one that comes changes nothing of what is shown.
    if (controlled && asked) location.reload()
    else if (controlled) void offer(() => location.reload())
    controlled = true
  })
  serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ go?: unknown }>) => {
    if (typeof data?.go === 'string') location.assign(data.go)
  })
  // Where the browser does not want one, the console works without.
  serviceWorker.register(ADDRESS).then(watch, () => {})
}

function watch(registration: ServiceWorkerRegistration): void {
  if (registration.waiting && navigator.serviceWorker.controller) offerNext(registration.waiting)
  registration.addEventListener('updatefound', () => {
    const next = registration.installing
    next?.addEventListener('statechange', () => {
      if (next.state === 'installed' && navigator.serviceWorker.controller) offerNext(next)
    })
  })
  setInterval(() => void registration.update().catch(() => {}), ASK_MS)
}

function offerNext(next: ServiceWorker): void {
  void offer(() => {
    asked = true
    next.postMessage('take-over')
  })
}

/** Nobody is interrupted: the newer one comes when somebody asks for it, or with the next visit. */
async function offer(run: () => void): Promise<void> {
  await loadWords('device')
  const t = wordsOf('device')
  toast(t('update.there'), { label: t('update.reload'), run })
}
