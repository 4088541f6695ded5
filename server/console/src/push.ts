import { signal } from '@preact/signals'
import type { PushAnswer, PushDevice } from '@vedette/server/desk/answered/push'
import { desk } from './desk.ts'

/** Whether this device is told of alerts while no console is open on it. */
export type PushState =
  /** The browser cannot, here. */
  | 'unable'
  /** Nobody is told that way: there is no such channel. */
  | 'absent'
  /** Whoever sits here has forbidden it. */
  | 'forbidden'
  | 'off'
  | 'on'

export const pushState = signal<PushState | undefined>(undefined)

let key: string | null = null
let device: PushDevice | undefined

/** Asks the browser and the desk. Throws DeskProblem. */
export async function askPush(): Promise<void> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) {
    pushState.value = 'unable'
    return
  }
  const answer = await desk.get<PushAnswer>('/push')
  key = answer.key
  const mark = await markOf(await subscription())
  device = answer.devices.find((one) => one.mark === mark)
  if (key === null) pushState.value = 'absent'
  else if (Notification.permission === 'denied') pushState.value = 'forbidden'
  else pushState.value = device === undefined ? 'off' : 'on'
}

/** Throws DeskProblem, and what the browser throws where its push service refuses. */
export async function switchOn(): Promise<void> {
  if (key === null) return
  if ((await Notification.requestPermission()) !== 'granted') {
    pushState.value = Notification.permission === 'denied' ? 'forbidden' : 'off'
    return
  }
  const { pushManager } = await navigator.serviceWorker.ready
  // One that was made by another key is of no use any more.
  await (await pushManager.getSubscription())?.unsubscribe()
  const made = await pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: key,
  })
  try {
    const { endpoint, keys } = made.toJSON()
    device = await desk.post<PushDevice>('/push', { endpoint, keys })
  } catch (error) {
    await made.unsubscribe()
    throw error
  }
  pushState.value = 'on'
}

/** Throws DeskProblem. */
export async function switchOff(): Promise<void> {
  await (await subscription())?.unsubscribe()
  if (device !== undefined) await desk.delete(`/push/${encodeURIComponent(device.id)}`)
  device = undefined
  pushState.value = 'off'
}

async function subscription(): Promise<PushSubscription | null> {
  const registration = await navigator.serviceWorker.getRegistration()
  return (await registration?.pushManager.getSubscription()) ?? null
}

/** What the desk calls this device by. */
async function markOf(own: PushSubscription | null): Promise<string | undefined> {
  if (own === null) return undefined
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(own.endpoint))
  const base64 = btoa(String.fromCharCode(...new Uint8Array(hash)))
  return base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
