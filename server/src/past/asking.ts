import { holds } from '../lists/hours.ts'
import type { List } from '../lists/list.ts'
import type { ListStore } from '../store/lists.ts'
import type { CameraId, PastPolicy } from './policy.ts'

const HOUR_MS = 3_600_000

/** What lists ask to be kept, in memory: asked at every walk. */
export class Asking {
  readonly #store: Pick<ListStore, 'all'>
  #policies: readonly PastPolicy[] = []

  static async open(store: Pick<ListStore, 'all'>): Promise<Asking> {
    const asking = new Asking(store)
    await asking.refresh()
    return asking
  }

  private constructor(store: Pick<ListStore, 'all'>) {
    this.#store = store
  }

  get policies(): readonly PastPolicy[] {
    return this.#policies
  }

  async refresh(): Promise<void> {
    this.#policies = (await this.#store.all()).map(policyOf)
  }
}

export function policyOf({
  id,
  keepFor,
  keepPictures,
  cameras,
  hours,
}: Pick<List, 'id' | 'keepFor' | 'keepPictures' | 'cameras' | 'hours'>): PastPolicy {
  const watches = ({ agent, camera }: CameraId) =>
    cameras === null || cameras.includes(`${agent}/*`) || cameras.includes(`${agent}/${camera}`)
  const applies = (place: CameraId, at: number) =>
    watches(place) && (hours === null || holds(hours, at))
  return { list: id, keepFor: keepFor * HOUR_MS, keepPictures, watches, applies }
}
