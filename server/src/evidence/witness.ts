import type { ModelRow } from '@vedette/models/manifest'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { readModels } from '@vedette/models/registry'
import { type Embedding, encodeEmbedding } from '@vedette/shared/embedding'
import { IntegrityFault } from '@vedette/shared/errors'
import { SOFTWARE } from '@vedette/shared/software'
import type { PastSighting } from '../alerts/alerts.ts'
import type { Galleries } from '../gallery/galleries.ts'
import type { Strictness } from '../matching/strictness.ts'
import type { AgentStore } from '../store/agents.ts'
import type { EntryStore } from '../store/entries.ts'
import type { ListStore } from '../store/lists.ts'
import { decade, doubtOf } from '../thresholds/published.ts'
import type { Thresholds } from '../thresholds/thresholds.ts'
import type { Dossier } from './dossier.ts'

/** What is known of an agent that is here now. */
export type Asker = {
  serial: string
  fingerprint: string
  software: string
  /** The model that finds faces there, where it said. */
  detector: { id: string; sha256: string } | null
}

export type WitnessParts = {
  entries: Pick<EntryStore, 'enrolled'>
  lists: Pick<ListStore, 'get'>
  agents: Pick<AgentStore, 'all'>
  galleries: Galleries
  strictness: Strictness
  /** Of a space that is in use. */
  thresholds: (space: string) => Pick<Thresholds, 'reportFor'> | undefined
  asker: (agent: string) => Asker | undefined
  /** Folder of the installed models. */
  models: { readonly folder: string }
}

type Model = Dossier['models']['embedder']

/** Tells what an alert is raised by and against, at the moment when it is. */
export class Witness {
  readonly #parts: WitnessParts
  readonly #models = new Map<string, Model>()

  constructor(parts: WitnessParts) {
    this.#parts = parts
  }

  /** Throws Refusal where the entry or its list is gone. */
  async tell(sighting: PastSighting): Promise<Dossier> {
    const { entries, lists, galleries } = this.#parts
    const { probe, entryId, list: listId, space, evidence } = sighting
    const [{ photos, templates }, { name, version }, embedder, landmarks] = await Promise.all([
      entries.enrolled(entryId, space),
      lists.get(listId),
      this.#model('embed', space),
      this.#model('landmarks', DEFAULT_MODELS.landmarks),
    ])
    const gallery = galleries.of(space)
    const asker = await this.#asker(probe.agent)
    return {
      software: { server: SOFTWARE, agent: asker?.software ?? null },
      certificate: asker && { serial: asker.serial, fingerprint: asker.fingerprint },
      models: { embedder, landmarks, detector: asker?.detector ?? null },
      list: {
        ...{ id: listId, name, version },
        entries: gallery?.entries ?? 0,
        templates: gallery?.templates ?? 0,
        fingerprint: gallery?.fingerprint ?? '0'.repeat(64),
      },
      threshold: this.#threshold(sighting),
      walk: {
        chips: evidence.chips,
        coherence: evidence.coherence,
        side: evidence.side,
        probe: base64(evidence.probe),
      },
      templates: templates.map(({ id, photo, vector, far }) => ({
        ...{ id, photo },
        vector: base64(vector),
        far: far === undefined ? null : base64(far),
      })),
      photos,
    }
  }

  #threshold({ probe, entryId, list, space, threshold, evidence }: PastSighting) {
    const { thresholds, strictness, galleries } = this.#parts
    const { agent, camera } = probe
    const doubt = doubtOf(evidence.side) * decade(galleries.calibrationOf(space).points)
    const report = thresholds(space)?.reportFor({ agent, camera, list })
    const { origin, wanted, floor, entries, why } = report ?? UNKNOWN
    const { budget, scope, target } = report?.budget ?? { budget: 0, scope: 'file', target: '' }
    return {
      needed: threshold,
      ...{ origin, wanted, floor, entries, why },
      budget: { budget, scope, target },
      // What is measured at a camera is of the faces that it sees.
      doubt: origin === 'measured' ? 0 : doubt,
      strictness: strictness.of(entryId),
    }
  }

  /** Who has gone meanwhile is known by their last greeting. */
  async #asker(
    agent: string,
  ): Promise<(Omit<Asker, 'fingerprint'> & { fingerprint: string | null }) | null> {
    const { asker, agents } = this.#parts
    const here = asker(agent)
    if (here !== undefined) return here
    const known = (await agents.all()).find(({ name }) => name === agent)
    if (known === undefined) return null
    return { serial: known.serial, software: known.software, fingerprint: null, detector: null }
  }

  async #model(task: ModelRow['task'], id: string): Promise<Model> {
    const known = this.#models.get(id)
    if (known !== undefined) return known
    const rows = await readModels(this.#parts.models.folder)
    const row = rows.find((one) => one.task === task && one.id === id)
    if (row === undefined) throw new IntegrityFault('model.unknown', `no ${task} model ${id}`)
    const model = { id, sha256: row.sha256 }
    this.#models.set(id, model)
    return model
  }
}

/** Of a space that was given up at this very moment. */
const UNKNOWN = { origin: 'unknown', wanted: 0, floor: 0, entries: 0, why: [] }

function base64(embedding: Embedding): string {
  return Buffer.from(encodeEmbedding(embedding)).toString('base64')
}
