import { dirname, join } from 'node:path'
import { type Clock, systemClock } from '@vedette/shared/clock'
import { sql } from 'kysely'
import type { KeyRing } from '../vault/key-ring.ts'
import type { KeySource } from '../vault/key-source.ts'
import { AgentStore } from './agents.ts'
import { AlertStore } from './alerts.ts'
import { AuditStore } from './audit.ts'
import { CameraStore } from './cameras.ts'
import { ChannelStore } from './channels.ts'
import { Condition } from './condition.ts'
import { guarded, type OpenDatabase, openDatabase } from './database.ts'
import { DecisionStore } from './decisions.ts'
import { DeliveryStore } from './deliveries.ts'
import { EnrolmentKeyStore } from './enrolment-keys.ts'
import { EntryStore } from './entries.ts'
import { EntryChangeStore } from './entry-changes.ts'
import { ErasureStore } from './erasure.ts'
import { ImportStore } from './imports.ts'
import { InvitationStore } from './invitations.ts'
import { type ListReading, stateOf, templatesOf } from './list-reading.ts'
import { ListStore } from './lists.ts'
import { NearMissStore } from './near-misses.ts'
import { NoticeStore } from './notices.ts'
import { checkBeside, isLarge, readBeside } from './opening.ts'
import { OperatorRecord } from './operator-record.ts'
import { PAST_FILE, PastStore } from './past/past.ts'
import { PlaceStore } from './places.ts'
import { PlanStore } from './plans.ts'
import { PulseStore } from './pulse.ts'
import { PushSubscriptionStore } from './push-subscriptions.ts'
import { QueueStore } from './queue.ts'
import { type ReferenceState, referenceState } from './reference.ts'
import { RejectionStore } from './rejections.ts'
import { RequestStore } from './requests.ts'
import { RetentionStore } from './retention.ts'
import { Rewrapping } from './rewrapping.ts'
import type { Seals } from './seals.ts'
import { SpaceStore } from './spaces.ts'
import type { SpaceTemplate } from './templates.ts'
import { ThresholdStore } from './thresholds.ts'
import { ThrottleStore } from './throttle.ts'
import { TroubleStore } from './troubles.ts'
import { UsageStore } from './usage.ts'
import { Vault } from './vault.ts'
import { matchKeys } from './vault-keys.ts'
import { VaultSecrets } from './vault-secrets.ts'
import { WhereaboutsStore } from './whereabouts.ts'

export type StoreOptions = {
  file: string
  /** Where the vault's keys come from; a string is the path of a file. */
  keyFile: KeySource | string
  clock?: Clock
  /** How long a write waits while another process has the write lock, milliseconds. */
  patience?: number
  /** Reads the list at once, which will be asked for soon. */
  eager?: boolean
}

type Opened = {
  file: string
  db: OpenDatabase
  vault: Vault
  past: PastStore
  condition: Condition
  reading: ListReading | undefined
}

/** The one door to wanted.db. The daemon is its only user. */
export class Store {
  readonly lists: ListStore
  readonly entries: EntryStore
  readonly enrolmentKeys: EnrolmentKeyStore
  readonly entryChanges: EntryChangeStore
  readonly requests: RequestStore
  readonly alerts: AlertStore
  readonly decisions: DecisionStore
  /** What waits for somebody. */
  readonly queue: QueueStore
  readonly agents: AgentStore
  readonly audit: AuditStore
  readonly retention: RetentionStore
  readonly imports: ImportStore
  readonly invitations: InvitationStore
  readonly deliveries: DeliveryStore
  readonly rejections: RejectionStore
  readonly operatorRecord: OperatorRecord
  readonly places: PlaceStore
  readonly plans: PlanStore
  readonly nearMisses: NearMissStore
  readonly spaces: SpaceStore
  readonly thresholds: ThresholdStore
  readonly cameras: CameraStore
  readonly throttle: ThrottleStore
  readonly troubles: TroubleStore
  readonly pulse: PulseStore
  readonly whereabouts: WhereaboutsStore
  readonly usage: UsageStore
  readonly channels: ChannelStore
  readonly notices: NoticeStore
  readonly pushSubscriptions: PushSubscriptionStore
  /** In a file of its own. */
  readonly past: PastStore
  /** What it can take now. */
  readonly condition: Condition
  /** Whether rows are as they were written. */
  readonly seals: Seals
  readonly vault: Vault
  readonly erasures: ErasureStore
  readonly rewrapping: Rewrapping
  readonly vaultSecrets: VaultSecrets
  readonly #db: OpenDatabase
  /** Of the start; let go as soon as somebody has it. */
  #reading: ListReading | undefined

  /** Throws IntegrityFault where the database or the vault key is not what it must be. */
  static async open({ file, keyFile, eager, ...waiting }: StoreOptions): Promise<Store> {
    const vault = await Vault.open(keyFile)
    const condition = new Condition(waiting.clock ?? systemClock)
    const onWrite = (error?: unknown) => condition.note(error)
    const large = isLarge(file)
    const db = openDatabase(file, { ...waiting, vault, onWrite, checked: large })
    try {
      const ask = () => condition.ask()
      const { key } = db.seals
      const [reading] = await Promise.all([
        large && eager ? readBeside({ file, key, ring: vault.ring }) : undefined,
        large ? checkBeside(file, db.writer) : undefined,
      ])
      const past = await PastStore.open({ file: join(dirname(file), PAST_FILE), vault, ask })
      return new Store({ file, db, vault, past, condition, reading })
    } catch (error) {
      db.close()
      throw error
    }
  }

  private constructor({ file, db, vault, past, condition, reading }: Opened) {
    this.#db = db
    this.#reading = reading
    this.seals = db.seals
    for (const damage of reading?.damages ?? []) db.seals.tell(damage)
    this.rewrapping = new Rewrapping(db, vault)
    this.vaultSecrets = new VaultSecrets(db.queries, vault)
    this.erasures = new ErasureStore(db, file)
    this.vault = vault
    this.past = past
    this.condition = condition
    this.lists = new ListStore(db.queries)
    this.entries = new EntryStore(db.queries, vault, condition)
    this.enrolmentKeys = new EnrolmentKeyStore(db.queries, this.entries)
    this.entryChanges = new EntryChangeStore(db.queries, vault)
    this.requests = new RequestStore(db.queries, this.entries, vault)
    this.alerts = new AlertStore(db.queries, this.entries)
    this.agents = new AgentStore(db.queries)
    this.audit = new AuditStore(db.queries)
    this.retention = new RetentionStore(db.queries)
    this.imports = new ImportStore(db.queries)
    this.invitations = new InvitationStore(db.queries)
    this.deliveries = new DeliveryStore(db.queries)
    this.rejections = new RejectionStore(db.queries, this.entries, this.alerts)
    this.operatorRecord = new OperatorRecord(db.queries)
    this.queue = new QueueStore(db.queries)
    this.decisions = new DecisionStore({
      db: db.queries,
      entries: this.entries,
      rejections: this.rejections,
    })
    this.places = new PlaceStore(db.queries)
    this.plans = new PlanStore(db.queries, vault)
    this.nearMisses = new NearMissStore(db.queries)
    this.spaces = new SpaceStore(db.queries, this.entries)
    this.thresholds = new ThresholdStore(db.queries)
    this.cameras = new CameraStore(db.queries)
    this.throttle = new ThrottleStore(db.queries)
    this.troubles = new TroubleStore(db.queries, vault)
    this.pulse = new PulseStore(db.queries)
    this.whereabouts = new WhereaboutsStore(db.queries)
    this.usage = new UsageStore(db.queries)
    this.channels = new ChannelStore(db.queries, vault)
    this.notices = new NoticeStore(db.queries)
    this.pushSubscriptions = new PushSubscriptionStore(db.queries, vault)
  }

  /** Throws IntegrityFault `vault.*` where the keys of `ring` are not this database's; notes newer ones. */
  matchKeys(ring: KeyRing): void {
    matchKeys(this.#db.writer, new Vault(ring), Date.now())
  }

  /** Wraps the key of what is kept for hours by the newest key of the vault, too. */
  rewrapPast(): Promise<void> {
    return this.past.rewrap()
  }

  /** Templates of `space` that may match at that time. */
  async templates(space: string, liveAt: number): Promise<SpaceTemplate[]> {
    const reading = this.#reading
    if (reading?.space !== space) return this.entries.templates(space, { liveAt })
    this.#reading = undefined
    // What was written since the reading, such as an erasure taken up again, is not in it.
    if (reading.state !== stateOf(this.#db.writer)) {
      return this.entries.templates(space, { liveAt })
    }
    return [...templatesOf(reading, liveAt)]
  }

  /** Which faces can be matched in `space` at a time. */
  reference(space: string, now: number): Promise<ReferenceState> {
    return referenceState(this.#db.queries, space, now)
  }

  /** Resolves when the database has answered. Throws IntegrityFault and Unavailable `store.*`. */
  async answers(): Promise<void> {
    await guarded(() => this.#db.queries.selectFrom('lists').select('id').limit(1).execute())
  }

  /** Empties the write-ahead log, as far as nobody reads from it. Throws Unavailable `store.*`. */
  async empty(): Promise<void> {
    await guarded(() => sql`PRAGMA wal_checkpoint(TRUNCATE)`.execute(this.#db.queries))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.past[Symbol.asyncDispose]()
    this.#db.close()
  }
}
