import { FAR_SIDE } from '@vedette/models/models'
import { type Embedding, similarity } from '@vedette/shared/embedding'
import { Refusal } from '@vedette/shared/errors'
import { vectorsOf } from '../gallery/centre.ts'
import { doubtOf } from '../thresholds/published.ts'
import type { Album } from './album.ts'
import type { Likeness } from './album-thread.ts'
import { type Identification, identify, type Probe } from './open-set.ts'

/** Lists of these lengths are tried as far as there are people for them. */
const SIZES = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]
/** Lists drawn for each length; all their probes count together. */
const DRAWS = 5

/** Who is in which picture: folders are people. */
export type People = ReadonlyMap<string, readonly string[]>

export type ListResult = Identification & {
  /** Entries on the list. */
  size: number
  /** Photographs enrolled of each. */
  templates: number
  draws: number
}

/** People by the folder that their pictures lie in. Throws Refusal where there is none. */
export function peopleOf(files: readonly string[]): People {
  const people = new Map<string, string[]>()
  for (const file of files.toSorted()) {
    const name = file.split('/').slice(0, -1).join('/')
    if (name !== '') people.set(name, [...(people.get(name) ?? []), file])
  }
  if (people.size > 0) return people
  throw new Refusal('evaluate.too-few', 'no folders of pictures, one for each person', {
    hint: 'lay them out as IMAGES/PERSON/picture.jpg; persons with one picture are strangers',
  })
}

/**
 * Open-set identification for growing lists of people with `templates` photographs each. Their other
 * pictures are the mated probes; those of people with one picture only are the strangers'. See
 * Keeping.
 */
export function searchLists(
  album: Album,
  people: People,
  { templates, most, ...keeping }: { templates: number; most: number } & Keeping,
): ListResult[] {
  const strangers = [...people.values()].flatMap((files) => (files.length === 1 ? files : []))
  const able = [...people.values()].filter((files) => files.length > templates)
  const sizes = SIZES.filter((size) => size <= Math.min(most, able.length))
  const all = Math.min(most, able.length)
  if (all > 0 && !sizes.includes(all)) sizes.push(all)
  return sizes.map((size) => {
    const draws = size === able.length ? 1 : DRAWS
    const probes = Array.from({ length: draws }, (_, draw) => {
      const list = shuffled(able, draw + 1).slice(0, size)
      return probesOf(album, list, strangers, templates, keeping)
    })
    return { size, templates, draws, ...identify(probes.flat()) }
  })
}

function probesOf(
  album: Album,
  list: readonly (readonly string[])[],
  strangers: readonly string[],
  templates: number,
  keeping: Keeping,
): Probe[] {
  const kept = list.map((files) =>
    files.slice(0, templates).flatMap((file) => keptOf(album.get(file)) ?? []),
  )
  const entries = entriesOf(kept, keeping)
  const mated = list.flatMap((files, owner) =>
    files.slice(templates).map((file) => matedProbe(entries, owner, askedOf(album.get(file)))),
  )
  const others = strangers.map((file) => nonMatedProbe(entries, askedOf(album.get(file))))
  return [...mated, ...others]
}

/** What is kept of one picture. */
export type Kept = { vector: Embedding; far?: Embedding | undefined }

/** A probe, and the longer side of its face's box, pixels. */
export type Asked = { probe: Embedding; side: number }

/** What is kept of an entry's pictures, and what a power of ten of strangers is worth. */
export type Keeping = { keep?: typeof enrolled; decade?: number }

/** What the gallery keeps of each entry, for faces of any size and for far ones. */
export type Entries = {
  near: readonly (readonly Embedding[])[]
  far: readonly (readonly Embedding[])[]
  /** What a power of ten of strangers is worth in similarity: tiny faces are doubted by a part of it. */
  decade: number
}

export function entriesOf(
  kept: readonly (readonly Kept[])[],
  { keep = enrolled, decade = 0 }: Keeping = {},
): Entries {
  const near = kept.map((pictures) => keep(pictures.map(({ vector }) => ({ vector }))))
  return { near, far: kept.map(keep), decade }
}

/** `asked` about the person who is entry `owner`; nothing where no face was found. */
export function matedProbe(entries: Entries, owner: number, asked: Asked | undefined): Probe {
  if (asked === undefined || entries.near[owner]!.length === 0) return { mated: true, failed: true }
  const scores = scoresOf(entries, asked)
  const score = scores[owner]!
  const rank = 1 + scores.filter((other) => other > score).length
  return { mated: true, rank, score, best: Math.max(...scores) }
}

/** `asked` about somebody who is not on the list; nothing where no face was found. */
export function nonMatedProbe(entries: Entries, asked: Asked | undefined): Probe {
  if (asked === undefined) return { mated: false, failed: true }
  return { mated: false, best: Math.max(-1, ...scoresOf(entries, asked)) }
}

function scoresOf({ near, far, decade }: Entries, { probe, side }: Asked): number[] {
  if (side >= FAR_SIDE) return near.map((entry) => nearest(entry, probe))
  return far.map((entry) => nearest(entry, probe) - doubtOf(side) * decade)
}

/** What the gallery keeps of an entry. */
export function enrolled(kept: readonly Kept[]): readonly Embedding[] {
  return vectorsOf(kept)
}

/** −1 for an entry without a template. */
function nearest(entry: readonly Embedding[], probe: Embedding): number {
  return entry.reduce((best, template) => Math.max(best, similarity(template, probe)), -1)
}

/** What is kept of a picture that is enrolled; nothing where no face was found. */
export function keptOf(likeness: Likeness | undefined): Kept | undefined {
  if (likeness === undefined || 'failure' in likeness) return undefined
  return { vector: likeness.template, far: likeness.far }
}

export function askedOf(likeness: Likeness | undefined): Asked | undefined {
  return likeness !== undefined && 'probe' in likeness ? likeness : undefined
}

/** The same order for the same seed (Fisher-Yates over a linear congruence). */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const order = [...items]
  let state = seed
  for (let i = order.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    const j = Math.floor((state / 2 ** 32) * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}
