import type { Lists } from '../lists/lists.ts'

export type CameraId = { agent: string; camera: string }

/** What one list asks to be kept of walks that match nobody. */
export type PastPolicy = {
  list: string
  /** Milliseconds; 0: nothing is kept for it. */
  keepFor: number
  keepPictures: boolean
  /** Whether the list applies at a camera at any time, and at one. */
  watches(place: CameraId): boolean
  applies(place: CameraId, at: number): boolean
}

/** How long one camera's are kept. */
export type Keeping = { keepFor: number; pictures: boolean }

/** What all lists together ask for of what a camera sees at a time: the longest; undefined where none asks. */
export function keepingOf(
  policies: readonly PastPolicy[],
  place: CameraId,
  at: number,
): Keeping | undefined {
  const asking = policies.filter((policy) => policy.keepFor > 0 && policy.applies(place, at))
  if (asking.length === 0) return undefined
  return {
    keepFor: Math.max(...asking.map(({ keepFor }) => keepFor)),
    pictures: asking.some(({ keepPictures }) => keepPictures),
  }
}

export const MINUTE_MS = 60_000

/** The minute in which `at` lies: what is seen in it is sealed by one key. */
export function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS
}

/** When what was seen in that minute is destroyed: never later than it was promised, by a minute earlier at most. */
export function endOf(minute: number, { keepFor }: Keeping): number {
  return minute + keepFor
}

const HOUR_MS = 3_600_000

/** What lists ask for, as they are now. */
export function policiesOf(lists: Pick<Lists, 'all' | 'applies'>): PastPolicy[] {
  return lists.all.map(({ id, keepFor, keepPictures, cameras }) => ({
    list: id,
    keepFor: keepFor * HOUR_MS,
    keepPictures,
    watches: ({ agent, camera }) =>
      cameras === null || cameras.includes(`${agent}/*`) || cameras.includes(`${agent}/${camera}`),
    applies: (place, at) => lists.applies(id, { ...place, at }),
  }))
}
