import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Office } from '@vedette/certs/office'
import { Alerts } from '@vedette/server/alerts/alerts'
import { Decisions } from '@vedette/server/alerts/decisions'
import { AuditLog } from '@vedette/server/audit/audit-log'
import type { ActKind } from '@vedette/server/audit/kinds'
import { Registrar } from '@vedette/server/authority/registrar'
import { Cameras } from '@vedette/server/cameras/cameras'
import type { Place } from '@vedette/server/cameras/canary-tokens'
import { Channels } from '@vedette/server/channels/channels'
import { parseServerConfig } from '@vedette/server/config'
import { Desk } from '@vedette/server/desk/desk'
import { type DoorLimits, USUAL_LIMITS } from '@vedette/server/desk/limits'
import { checksFromWithin } from '@vedette/server/doctor/checks'
import { Register } from '@vedette/server/entries/register'
import { Enrolment } from '@vedette/server/gallery/enrolment'
import { Enrolments } from '@vedette/server/gallery/enrolments'
import { Galleries } from '@vedette/server/gallery/galleries'
import { Gallery } from '@vedette/server/gallery/gallery'
import { pacing } from '@vedette/server/gallery/pacing'
import { Photos } from '@vedette/server/gallery/photos'
import type { Viewing } from '@vedette/server/gate/sessions'
import type { Hand } from '@vedette/server/hand'
import { entryHealth } from '@vedette/server/health/health'
import { openJoining } from '@vedette/server/join/joining'
import { Lists } from '@vedette/server/lists/lists'
import { LiveFigures } from '@vedette/server/live/figures'
import { Live } from '@vedette/server/live/live'
import { Matching } from '@vedette/server/matching/matching'
import { Rejections } from '@vedette/server/matching/rejections'
import { Strictness } from '@vedette/server/matching/strictness'
import { foundOperators } from '@vedette/server/operators/found'
import type { Role } from '@vedette/server/operators/roles'
import type { Scope } from '@vedette/server/operators/scope'
import { openStaff, type Staff } from '@vedette/server/operators/staff'
import type { Keeper } from '@vedette/server/past/keeper'
import type { Past } from '@vedette/server/past/past'
import { Places } from '@vedette/server/places/places'
import { SpaceChange } from '@vedette/server/spaces/change'
import { SpaceOpener } from '@vedette/server/spaces/space-opener'
import { Thresholds } from '@vedette/server/thresholds/thresholds'
import { openKeeping } from '@vedette/server/vault/keeping'
import { KeySource } from '@vedette/server/vault/key-source'
import { systemClock } from '@vedette/shared/clock'
import { examine } from '@vedette/shared/doctor/findings'
import type { Watch } from '@vedette/shared/message'
import { createMetrics } from '@vedette/shared/metrics'
import { type Credentials, dialOptions } from '@vedette/shared/tls'
import { Agent, FormData, request } from 'undici'
import { ManualClock } from './agent-clock.ts'
import { CALIBRATION } from './models-installed.ts'
import { HeldToIt } from './server-answers.ts'
import type { Deployment } from './server-deployment.ts'
import { LogBook } from './server-log.ts'
import { openPast } from './server-past.ts'
import { sightingOf } from './server-sightings.ts'
import { newEntry, newPhoto, TemporaryStore } from './server-store.ts'

/** The threads that see, which several desks may use one after the other. */
export type Sight = { photos: Photos; gallery: Gallery }

export async function openSight(): Promise<Sight & AsyncDisposable> {
  const photos = new Photos({})
  const gallery = await Gallery.open('dlib-resnet29-1', { length: 128, threads: 1 }, [])
  return {
    photos,
    gallery,
    async [Symbol.asyncDispose]() {
      await Promise.all([photos, gallery].map((part) => part[Symbol.asyncDispose]()))
    },
  }
}

/** What stands where agents show what their cameras see. */
export type Lens = {
  viewing: Viewing | ((place: Place) => Viewing)
  /** What agents were asked for. */
  asked: ({ agent: string } & Watch)[]
  reason: 'optional' | 'required'
  /** How much later it is there, milliseconds. */
  ahead: number
  /** What comes of asking. */
  onAsk?: (agent: string, watch: Watch) => void
}

/** A real desk on a real store, without a gate. */
export class TestDesk {
  readonly answers: HeldToIt
  readonly staff: Staff
  readonly desk: Desk
  readonly stored: TemporaryStore
  readonly audit: AuditLog
  readonly alerts: Alerts
  readonly change: SpaceChange
  readonly lists: Lists
  readonly past: Past
  readonly keeper: Keeper
  readonly thresholds: Thresholds
  readonly channels: Channels
  readonly book: LogBook
  /** Agents that the gate would say are connected. */
  readonly connected: string[]
  readonly cameras: Cameras
  /** Cameras that the gate would say are there, and the time by which they are judged. */
  readonly here: {
    connected: string[]
    cameras: Place[]
    checkable: Place[]
    clock: ManualClock
  }
  readonly live: Live
  readonly lens: Lens
  readonly #listeners: ReadonlySet<object>
  readonly #users: DeskUser[] = []

  static async open(
    deployment: Deployment,
    { photos, gallery }: Sight,
    limits: DoorLimits = USUAL_LIMITS,
  ): Promise<TestDesk> {
    const stored = await TemporaryStore.make()
    const { store } = stored
    const book = new LogBook()
    const { log } = book
    const clock = systemClock
    const alerts = new Alerts({ store: store.alerts, cooldown: 1000, trail: 600_000, clock, log })
    const listeners = new Set<object>()
    const { listen } = alerts
    alerts.listen = (listener) => {
      const unlisten = listen.call(alerts, listener)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        unlisten()
      }
    }
    const galleries = new Galleries({ gallery, calibration: CALIBRATION })
    const config = parseServerConfig('', join(deployment.home, 'server.yaml'))
    await store.spaces.open(gallery.space, clock.now())
    const rejections = await Rejections.open(store.rejections)
    const decisions = new Decisions({ store: store.decisions, alerts, rejections, clock })
    const change = new SpaceChange({
      spaces: store.spaces,
      entries: store.entries,
      galleries,
      photos,
      opener: new SpaceOpener(config, store, clock),
      rejections,
      kept: [],
      clock,
      log,
      onChange: async () => {},
    })
    const strictness = await Strictness.open(store.entries)
    const levels = () => ({ stranger: 0.9121, threshold: 0.95 })
    const health = () => entryHealth({ store, gallery, levels })
    const enrolment = new Enrolment({
      entries: store.entries,
      photos,
      galleries,
      thresholds: () => thresholds,
      strictness,
      onEnrolled: (entry) => {
        change.wake()
        register.enrolled(entry)
      },
      clock,
      log,
    })
    const enrolments = new Enrolments({ enrolment, keys: store.enrolmentKeys })
    const connected: string[] = []
    const { credentials, ledger, home } = deployment
    const heads = { every: 3_600_000, acts: 10_000 }
    const data = stored.folder
    const audit = await AuditLog.open({ store: store.audit, home, data, heads, clock, log })
    const source = new KeySource({ kind: 'file', path: stored.keyFile })
    const keeping = await openKeeping({ store, source, data, audit, clock, log }, (part) => part)
    keeping.forgets((entry) => galleries.remove(entry))
    const place = { host: '127.0.0.1', port: 0 }
    const now = () => connected
    const spoken = () => new Map(connected.map((agent) => [agent, gallery.space]))
    const thresholds = await Thresholds.open({
      store: store.thresholds,
      agents: store.agents,
      space: gallery.space,
      calibration: [
        { falseMatchRate: 1e-3, similarity: 0.93 },
        { falseMatchRate: 1e-5, similarity: 0.955 },
      ],
      budget: 1,
      walks: 1000,
      floor: 0.95,
      entries: () => gallery.entries,
      clock,
      log,
    })
    const places = new Places({
      store: store.places,
      plans: store.plans,
      geocoder: undefined,
      clock,
      log,
    })
    const cameraClock = new ManualClock()
    const here: TestDesk['here'] = { connected, cameras: [], checkable: [], clock: cameraClock }
    const cameras = await Cameras.open({
      store,
      patience: { every: 30_000, limit: 90_000 },
      checking: true,
      present: () => here,
      newId: randomUUID,
      clock: cameraClock,
      log,
    })
    const watchfulness = { cameras, canary: { every: 30_000, limit: 90_000 } }
    const lists = await Lists.open({ store: store.lists, clock, log })
    const register: Register = new Register({
      ...{ store, enrolment, lists, clock, log },
      onRegrouped: async () => {
        await Promise.all([rejections.refresh(), strictness.refresh()])
      },
      onLive: () => {},
    })
    const within = { home: deployment.home, vaultKey: stored.keyFile, console: config.console }
    const judging = {
      doctor: () => examine(checksFromWithin(within, gallery, clock.now())),
      lists,
      register,
      places,
      rejections,
      decisions,
      strictness,
      thresholds: () => thresholds,
      health,
      watchfulness,
    }
    const matching = new Matching({
      ...{ gallery, lists, alerts, rejections, strictness, thresholds, clock },
      decade: 0.01,
      onOver: () => {},
      onNearMiss: () => {},
    })
    const looking = { galleries, alerts, rejections, strictness, clock, log }
    const { past, keeper } = await openPast({ stored, matching, lists, ...looking })
    const lost = (agent: string) => (agent === 'gate-7' ? 3 : 0)
    const office = await Office.open(deployment.home)
    const refresh = () => desk.recheck()
    const registrar = new Registrar({ office, refresh, life: 3_600_000, clock, log })
    const joining = await openJoining({
      host: '127.0.0.1',
      port: 0,
      store: store.invitations,
      office,
      life: 3_600_000,
      refresh,
      gatePort: () => 7443,
      clock,
      log,
    })
    const seeing = { photos, past, enrolment, enrolments, change, galleries, spoken, lost }
    await foundOperators(stored.folder, 'anna', clock.now())
    const staff = await openStaff({
      data: stored.folder,
      office,
      record: store.operatorRecord,
      limits: config.console,
      secondFactor: 'optional',
      secrets: store.vaultSecrets,
      clock,
      log,
    })
    const channels = await Channels.open({
      ...{ store, cameras, lists, log, operators: staff.operators, random: Math.random },
      // Apart from those that are counted.
      alerts: { listen: (listener) => listen.call(alerts, listener) },
      clock: { ...clock, now: () => Date.now() },
      config: { ...config.channels, loopback: true },
      metrics: createMetrics('server'),
    })
    const lens: Lens = { viewing: 'on', asked: [], reason: 'optional', ahead: 0 }
    const live: Live = new Live({
      viewing: (place) => (typeof lens.viewing === 'function' ? lens.viewing(place) : lens.viewing),
      ask: (agent, watch) => {
        lens.asked.push({ agent, ...watch })
        lens.onAsk?.(agent, watch)
      },
      figures: new LiveFigures(createMetrics('server'), { viewers: () => 0, cameras: () => 0 }),
      clock: { ...clock, now: () => clock.now() + lens.ahead },
      log,
    })
    const parts = {
      channels,
      live,
      liveReason: () => lens.reason,
      keeping,
      ...staff,
      secondFactor: 'optional' as const,
      periods: config.retention,
      ...pacing({
        settings: { enrolment: config.enrolment },
        ...{ store, operators: staff.operators },
        clock: { now: () => Date.now() },
        metrics: createMetrics('server'),
      }),
      office,
      takeIn: async () => void (await office.tend()),
      credentials,
      ledger,
      store,
      audit,
      alerts,
      connected: now,
      registrar,
      joining,
      clock,
      log,
      ...judging,
      ...seeing,
    }
    // Looks at Date each time, for tests that put it on.
    const ticking = { ...clock, now: () => Date.now() }
    const answers = new HeldToIt()
    const also = answers.watch
    const doors = { ...place, console: place, limits, also }
    const desk = await Desk.open({ ...doors, ...parts, clock: ticking })
    const own = { answers, staff, desk, channels, stored, audit, alerts, change, thresholds, book }
    const made = { ...own, lists, past, keeper, connected, cameras, here, live, lens }
    return new TestDesk(made, listeners)
  }

  private constructor(
    parts: Pick<
      TestDesk,
      | 'answers'
      | 'staff'
      | 'desk'
      | 'channels'
      | 'stored'
      | 'audit'
      | 'alerts'
      | 'change'
      | 'lists'
      | 'past'
      | 'keeper'
      | 'thresholds'
      | 'book'
      | 'connected'
      | 'cameras'
      | 'here'
      | 'live'
      | 'lens'
    >,
    listeners: ReadonlySet<object>,
  ) {
    this.#listeners = listeners
    this.answers = parts.answers
    this.staff = parts.staff
    this.desk = parts.desk
    this.channels = parts.channels
    this.stored = parts.stored
    this.audit = parts.audit
    this.alerts = parts.alerts
    this.change = parts.change
    this.lists = parts.lists
    this.past = parts.past
    this.keeper = parts.keeper
    this.thresholds = parts.thresholds
    this.book = parts.book
    this.connected = parts.connected
    this.cameras = parts.cameras
    this.here = parts.here
    this.live = parts.live
    this.lens = parts.lens
  }

  /** Somebody who asks over HTTPS, on connections of their own. */
  user(credentials: Credentials): DeskUser {
    const user = new DeskUser(this.desk.port, credentials)
    this.#users.push(user)
    return user
  }

  /** An account for somebody who has a certificate. */
  async account(
    name: string,
    role: Role,
    more: Partial<Scope & { password: string }> = {},
  ): Promise<void> {
    const operator = { name, role, fullName: '', password: null, lists: null, cameras: null }
    const hand = { by: 'server', from: 'server', why: null }
    await this.staff.operators.add({ ...operator, ...more }, hand)
  }

  /** What is on record of these kinds: kind, by whom, and why. */
  acts(...kinds: ActKind[]): [string, string, string | null][] {
    const rows = this.stored
      .elsewhere()
      .prepare('SELECT kind, body FROM acts JOIN actBodies USING (seq) ORDER BY seq')
      .all() as { kind: ActKind; body: string }[]
    return rows
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ kind, body }) => {
        const { by, why } = JSON.parse(body) as Hand
        return [kind, by, why]
      })
  }

  /** Of everything that is stored, save the record and who was here when. */
  digest(): string {
    const db = this.stored.elsewhere()
    const tables = db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
      .pluck()
      .all() as string[]
    const hash = createHash('sha256')
    for (const name of tables.filter((table) => !/^(act|audit)/.test(table))) {
      hash.update(JSON.stringify(db.prepare(`SELECT * FROM ${name}`).all()))
    }
    const accounts = this.staff.operators.all().map(({ seenAt: _, ...account }) => account)
    return hash.update(JSON.stringify(accounts)).digest('hex')
  }

  /** Resolves when so many listen to what happens to alerts. */
  async listening(count: number): Promise<void> {
    while (this.#listeners.size !== count) await new Promise(setImmediate)
  }

  /** An entry that no photograph was needed for. */
  async entry(name = 'Anna Example'): Promise<string> {
    return (await this.stored.store.entries.add(newEntry(name), [newPhoto()])).entry.id
  }

  /** Raises an alert about entry `id`. */
  async alert(id: string, more: Parameters<typeof sightingOf>[1] = {}): Promise<void> {
    const camera = `camera-${Math.random()}`
    await this.alerts.consider(sightingOf(id, { ...more, probe: { camera, ...more.probe } }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#users.map((user) => user[Symbol.asyncDispose]()))
    await this.desk[Symbol.asyncDispose]()
    await this.channels[Symbol.asyncDispose]()
    await this.past[Symbol.asyncDispose]()
    await this.change[Symbol.asyncDispose]()
    await this.thresholds[Symbol.asyncDispose]()
    await this.staff[Symbol.asyncDispose]()
    await this.audit[Symbol.asyncDispose]()
    await this.stored[Symbol.asyncDispose]()
    this.answers.check()
  }
}

export type Answer = {
  status: number
  type: string
  bytes: Buffer
  headers: Record<string, string | string[] | undefined>
}
type Headers = Record<string, string>
export type DeskEvent = { id: number; event: string; data: unknown }
type Asked = NonNullable<Parameters<typeof request>[1]>
export type Upload = { file: string; bytes: Uint8Array }

/** Asks the desk as a person's program would, and shows all of the answer. */
export class DeskUser {
  readonly #origin: string
  readonly #agent: Agent

  constructor(port: number, credentials: Credentials) {
    this.#origin = `https://127.0.0.1:${port}`
    const connect = dialOptions(credentials, { role: 'server' }) as NonNullable<
      Agent.Options['connect']
    >
    this.#agent = new Agent({ connect, connections: 1 })
  }

  get(path: string): Promise<Answer> {
    return this.send(path, { method: 'GET' })
  }

  delete(path: string): Promise<Answer> {
    return this.send(path, { method: 'DELETE' })
  }

  post(path: string, body: unknown, headers: Headers = {}): Promise<Answer> {
    return this.#sendJson('POST', path, body, headers)
  }

  put(path: string, body: unknown, headers: Headers = {}): Promise<Answer> {
    return this.#sendJson('PUT', path, body, headers)
  }

  /** Sends the form that enrols. */
  enrol(
    fields: Record<string, string>,
    photos: readonly Upload[],
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.send('/entries', { method: 'POST', body: formOf(fields, photos), headers })
  }

  /** Asks what would be said of it. */
  check(fields: Record<string, string>, photos: readonly Upload[]): Promise<Answer> {
    return this.send('/entries/check', { method: 'POST', body: formOf(fields, photos) })
  }

  async send(path: string, options: Asked = {}): Promise<Answer> {
    const answer = await this.#request(path, options)
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    return {
      status: answer.statusCode,
      type: String(answer.headers['content-type']),
      bytes,
      headers: answer.headers,
    }
  }

  /** Server-sent events until the desk ends them, or whoever reads leaves. */
  async *events(path: string, lastEventId?: number): AsyncGenerator<DeskEvent> {
    yield* await this.open(path, lastEventId)
  }

  /** The same; resolves when the desk has begun to answer. */
  async open(path: string, lastEventId?: number): Promise<AsyncGenerator<DeskEvent>> {
    const headers = lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }
    const answer = await this.#request(path, { headers })
    if (answer.statusCode === 200) return eventsOf(answer.body.setEncoding('utf8'))
    throw new Error(`${answer.statusCode}: ${await answer.body.text()}`)
  }

  /** The answer as it begins; it goes on for as long as it is read. */
  ask(path: string, options: Asked = {}) {
    return this.#request(path, options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
  }

  #sendJson(method: 'POST' | 'PUT', path: string, body: unknown, more: Headers): Promise<Answer> {
    const headers = { 'content-type': 'application/json', ...more }
    return this.send(path, { method, body: JSON.stringify(body), headers })
  }

  #request(path: string, options: Asked) {
    const url = path.startsWith('/outside') ? path.slice('/outside'.length) : `/api${path}`
    return request(this.#origin + url, { ...options, dispatcher: this.#agent })
  }
}

export function formOf(fields: Record<string, string>, photos: readonly Upload[]): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  for (const { file, bytes } of photos)
    form.append('photo', new Blob([new Uint8Array(bytes)]), file)
  return form
}

/** The JSON of an answer. */
export function jsonOf<T>({ bytes }: Answer): T {
  return JSON.parse(bytes.toString()) as T
}

function eventOf(block: string): DeskEvent {
  const fields = new Map(
    block.split('\n').map((line) => {
      const colon = line.indexOf(': ')
      return [line.slice(0, colon), line.slice(colon + 2)]
    }),
  )
  const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')]
  return { id: Number(id), event: event ?? '', data: JSON.parse(data ?? 'null') }
}

async function* eventsOf(body: AsyncIterable<string>): AsyncGenerator<DeskEvent> {
  let text = ''
  try {
    for await (const chunk of body) {
      const blocks = (text + chunk).split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) if (!block.startsWith(':')) yield eventOf(block)
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'UND_ERR_SOCKET')) throw error
  }
}
