import { Bell } from '@vedette/shared/bell'
import type { Clock } from '@vedette/shared/clock'
import { codeOf, messageOf } from '@vedette/shared/errors'
import type { Log } from '@vedette/shared/log'
import type { CameraChange } from '../cameras/cameras.ts'
import type { CameraStatus } from '../cameras/known.ts'
import type { List } from '../lists/list.ts'
import type { Caller } from '../operators/caller.ts'
import type { AlertChange } from '../store/alerts.ts'
import type { NewNotice } from '../store/notice-rows.ts'
import type { Store } from '../store/store.ts'
import type { Channel } from './channel.ts'
import { tellsOf, tellsOfCamera } from './rules.ts'

/** Changes planned in one transaction. */
const SLICE = 100
const AGAIN_MS = 2000

export type PlannerOptions = {
  store: Pick<Store, 'alerts' | 'notices' | 'pushSubscriptions'>
  /** Those that are on. */
  channels: () => readonly Channel[]
  lists: { find(id: string): Pick<List, 'priority'> | undefined }
  /** Undefined where they have no account, or a disabled one. */
  caller: (operator: string) => Caller | undefined
  alerts: { listen(listener: (change: AlertChange) => void): () => void }
  cameras: { listen(listener: (change: CameraChange) => void): () => void }
  onPlanned: () => void
  clock: Clock
  log: Log
}

/**
 * Decides what each channel is to be told, and writes that down with how far it has come: what was
 * committed while nobody was running, or while the disk was full, is planned when it can be.
 */
export class Planner {
  readonly #options: PlannerOptions
  readonly #bell = new Bell()
  readonly #stop = new AbortController()
  readonly #cameras: CameraStatus[] = []
  readonly #unlisten: (() => void)[]
  readonly #working: Promise<void>

  constructor(options: PlannerOptions) {
    this.#options = options
    const { alerts, cameras } = options
    this.#unlisten = [
      alerts.listen(() => this.#bell.ring()),
      cameras.listen((change) => {
        if (change.kind !== 'camera') return
        this.#cameras.push(change.camera)
        this.#bell.ring()
      }),
    ]
    this.#bell.ring()
    this.#working = this.#work()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const unlisten of this.#unlisten) unlisten()
    this.#stop.abort(new Error('the server is stopping'))
    this.#bell.ring()
    await this.#working
  }

  async #work(): Promise<void> {
    const { clock, log } = this.#options
    for (;;) {
      await this.#bell.wait()
      if (this.#stop.signal.aborted) return
      try {
        await this.#planAlerts()
        await this.#planCameras()
      } catch (error) {
        log.error({ code: codeOf(error), message: messageOf(error) }, 'channels.unplanned')
        await clock.sleep(AGAIN_MS, this.#stop.signal).catch(() => {})
        this.#bell.ring()
      }
    }
  }

  async #planAlerts(): Promise<void> {
    const { store, channels, onPlanned } = this.#options
    while (!this.#stop.signal.aborted && channels().length > 0) {
      const from = await store.notices.planned()
      const changes = await store.alerts.changesSince(from ?? 0, SLICE)
      const last = changes.at(-1)
      if (last === undefined) return
      await store.notices.plan(await this.#noticesOf(changes), last.seq)
      onPlanned()
    }
  }

  async #noticesOf(changes: readonly AlertChange[]): Promise<NewNotice[]> {
    const { store, channels, lists, clock } = this.#options
    const told = await store.notices.told([...new Set(changes.map(({ alert }) => alert.id))])
    const made: NewNotice[] = []
    const now = clock.now()
    for (const { seq, kind, at, alert } of changes) {
      const priority = lists.find(alert.list)?.priority
      for (const channel of channels()) {
        const known = `${channel.id}/${alert.id}`
        const news = { kind, alert, priority, told: told.has(known), now }
        const what = tellsOf(channel.rules, news)
        if (what === undefined) continue
        told.add(known)
        const notice = {
          ...{ channelId: channel.id, kind: what, at, since: now, event: seq },
          ...{ alertId: alert.id, camera: null, about: null, priority: priority ?? 5 },
        }
        const sees = ({ sees, seesCamera }: Caller) =>
          sees(alert.list) && seesCamera(alert.agent, alert.camera)
        for (const recipient of await this.#recipients(channel, sees)) {
          made.push({ ...notice, recipient })
        }
      }
    }
    return made
  }

  async #planCameras(): Promise<void> {
    const { store, channels, onPlanned, clock } = this.#options
    const told = this.#cameras.length === 0 ? undefined : await store.notices.camerasTold()
    while (told !== undefined && !this.#stop.signal.aborted) {
      const [camera] = this.#cameras
      if (camera === undefined) break
      const name = `${camera.agent}/${camera.camera}`
      const what = newsOf(camera, told.get(name))
      if (what !== undefined) {
        const now = clock.now()
        const { state, why } = camera
        const made: NewNotice[] = []
        for (const channel of channels()) {
          if (!tellsOfCamera(channel.rules, what, camera, now)) continue
          const notice = {
            ...{
              channelId: channel.id,
              kind: what,
              at: camera.stateSince,
              since: now,
              event: null,
            },
            ...{ alertId: null, camera: name, about: JSON.stringify({ state, why }), priority: 1 },
          }
          const sees = ({ seesCamera }: Caller) => seesCamera(camera.agent, camera.camera)
          for (const recipient of await this.#recipients(channel, sees)) {
            made.push({ ...notice, recipient })
          }
        }
        const standing = state === 'red' ? what : 'green'
        await store.notices.planCamera(made, { camera: name, state: standing })
        told.set(name, standing)
        if (made.length > 0) onPlanned()
      }
      this.#cameras.shift()
    }
  }

  /** One without a name, or every device of those who may see it. */
  async #recipients(
    { id, kind }: Channel,
    sees: (caller: Caller) => boolean,
  ): Promise<(string | null)[]> {
    if (kind !== 'push') return [null]
    const { store, caller } = this.#options
    const all = await store.pushSubscriptions.all({ channelId: id })
    return all
      .filter(({ operator }) => {
        const who = caller(operator)
        return who !== undefined && sees(who)
      })
      .map((one) => one.id)
  }
}

/** What is new of a camera of which `told` was told last: that it went red, or is green again. */
function newsOf(
  { state, why }: Pick<CameraStatus, 'state' | 'why'>,
  told: string | undefined,
): 'camera' | 'canary' | undefined {
  const isRed = told === 'camera' || told === 'canary'
  if (state === 'red') return isRed ? undefined : why === 'no-canary' ? 'canary' : 'camera'
  return state === 'green' && isRed ? told : undefined
}
