/** Addresses of what the shell is made of; written in when the console is built. */
declare const __SHELL__: readonly string[]
/** Changes with any of them. */
declare const __VERSION__: string

// What a service worker calls itself is typed as any worker.
const worker = self as unknown as ServiceWorkerGlobalScope
const KEPT_AS = `vedette-${__VERSION__}`
const OFFLINE = '/offline.html'
/** Built with their content in their names: what has this name never changes. */
const FOREVER = '/assets/'

/** What a push says: see PushMessage of the server. */
type Message = {
  title: string
  body: string
  tag: string
  path: string
  stays: boolean
  at: number
}

worker.addEventListener('install', (event) => {
  event.waitUntil(caches.open(KEPT_AS).then((kept) => kept.addAll([...__SHELL__])))
})

worker.addEventListener('activate', (event) => {
  event.waitUntil(dropFormer().then(() => worker.clients.claim()))
})

worker.addEventListener('message', ({ data }) => {
  if (data === 'take-over') void worker.skipWaiting()
})

/**
 * Nothing of the desk is ever kept: what is shown as it was would be taken for what is. Pages are asked
 * for, and where nobody answers it is said that nothing can be seen.
 */
worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (origin !== worker.location.origin || request.method !== 'GET') return
  if (pathname === '/api' || pathname.startsWith('/api/')) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (pathname.startsWith(FOREVER)) event.respondWith(file(request))
  else if (__SHELL__.includes(pathname)) event.respondWith(fresh(request))
})

worker.addEventListener('push', (event) => {
  const message = event.data?.json() as Message | undefined
  if (message) event.waitUntil(show(message))
})

worker.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const { path } = event.notification.data as Pick<Message, 'path'>
  event.waitUntil(go(path))
})

async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch {
    return (await caches.match(OFFLINE)) ?? Response.error()
  }
}

async function file(request: Request): Promise<Response> {
  const known = await caches.match(request)
  if (known) return known
  const answer = await fetch(request)
  if (answer.ok) await (await caches.open(KEPT_AS)).put(request, answer.clone())
  return answer
}

async function fresh(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch {
    return (await caches.match(request)) ?? Response.error()
  }
}

async function dropFormer(): Promise<void> {
  const former = (await caches.keys()).filter((name) => name !== KEPT_AS)
  await Promise.all(former.map((name) => caches.delete(name)))
}

/** What is said later of the same alert takes the place of what was said before. */
async function show({ title, body, tag, path, stays, at }: Message): Promise<void> {
  const options = {
    ...{ body, tag, timestamp: at, data: { path } },
    icon: '/icon-192.png',
    badge: '/badge-96.png',
    requireInteraction: stays,
    renotify: stays,
    silent: !stays,
  }
  await worker.registration.showNotification(title, options)
}

/** In the console that is open, if one is; else in a new one. */
async function go(path: string): Promise<void> {
  const url = new URL(path, worker.location.origin)
  if (url.origin !== worker.location.origin) return
  const open = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true })
  const [first] = open
  if (first === undefined) {
    await worker.clients.openWindow(url)
    return
  }
  first.postMessage({ go: url.pathname + url.search })
  // A browser that does not let it come to the front shows it all the same.
  await first.focus().catch(() => {})
}
