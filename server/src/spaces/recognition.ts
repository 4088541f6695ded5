import { DEFAULT_MODELS } from '@vedette/models/models'
import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import { Alerts } from '../alerts/alerts.ts'
import { Decisions } from '../alerts/decisions.ts'
import { Expiry } from '../entries/expiry.ts'
import { Register } from '../entries/register.ts'
import { type Asker, Witness } from '../evidence/witness.ts'
import type { Stopwatches } from '../figures.ts'
import { Enrolment } from '../gallery/enrolment.ts'
import { Enrolments } from '../gallery/enrolments.ts'
import type { Galleries } from '../gallery/galleries.ts'
import { Photos } from '../gallery/photos.ts'
import type { Lists } from '../lists/lists.ts'
import { type NearMissLog, openNearMissLog } from '../matching/near-miss-log.ts'
import { Rejections } from '../matching/rejections.ts'
import { Strictness } from '../matching/strictness.ts'
import type { Own } from '../opening.ts'
import { Keeper } from '../past/keeper.ts'
import { Past } from '../past/past.ts'
import { policiesOf } from '../past/policy.ts'
import type { Probe } from '../probe.ts'
import { UsageLog } from '../report/usage-log.ts'
import type { Settings } from '../settings.ts'
import type { Store } from '../store/store.ts'
import { SpaceChange } from './change.ts'
import { Comparison } from './comparison.ts'
import { openJudges } from './judge.ts'
import type { Judges } from './judges.ts'
import { Offer } from './offer.ts'
import { SpaceOpener } from './space-opener.ts'

/** Says who somebody is: what is searched, what judges, what comes of it, and how all that changes. */
export type Recognition = {
  opener: SpaceOpener
  galleries: Galleries
  photos: Photos
  alerts: Alerts
  rejections: Rejections
  decisions: Decisions
  strictness: Strictness
  nearMisses: NearMissLog
  usage: UsageLog
  past: Past
  judges: Judges
  comparison: Comparison
  change: SpaceChange
  enrolment: Enrolment
  enrolments: Enrolments
  register: Register
  expiry: Expiry
  /** The model that agents should have. */
  offer: () => Offer
  /** Components of an embedding of `space`; undefined where agents may not speak it. */
  lengthOf: (space: string) => number | undefined
  /** Resolves when all that comes of the probe is on disk. */
  consider: (probe: Probe) => Promise<void>
}

export type RecognitionOptions = {
  settings: Settings
  store: Store
  lists: Lists
  stopwatches: Stopwatches
  /** Whether an agent is not here now. */
  away: (agent: string) => boolean
  /** What an agent that is here showed and said of itself. */
  asker: (agent: string) => Asker | undefined
  /** Called when agents should have another model. */
  onOffer: () => void
  clock: Clock
  log: Log
}

/** Every part that has a life is given to `own`. */
export async function openRecognition(
  { settings, store, lists, stopwatches, away, asker, onOffer, clock, log }: RecognitionOptions,
  own: Own,
): Promise<Recognition> {
  const spaces = await store.spaces.open(DEFAULT_MODELS.embedder, clock.now())
  const opener = new SpaceOpener(settings, store, clock, (s) => stopwatches.searched(s))
  const galleries = own(await opener.openAll(spaces, log))
  const photos = own(new Photos(settings.models))
  const strictness = await Strictness.open(store.entries)
  const witness = new Witness({
    ...{ entries: store.entries, lists: store.lists, agents: store.agents },
    ...{ galleries, strictness, asker },
    models: settings.models,
    thresholds: (space) => judges.of(space)?.thresholds,
  })
  const alerts = new Alerts({
    store: store.alerts,
    witness: (sighting) => witness.tell(sighting),
    get cooldown() {
      return settings.match.cooldown
    },
    get trail() {
      return settings.match.trail
    },
    clock,
    log,
  })
  const rejections = await Rejections.open(store.rejections)
  const decisions = new Decisions({ store: store.decisions, alerts, rejections, clock })
  const nearMisses = own(openNearMissLog(store.nearMisses, clock, log))
  const usage = own(new UsageLog(store.usage, clock, log))
  const policies = () => policiesOf(lists)
  const keeper = own(
    await Keeper.open({
      store: store.past,
      policies,
      most: settings.past,
      clock,
      log,
    }),
  )
  const kept = { store, nearMisses, usage, keeper, clock, log }
  const judging = { ...kept, settings, lists, alerts, away, rejections, strictness }
  const judges = own(await openJudges(galleries, judging))
  const past = own(
    new Past({
      store: store.past,
      entries: store.entries,
      alertStore: store.alerts,
      audit: store.audit,
      ...{ keeper, policies, alerts, galleries, judges, rejections, strictness, clock, log },
    }),
  )
  alerts.listen(({ kind, outcome, alert }) => {
    if (kind === 'resolved' && outcome === 'false') change.wake()
    if (alert.late) return
    const thresholds = judges.of(alert.space)?.thresholds
    if (kind === 'raised') thresholds?.alerted(alert)
    if (kind === 'undone' && alert.outcome !== null) {
      thresholds?.judged(alert, alert.outcome, alert.score)
    }
    if (outcome === null) return
    if (kind === 'resolved') thresholds?.judged(alert, outcome, alert.score)
    if (kind === 'reopened' || kind === 'undone') {
      thresholds?.unjudged(alert, outcome, alert.score)
    }
  })
  const comparison = new Comparison({
    spaces: store.spaces,
    galleries,
    bar: (space, place) => judges.of(space)?.thresholds.for(place).threshold,
    photos,
    clock,
    log,
  })
  await comparison.refresh()
  let offer = await Offer.of(await opener.find(galleries.active.space))
  const change = own(
    new SpaceChange({
      spaces: store.spaces,
      entries: store.entries,
      galleries,
      photos,
      opener,
      rejections,
      kept: spaces.filter(({ role }) => role === 'kept').map(({ id }) => id),
      clock,
      log,
      onChange: async () => {
        await judges.refresh()
        await comparison.refresh()
        offer = await Offer.of(await opener.find(galleries.active.space))
        onOffer()
      },
    }),
  )
  const enrolment = new Enrolment({
    entries: store.entries,
    photos,
    galleries,
    thresholds: () => judges.active.thresholds,
    strictness,
    past,
    onEnrolled: (entry) => {
      change.wake()
      register.enrolled(entry)
    },
    clock,
    log,
  })
  const enrolments = new Enrolments({ enrolment, keys: store.enrolmentKeys })
  const register: Register = new Register({
    ...{ store, enrolment, lists, clock, log },
    onRegrouped: async () => {
      await Promise.all([rejections.refresh(), strictness.refresh()])
    },
    onLive: (id, hand) => {
      change.wake()
      void past.onEnrolled(id, hand)
    },
  })
  await register.sweep()
  const expiry = own(new Expiry({ register, store: store.entryChanges, clock, log }))
  return {
    ...{ register, expiry },
    ...{ opener, galleries, photos, alerts, rejections, decisions, strictness },
    ...{ nearMisses, usage, past, judges, comparison, change, enrolment, enrolments },
    offer: () => offer,
    lengthOf: (space) => (change.speaks(space) ? galleries.of(space)?.length : undefined),
    consider: async (probe) => {
      comparison.offer(probe)
      usage.searched(probe)
      const began = performance.now()
      await judges.consider(probe)
      stopwatches.judged((performance.now() - began) / 1000)
    },
  }
}
