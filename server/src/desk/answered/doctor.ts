import type { Finding } from '@vedette/shared/doctor/findings'

/** What was found, and when it was looked at, epoch milliseconds. */
export type Doctored = { at: number; findings: Finding[] }
