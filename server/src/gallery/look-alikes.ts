import { type Embedding, similarity } from '@vedette/shared/embedding'
import type { Entry, EntryStore } from '../store/entries.ts'
import type { Gallery } from './gallery.ts'

/** Somebody on a list who looks much the same. */
export type LookAlike = {
  entry: string
  name: string
  list: string
  /** How alike they are, and what is taken for one person. */
  score: number
  threshold: number
  same: boolean
}

export type LookAlikeOptions = {
  entries: EntryStore
  gallery: Gallery
  /** From here on it is said, and from here on it is taken for one person. */
  shown: number
  same: number
  /** Whether whoever asks may know of a list. */
  sees: (list: string) => boolean
  /** An entry that is no look-alike of itself. */
  except?: string
}

/** Of two strangers' pictures one in so many is as alike as what is called a stranger's. */
export const STRANGER_RATE = 0.01
/** A look-alike is said where a stranger has one with this probability. */
export const SHOWN_RATE = 0.1
const MOST = 5

/** Who on the list looks like one of `templates`, the most alike first. */
export async function lookAlikesOf(
  templates: readonly Embedding[],
  { entries, gallery, shown, same, sees, except }: LookAlikeOptions,
): Promise<LookAlike[]> {
  const best = new Map<string, number>()
  for (const found of await Promise.all(templates.map((one) => gallery.search(one)))) {
    for (const { entryId, list, score } of found) {
      if (score >= shown && sees(list) && entryId !== except) {
        best.set(entryId, Math.max(score, best.get(entryId) ?? -1))
      }
    }
  }
  const nearest = [...best].toSorted(([, p], [, q]) => q - p).slice(0, MOST)
  const named = nearest.map(async ([id, score]) => {
    const entry = await entries.get(id).catch((): Entry | undefined => undefined)
    if (entry === undefined) return [] // taken off the list meanwhile
    const { name, list } = entry
    return [{ entry: id, name, list, score, threshold: same, same: score >= same }]
  })
  return (await Promise.all(named)).flat()
}

/**
 * How many different people among `lookAlikes` it would be taken for: entries that look like one
 * another count once.
 */
export async function peopleAmong(
  lookAlikes: readonly LookAlike[],
  { entries, gallery, same }: Pick<LookAlikeOptions, 'entries' | 'gallery' | 'same'>,
): Promise<number> {
  const people: Embedding[][] = []
  for (const { entry } of lookAlikes.filter((one) => one.same)) {
    const templates = await entries.templates(gallery.space, { entry })
    const vectors = templates.map(({ vector }) => vector)
    const known = people.some((person) =>
      person.some((one) => vectors.some((other) => similarity(one, other) >= same)),
    )
    if (!known) people.push(vectors)
  }
  return people.length
}
