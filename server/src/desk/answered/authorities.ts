import type { Phase } from '@vedette/certs/state'

/** Where a rotation is, and which roots are trusted. */
export type Refreshed = { phase: Phase; trust: string }
