import { z } from 'zod'
import { isCamera } from '../lists/policy.ts'
import type { AlertChange } from '../store/alerts.ts'
import { type Rules, TOLD, type Told } from './channel.ts'
import { isQuiet, quietHours } from './hours.ts'

const MOST_NAMED = 200

/** What a person may say of what a channel is told. */
export const rulesSchema = z.strictObject({
  lists: z.array(z.string().max(63)).min(1).max(MOST_NAMED).nullable().default(null),
  priority: z.number().int().min(1).max(5).default(5),
  cameras: z
    .array(z.string().refine(isCamera, 'write AGENT/CAMERA, or AGENT/* for all of an agent'))
    .min(1)
    .max(MOST_NAMED)
    .nullable()
    .default(null),
  quiet: quietHours.nullable().default(null),
  confirmed: z.boolean().default(false),
  kinds: z
    .array(z.enum(TOLD))
    .min(1)
    .default([...TOLD]),
  names: z.boolean().default(false),
  picture: z.boolean().default(false),
  language: z.enum(['en', 'de']).default('en'),
})

/** Something that happened, and whether the channel was told of that alert before. */
export type News = Pick<AlertChange, 'kind'> & {
  alert: Pick<AlertChange['alert'], 'list' | 'agent' | 'camera' | 'certainty' | 'state'>
  /** Of its list; undefined once that is gone. */
  priority: number | undefined
  told: boolean
  now: number
}

/** What happens to an alert that was told already, as it is told. */
const FOLLOWING: Partial<Record<AlertChange['kind'], Told>> = {
  confirmed: 'confirmed',
  escalated: 'escalated',
  acknowledged: 'acknowledged',
  withdrawn: 'withdrawn',
  resolved: 'resolved',
  reopened: 'reopened',
  // Somebody sees to it, or it waits for somebody again.
  parked: 'acknowledged',
  affirmed: 'acknowledged',
  returned: 'reopened',
  disputed: 'reopened',
}
/** What may make an alert worth telling that was not told before. */
const BEGINNING: ReadonlySet<AlertChange['kind']> = new Set([
  'raised',
  'confirmed',
  'current',
  'escalated',
  'reopened',
  'returned',
  'disputed',
  'undone',
])
/** Nobody is woken by these: they end what somebody was told. */
const ENDING: ReadonlySet<Told> = new Set(['acknowledged', 'withdrawn', 'resolved'])

/**
 * What a channel is told of `news`, undefined where nothing. Whoever was told of an alert is told of
 * its end at any hour: an alert that is taken back is taken back everywhere.
 */
export function tellsOf(rules: Rules, news: News): Told | undefined {
  const { kind, alert, told, priority, now } = news
  const what = told ? followingOf(kind, alert) : beginningOf(rules, kind, alert)
  if (what === undefined || !rules.kinds.includes(what)) return undefined
  if (told && ENDING.has(what)) return what
  if ((priority ?? 5) > rules.priority || isQuiet(rules.quiet, priority, now)) return undefined
  if (rules.lists !== null && !rules.lists.includes(alert.list)) return undefined
  return seesCamera(rules, alert) ? what : undefined
}

/** Whether a channel is told of a camera that cannot be relied upon: what has no priority is urgent. */
export function tellsOfCamera(
  rules: Rules,
  what: 'camera' | 'canary',
  camera: { agent: string; camera: string },
  now: number,
): boolean {
  if (!rules.kinds.includes(what) || !seesCamera(rules, camera)) return false
  return !isQuiet(rules.quiet, 1, now)
}

function followingOf(kind: AlertChange['kind'], { state }: News['alert']): Told | undefined {
  if (kind !== 'undone') return FOLLOWING[kind]
  return state === 'open' ? 'reopened' : state === 'resolved' ? 'resolved' : 'acknowledged'
}

function beginningOf(
  rules: Rules,
  kind: AlertChange['kind'],
  { certainty, state }: News['alert'],
): Told | undefined {
  if (!BEGINNING.has(kind) || state !== 'open' || certainty === 'withdrawn') return undefined
  if (rules.confirmed && certainty !== 'confirmed') return undefined
  return kind === 'escalated' ? 'escalated' : 'new'
}

function seesCamera({ cameras }: Rules, { agent, camera }: { agent: string; camera: string }) {
  return (
    cameras === null || cameras.includes(`${agent}/*`) || cameras.includes(`${agent}/${camera}`)
  )
}
