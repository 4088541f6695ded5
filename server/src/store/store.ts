import { AgentStore } from './agents.ts'
import { AlertStore } from './alerts.ts'
import { AuditStore } from './audit.ts'
import { CameraStore } from './cameras.ts'
import { guarded, type OpenDatabase, openDatabase } from './database.ts'
import { DeliveryStore } from './deliveries.ts'
import { EnrolmentKeyStore } from './enrolment-keys.ts'
import { EntryStore } from './entries.ts'
import { InvitationStore } from './invitations.ts'
import { ListStore } from './lists.ts'
import { NearMissStore } from './near-misses.ts'
import { PlaceStore } from './places.ts'
import { PulseStore } from './pulse.ts'
import { RejectionStore } from './rejections.ts'
import { SpaceStore } from './spaces.ts'
import { ThresholdStore } from './thresholds.ts'
import { TroubleStore } from './troubles.ts'
import { UsageStore } from './usage.ts'
import { Vault } from './vault.ts'

/** The one door to wanted.db. The daemon is its only user. */
export class Store {
  readonly lists: ListStore
  readonly entries: EntryStore
  readonly enrolmentKeys: EnrolmentKeyStore
  readonly alerts: AlertStore
  readonly agents: AgentStore
  readonly audit: AuditStore
  readonly invitations: InvitationStore
  readonly deliveries: DeliveryStore
  readonly rejections: RejectionStore
  readonly places: PlaceStore
  readonly nearMisses: NearMissStore
  readonly spaces: SpaceStore
  readonly thresholds: ThresholdStore
  readonly cameras: CameraStore
  readonly troubles: TroubleStore
  readonly pulse: PulseStore
  readonly usage: UsageStore
  readonly #db: OpenDatabase

  /** Throws IntegrityFault where the database or the vault key is not what it must be. */
  static async open({ file, keyFile }: { file: string; keyFile: string }): Promise<Store> {
    const vault = await Vault.open(keyFile)
    return new Store(openDatabase(file), vault)
  }

  private constructor(db: OpenDatabase, vault: Vault) {
    this.#db = db
    this.lists = new ListStore(db.queries)
    this.entries = new EntryStore(db.queries, vault)
    this.enrolmentKeys = new EnrolmentKeyStore(db.queries, this.entries)
    this.alerts = new AlertStore(db.queries, this.entries)
    this.agents = new AgentStore(db.queries)
    this.audit = new AuditStore(db.queries)
    this.invitations = new InvitationStore(db.queries)
    this.deliveries = new DeliveryStore(db.queries)
    this.rejections = new RejectionStore(db.queries, this.entries, this.alerts)
    this.places = new PlaceStore(db.queries)
    this.nearMisses = new NearMissStore(db.queries)
    this.spaces = new SpaceStore(db.queries, this.entries)
    this.thresholds = new ThresholdStore(db.queries)
    this.cameras = new CameraStore(db.queries)
    this.troubles = new TroubleStore(db.queries, vault)
    this.pulse = new PulseStore(db.queries)
    this.usage = new UsageStore(db.queries)
  }

  /** Resolves when the database has answered. Throws IntegrityFault and Unavailable `store.*`. */
  async answers(): Promise<void> {
    await guarded(() => this.#db.queries.selectFrom('lists').select('id').limit(1).execute())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#db.close()
  }
}
