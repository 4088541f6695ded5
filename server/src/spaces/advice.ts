import { DEFAULT_MODELS } from '@vedette/models/models'

/** What is known of the list when it is judged. */
export type ListFacts = {
  /** The embedding space that is active. */
  space: string
  entries: number
  templates: number
}

/** Lists longer than these are more than the default weights can tell apart (decision 13). */
const MOST_ENTRIES = 300
const MOST_ENTRIES_OF_ONE_PHOTO = 100
/** Photographs an entry below which a list counts as one of single photographs. */
const FEW_PHOTOS = 1.5

export type Advice = { code: 'list.too-long'; message: string; hint: string }

/** What should be said of a list that is too long for the weights that match it; else nothing. */
export function adviceFor({ space, entries, templates }: ListFacts): Advice | undefined {
  if (space !== DEFAULT_MODELS.embedder) return undefined
  const single = templates < entries * FEW_PHOTOS
  if (entries <= (single ? MOST_ENTRIES_OF_ONE_PHOTO : MOST_ENTRIES)) return undefined
  const photos = single ? ', most with a single photograph,' : ''
  return {
    code: 'list.too-long',
    message: `${entries} entries${photos} are more than the built-in weights tell apart: many wanted people will be missed`,
    hint: 'install stronger models: vedette models install yunet sface; and enrol three photographs of each person',
  }
}
