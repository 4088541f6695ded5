import { signal } from '@preact/signals'

/** Ages are drawn anew this often, milliseconds. */
const EVERY_MS = 5000

/** The time, as precise as ages have to be. */
export const minute = signal(Date.now())

setInterval(() => {
  minute.value = Date.now()
}, EVERY_MS)
