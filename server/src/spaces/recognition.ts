import { DEFAULT_MODELS } from '@vedette/models/models'
import type { Clock } from '@vedette/shared/clock'
import type { Log } from '@vedette/shared/log'
import { Alerts } from '../alerts/alerts.ts'
import type { Stopwatches } from '../figures.ts'
import { Enrolment } from '../gallery/enrolment.ts'
import { Enrolments } from '../gallery/enrolments.ts'
import type { Galleries } from '../gallery/galleries.ts'
import { Photos } from '../gallery/photos.ts'
import { type NearMissLog, openNearMissLog } from '../matching/near-miss-log.ts'
import { Rejections } from '../matching/rejections.ts'
import { Strictness } from '../matching/strictness.ts'
import type { Own } from '../opening.ts'
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
  strictness: Strictness
  nearMisses: NearMissLog
  usage: UsageLog
  judges: Judges
  comparison: Comparison
  change: SpaceChange
  enrolment: Enrolment
  enrolments: Enrolments
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
  stopwatches: Stopwatches
  /** Whether an agent is not here now. */
  away: (agent: string) => boolean
  /** Called when agents should have another model. */
  onOffer: () => void
  clock: Clock
  log: Log
}

/** Every part that has a life is given to `own`. */
export async function openRecognition(
  { settings, store, stopwatches, away, onOffer, clock, log }: RecognitionOptions,
  own: Own,
): Promise<Recognition> {
  const spaces = await store.spaces.open(DEFAULT_MODELS.embedder, clock.now())
  const opener = new SpaceOpener(settings, store.entries, clock, (s) => stopwatches.searched(s))
  const galleries = own(await opener.openAll(spaces, log))
  const photos = own(new Photos(settings.models))
  const alerts = new Alerts({
    store: store.alerts,
    get cooldown() {
      return settings.match.cooldown
    },
    get trail() {
      return settings.match.trail
    },
    clock,
    log,
  })
  const rejections = await Rejections.open({
    store: store.rejections,
    alerts,
    clock,
    onRejected: (alert) => {
      if (!alert.late) judges.of(alert.space)?.thresholds.rejected(alert, alert.score)
      change.wake()
    },
  })
  const strictness = await Strictness.open(store.entries)
  const nearMisses = own(openNearMissLog(store.nearMisses, clock, log))
  const usage = own(new UsageLog(store.usage, clock, log))
  const kept = { store, nearMisses, usage, clock, log }
  const judging = { ...kept, settings, alerts, away, rejections, strictness }
  const judges = own(await openJudges(galleries, judging))
  alerts.listen(({ kind, alert }) => {
    const thresholds = judges.of(alert.space)?.thresholds
    if (kind === 'raised' && !alert.late) thresholds?.alerted(alert)
    if (kind === 'restored' && !alert.late) thresholds?.restored(alert, alert.score)
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
    onEnrolled: () => change.wake(),
    clock,
    log,
  })
  const enrolments = new Enrolments({ enrolment, keys: store.enrolmentKeys })
  return {
    ...{ opener, galleries, photos, alerts, rejections, strictness, nearMisses },
    ...{ usage, judges, comparison, change, enrolment, enrolments },
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
