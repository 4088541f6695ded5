import { matchOf, type Question } from '@vedette/agent/lookout/lookout'
import type { Outgoing } from '@vedette/agent/outbox/outbox'
import { normalise } from '@vedette/shared/embedding'

/** A question that says which it is by its track: `t1`, `t2` … */
export function question(n: number): Question {
  return {
    camera: 'gate-north',
    track: `t${n}`,
    shot: 0,
    capturedAt: 1_763_650_000_000 + n,
    space: 'dlib-resnet29-1',
    probe: normalise(Float32Array.from({ length: 128 }, (_, i) => Math.sin(i + n))),
    box: [10, 20, 30, 40],
    quality: 0.5,
    picture: Uint8Array.of(0xff, 0xd8, 0xff, n & 0xff),
  }
}

/** `question`, as it is put into an outbox. */
export function outgoing(n: number, more: Partial<Question> = {}): Outgoing {
  return matchOf({ ...question(n), ...more })
}
