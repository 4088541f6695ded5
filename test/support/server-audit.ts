import type { Act } from '@vedette/server/audit/act'

/** An act different for each `n`. */
export function newAct(n: number, more: Partial<Act> = {}): Act {
  const kinds = [
    'entry.viewed',
    'alert.acknowledged',
    'threshold.changed',
    'agent.arrived',
  ] as const
  return {
    kind: kinds[n % kinds.length]!,
    hand: { by: ['anna', 'bert', 'agent:gate-7'][n % 3]!, from: `10.0.0.${n % 200}`, why: null },
    at: 1_763_650_000_000 + n * 1000,
    about: { entry: `entry-${n % 10}` },
    details: { number: n },
    ...more,
  }
}
