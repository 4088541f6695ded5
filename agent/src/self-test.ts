import type { Models } from '@vedette/models/models'
import type { Picture } from '@vedette/models/picture'
import { type Embedding, similarity } from '@vedette/shared/embedding'
import { codeOf, Unavailable } from '@vedette/shared/errors'
import type { SelfTest } from '@vedette/shared/service/watchdog'

const SIDE = 192
/** Two embeddings of the same pixels are as alike as this, or something is broken. */
const ITSELF = 0.9999

type Sees = Pick<Models, 'space' | 'detect' | 'look' | 'probes'>

/**
 * The outbox must answer. That the disk is full is an answer: sightings go on from memory, and would be
 * lost if the agent were started anew for it.
 */
export function outboxTest(outbox: { check(): void }): SelfTest {
  return {
    name: 'outbox',
    run: async () => {
      try {
        outbox.check()
      } catch (error) {
        if (codeOf(error) !== 'store.full') throw error
      }
    },
  }
}

/** What the agent must be able to do at any time: get from pixels to the embedding it always got. */
export function seeingTest(models: Sees): SelfTest {
  const picture = pattern()
  const box = { x: SIDE / 4, y: SIDE / 4, width: SIDE / 2, height: SIDE / 2 }
  const known = new Map<string, Embedding>()
  return {
    name: 'models',
    run: async () => {
      const { space } = models
      await models.detect(picture, { inputs: [SIDE], minScore: 0.9 })
      const faces = await models.look(picture, [{ box, score: 1 }])
      const [probe] = await models.probes(picture, faces)
      const before = known.get(space)
      if (probe === undefined || (before !== undefined && similarity(before, probe) < ITSELF)) {
        throw new Unavailable('models.changed', 'the same pixels no longer give the same embedding')
      }
      // While it was computed another embedder may have taken over.
      if (before === undefined && models.space === space) known.set(space, probe)
    },
  }
}

/** A picture with some structure everywhere, the same each time. */
function pattern(): Picture {
  const data = Uint8Array.from(
    { length: SIDE * SIDE * 3 },
    (_, i) => 128 + 100 * Math.sin(i / 97) * Math.cos(i / 4099),
  )
  return { width: SIDE, height: SIDE, data }
}
