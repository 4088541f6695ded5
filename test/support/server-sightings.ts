import type { Sighting } from '@vedette/server/alerts/alerts'
import type { Probe } from '@vedette/server/probe'
import { seeded } from './agent-random.ts'
import { SPACE } from './server-store.ts'
import { scattered } from './server-vectors.ts'

let tracks = 0
let faces = 0
let shots = 0

/** A sighting of entry `entryId`, on a track of its own unless `probe` says which. */
export function sightingOf(
  entryId: string,
  { probe = {}, ...more }: Partial<Omit<Sighting, 'probe'>> & { probe?: Partial<Probe> } = {},
): Sighting {
  const capturedAt = probe.capturedAt ?? 1_763_650_000_000
  const face = probe.probe ?? scattered(1, 128, seeded(++faces))[0]!
  return {
    standing: 'reached',
    certain: false,
    rival: null,
    evidence: { probe: face, coherence: 1, chips: 1, side: 40 },
    entryId,
    list: 'wanted',
    templateId: 'template',
    score: 0.96,
    threshold: 0.95,
    runnerUp: null,
    space: SPACE,
    ...more,
    probe: {
      agent: 'gate-7',
      space: SPACE,
      camera: 'north',
      track: `walk-${++tracks}`,
      // Of a walk that the test knows each is another: the same frame again would say nothing new.
      shot: probe.track === undefined ? 0 : ++shots,
      capturedAt,
      receivedAt: capturedAt + 20,
      probe: face,
      box: [1, 2, 30, 40],
      quality: 0.8,
      chip: Buffer.from('chip'),
      ...probe,
    },
  }
}
