import { z } from 'zod'
import { holds } from '../lists/hours.ts'
import type { Hours } from '../lists/list.ts'
import { hours } from '../lists/policy.ts'

/** When nobody wants to be told, and what is told all the same. */
export type QuietHours = Hours & {
  /** Alerts of this priority and more urgent ones are told at any hour, 1 to 5; null: none is. */
  urgent: number | null
}

/** What a person may say of quiet hours. */
export const quietHours = hours.extend({
  urgent: z.number().int().min(1).max(5).nullable().default(null),
})

/**
 * Whether something of `priority` (1 is the most urgent) is kept quiet at `at`, epoch milliseconds;
 * what has no priority is kept quiet as the least urgent. Nights and changes of the clock: see `holds`.
 */
export function isQuiet(
  quiet: QuietHours | null,
  priority: number | undefined,
  at: number,
): boolean {
  if (quiet === null || !holds(quiet, at)) return false
  return quiet.urgent === null || (priority ?? 5) > quiet.urgent
}
