import type { TroubleKind } from '@vedette/shared/message'
import type { CameraRecord } from '../store/cameras.ts'
import type { Place } from './canary-tokens.ts'
import type { Verdict } from './state.ts'

/** How a camera does, as the desk tells it. Times are epoch milliseconds. */
export type CameraStatus = CameraRecord &
  Verdict & {
    connected: boolean
    /** Since when the state is what it is. */
    stateSince: number
    /** Canaries in a row that did not pass. */
    missed: number
    troubles: { kind: TroubleKind; since: number }[]
  }

/** What is known of a camera between two reviews; `since`: when this server began to know it. */
export type Known = CameraRecord &
  Verdict & {
    since: number
    stateSince: number
    missed: number
    troubles: Map<TroubleKind, number>
  }

/** A camera of which nothing is known yet but its record. */
export function newlyKnown(record: CameraRecord, now: number): Known {
  const verdict = { state: 'amber', why: 'waiting' } as const
  const fresh = { since: now, stateSince: now, missed: 0, troubles: new Map() }
  return { ...record, ...verdict, ...fresh }
}

export function keyOf({ agent, camera }: Place): string {
  return `${agent}/${camera}`
}

export function statusOf(known: Known, connected: boolean): CameraStatus {
  const { since: _, troubles, ...status } = known
  return {
    ...status,
    connected,
    troubles: [...troubles].map(([kind, since]) => ({ kind, since })),
  }
}
