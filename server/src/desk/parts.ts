import type { Office } from '@vedette/certs/office'
import type { Clock } from '@vedette/shared/clock'
import type { Finding } from '@vedette/shared/doctor/findings'
import type { Log } from '@vedette/shared/log'
import type { Alerts } from '../alerts/alerts.ts'
import type { Decisions } from '../alerts/decisions.ts'
import type { AuditLog } from '../audit/audit-log.ts'
import type { Registrar } from '../authority/registrar.ts'
import type { Watchfulness } from '../cameras/watchfulness.ts'
import type { Channels } from '../channels/channels.ts'
import type { Register } from '../entries/register.ts'
import type { Enrolment } from '../gallery/enrolment.ts'
import type { Enrolments } from '../gallery/enrolments.ts'
import type { Galleries } from '../gallery/galleries.ts'
import type { Imports } from '../gallery/imports.ts'
import type { Photos } from '../gallery/photos.ts'
import type { Throttle } from '../gallery/throttle.ts'
import type { EntryHealth } from '../health/health.ts'
import type { Joining } from '../join/joining.ts'
import type { Lists } from '../lists/lists.ts'
import type { Live } from '../live/live.ts'
import type { Rejections } from '../matching/rejections.ts'
import type { Strictness } from '../matching/strictness.ts'
import type { Captchas } from '../operators/captchas.ts'
import type { Operators } from '../operators/operators.ts'
import type { SecondFactors } from '../operators/second-factors.ts'
import type { Sessions } from '../operators/sessions.ts'
import type { SignIn, Wish } from '../operators/sign-in.ts'
import type { StepUp } from '../operators/step-up.ts'
import type { Past } from '../past/past.ts'
import type { Places } from '../places/places.ts'
import type { RetentionPeriods } from '../retention/periods.ts'
import type { SpaceChange } from '../spaces/change.ts'
import type { Store } from '../store/store.ts'
import type { Thresholds } from '../thresholds/thresholds.ts'
import type { Keeping } from '../vault/keeping.ts'
import type { Tiles } from './console-config.ts'

/** What the routes of the desk reach. */
export type DeskParts = {
  store: Store
  lists: Lists
  register: Register
  /** Signs how far the record of what was done has come, and what must stand as it was. */
  audit: AuditLog
  alerts: Alerts
  decisions: Decisions
  enrolment: Enrolment
  /** Erasure, keys, backups. */
  keeping: Keeping
  enrolments: Enrolments
  throttle: Throttle
  imports: Imports
  change: SpaceChange
  galleries: Galleries
  rejections: Rejections
  strictness: Strictness
  places: Places
  /** What was seen while nobody looked for it. */
  past: Pick<Past, 'ask' | 'picture' | 'status'>
  photos: Pick<Photos, 'read' | 'redraw'>
  /** Which entries cause trouble, the worst first. */
  health: () => Promise<EntryHealth[]>
  /** What a server can find wrong with its own machine and files. */
  doctor: () => Promise<Finding[]>
  /** Of the space that is active. */
  thresholds: () => Thresholds
  /** Agents that are connected now. */
  connected: () => string[]
  /** Messages of an agent that never came. */
  lost: (agent: string) => number
  /** The embedding space that each of them speaks. */
  spoken: () => ReadonlyMap<string, string>
  /** What is known of every camera. */
  watchfulness: Pick<Watchfulness, 'cameras' | 'canary'>
  /** Who is told outside the desk. */
  channels: Channels
  /** What cameras see, while somebody looks. */
  live: Pick<Live, 'look' | 'looks' | 'seats'>
  /** Whether whoever looks says why. */
  liveReason: () => 'optional' | 'required'
  /** Renews operators' certificates, and takes back anybody's. */
  registrar: Registrar
  joining: Joining
  /** Which authorities sign, and what they signed. */
  office: Office
  /** Takes in what another process changed there; resolves when it is in force. */
  takeIn: () => Promise<void>
  /** How long what is kept is kept. */
  periods: RetentionPeriods
  /** Pictures of the ground that the map may show; left out, it shows what it has itself. */
  tiles?: Tiles | undefined
  /** Who works here, and as what. */
  operators: Operators
  stepUp: StepUp
  /** Who is signed in at the console, and who may. */
  sessions: Sessions
  signIn: SignIn
  factors: SecondFactors
  captchas: Captchas
  secondFactor: Wish
  clock: Clock
  log: Log
}
