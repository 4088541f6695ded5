import { signal } from '@preact/signals'

/** What waits on each page, by its name: shown in the rail, and in the window's title. */
export const counts = signal<Readonly<Record<string, number>>>({})

export function setCount(page: string, count: number): void {
  if (counts.peek()[page] !== count) counts.value = { ...counts.peek(), [page]: count }
}
