import { isName } from '@vedette/shared/identity'
import { z } from 'zod'
import { isZone } from './hours.ts'
import { DAY_MS, DEMANDS, KINDS, type ListPolicy, SOUNDS, type Weekday } from './list.ts'

const MINUTE_MS = 60_000
const MOST_NAMED = 200

const life = z
  .number()
  .int()
  .min(60 * MINUTE_MS)
  .max(3650 * DAY_MS)
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'write HH:MM')
const day = z
  .number()
  .int()
  .min(1)
  .max(7)
  .transform((number) => number as Weekday)

/** Wall-clock time, as people say it. */
export const hours = z.strictObject({
  zone: z.string().max(64).refine(isZone, 'no such time zone: write it like Europe/Berlin'),
  spans: z
    .array(
      z.strictObject({
        days: z.array(day).min(1).max(7),
        from: time,
        to: z.union([time, z.literal('24:00')]),
      }),
    )
    .min(1)
    .max(50),
})

/** What an operator may say of a list. */
export const policyChange = z
  .strictObject({
    name: z.string().trim().min(1).max(100),
    kind: z.enum(KINDS),
    colour: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, 'write a colour like #d32f2f')
      .toLowerCase(),
    priority: z.number().int().min(1).max(5),
    cameras: z
      .array(z.string().refine(isCamera, 'write AGENT/CAMERA, or AGENT/* for all of an agent'))
      .min(1)
      .max(MOST_NAMED)
      .nullable(),
    hours: hours.nullable(),
    viewers: z
      .array(z.string().refine(isName, 'no name of an operator'))
      .max(MOST_NAMED)
      .nullable(),
    approvals: z.union([z.literal(1), z.literal(2)]),
    confirmations: z.union([z.literal(1), z.literal(2)]),
    sound: z.enum(SOUNDS),
    quiet: hours.nullable(),
    boardNames: z.boolean(),
    keepFor: z.number().int().min(0).max(720),
    keepPictures: z.boolean(),
    escalateAfter: z.number().int().min(10_000).max(DAY_MS).nullable(),
    demands: z.array(z.enum(DEMANDS)),
    usualLife: life,
    longestLife: life,
  })
  .partial()

export type PolicyChange = z.output<typeof policyChange>

/** What `after` asks less of people than `before`: names of what was weakened. */
export function weakened(before: ListPolicy, after: ListPolicy): string[] {
  const weaker = {
    approvals: after.approvals < before.approvals,
    confirmations: after.confirmations < before.confirmations,
    demands: before.demands.some((demand) => !after.demands.includes(demand)),
    longestLife: after.longestLife > before.longestLife,
  }
  return Object.entries(weaker).flatMap(([name, is]) => (is ? name : []))
}

/** Names of what differs. */
export function changesOf(before: ListPolicy, after: ListPolicy): string[] {
  const keys = Object.keys(after) as (keyof ListPolicy)[]
  return keys.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
}

/** AGENT/CAMERA, or AGENT/* for all of an agent. */
export function isCamera(text: string): boolean {
  const [agent = '', camera = '', ...more] = text.split('/')
  return more.length === 0 && isName(agent) && (camera === '*' || isName(camera))
}
