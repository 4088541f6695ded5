import { join } from 'node:path'
import type { ModelOptions } from '@vedette/models/models'
import { Refusal } from '@vedette/shared/errors'
import { Thread, threadModule } from '../thread.ts'
import type { Album } from './album.ts'
import type { Damage } from './damage.ts'
import type { DamageReply, DamageRequest } from './damage-thread.ts'
import { identify, type Probe } from './open-set.ts'
import {
  type Asked,
  askedOf,
  type Entries,
  entriesOf,
  keptOf,
  matedProbe,
  nonMatedProbe,
  type People,
  shuffled,
} from './search-lists.ts'
import { sideBySide } from './side-by-side.ts'

/** The rate at which strangers are flagged by the threshold that everything is held against. */
const FPIR = 0.01

/** Degrees between which faces count as turned aside alike. */
const TURNS = [0, 10, 20, 30, 45, 90]
/** Pictures of one person, at most, that say what a turned head costs. */
const MOST_MORE = 10

/** Who is on the list, by which picture each is looked for, and who is not on it. */
export type Cast = {
  /** `more` are looked at as they are, for how their heads are turned. */
  list: readonly { photo: string; probe: string; more: readonly string[] }[]
  strangers: readonly string[]
}

export type DegradeRow = {
  /** Undefined for the pictures as they are. */
  damage: Damage | undefined
  /** Share of wanted faces missed, and of strangers flagged, at the threshold of undamaged pictures. */
  fnir: number
  fpir: number
  /** Share of all faces that were not found. */
  failures: number
}

/** Faces whose heads were turned aside by `from` … `to` degrees, as far as landmarks tell. */
export type TurnRow = { from: number; to: number; faces: number; fnir: number }

export type DegradeResult = {
  entries: number
  strangers: number
  threshold: number
  rows: DegradeRow[]
  turns: TurnRow[]
}

export type DegradeOptions = {
  images: string
  threads: number
  models: Partial<ModelOptions>
  /** What a power of ten of strangers is worth in similarity. */
  decade: number
  damages: readonly Damage[]
  onProgress: (done: number, total: number) => void
}

/** A list of at most `most` people with two pictures, and as many strangers at most. */
export function castOf(people: People, most: number): Cast {
  const able = [...people.values()].filter((files) => files.length > 1)
  const alone = [...people.values()].flatMap((files) => (files.length === 1 ? files : []))
  const list = shuffled(able, 1)
    .slice(0, most)
    .map(([photo, probe, ...more]) => ({
      photo: photo!,
      probe: probe!,
      more: more.slice(0, MOST_MORE),
    }))
  const strangers = shuffled(alone, 2).slice(0, most)
  if (list.length > 0 && strangers.length > 0) return { list, strangers }
  throw new Refusal(
    'evaluate.too-few',
    `${list.length} people with two pictures, ${strangers.length} with one`,
    {
      hint: 'both kinds are needed: IMAGES/PERSON/picture.jpg',
    },
  )
}

/** How recognition falls off as pictures get worse; `album` has every picture of `cast` as it is. */
export async function degrade(
  album: Album,
  { list, strangers }: Cast,
  { images, threads, models, damages, decade, onProgress }: DegradeOptions,
): Promise<DegradeResult> {
  const entries = entriesOf(
    list.map(({ photo }) => [keptOf(album.get(photo)) ?? []].flat()),
    { decade },
  )
  const judge = (asked: (file: string) => Asked | undefined): Probe[] => [
    ...list.map(({ probe }, owner) => matedProbe(entries, owner, asked(probe))),
    ...strangers.map((file) => nonMatedProbe(entries, asked(file))),
  ]
  const clean = judge((file) => askedOf(album.get(file)))
  const { threshold } = identify(clean, [FPIR]).rates[0]!
  const files = [...list.map(({ probe }) => probe), ...strangers]
  const requests = damages.flatMap((damage) => files.map((file) => ({ damage, file })))
  const found = new Map<Damage, Map<string, DamageReply>>(
    damages.map((damage) => [damage, new Map()]),
  )
  let done = 0
  onProgress(done, requests.length)
  await sideBySide(threads, requests, {
    open: () =>
      new Thread<DamageRequest, DamageReply>(
        threadModule('damage-thread', import.meta.url),
        models,
      ),
    work: async (thread, { damage, file }) => {
      const likeness = album.get(file)
      if (likeness !== undefined && 'eyeDistance' in likeness) {
        const { eyeDistance } = likeness
        const probe = await thread.ask({ file: join(images, file), eyeDistance, damage })
        found.get(damage)!.set(file, probe)
      }
      onProgress(++done, requests.length)
    },
  })
  const rows = [
    rowOf(undefined, clean, threshold),
    ...damages.map((damage) =>
      rowOf(
        damage,
        judge((file) => found.get(damage)!.get(file)),
        threshold,
      ),
    ),
  ]
  const turns = turnRows(album, entries, list, threshold)
  return { entries: list.length, strangers: strangers.length, threshold, rows, turns }
}

/** How many are missed of those whose heads are turned so far, in pictures as they are. */
function turnRows(
  album: Album,
  entries: Entries,
  list: Cast['list'],
  threshold: number,
): TurnRow[] {
  const looks = list.flatMap(({ probe, more }, owner) =>
    [probe, ...more].flatMap((file) => {
      const likeness = album.get(file)
      if (likeness === undefined || 'failure' in likeness) return []
      const searched = matedProbe(entries, owner, likeness)
      return { turn: Math.abs(likeness.yaw), hit: isHit(searched, threshold) }
    }),
  )
  return TURNS.slice(1).flatMap((to, i) => {
    const from = TURNS[i]!
    const some = looks.filter(({ turn }) => turn >= from && turn < to)
    if (some.length === 0) return []
    const missed = some.filter(({ hit }) => !hit).length
    return { from, to, faces: some.length, fnir: missed / some.length }
  })
}

function isHit(probe: Probe, threshold: number): boolean {
  return probe.mated && !('failed' in probe) && probe.rank === 1 && probe.score >= threshold
}

function rowOf(
  damage: Damage | undefined,
  probes: readonly Probe[],
  threshold: number,
): DegradeRow {
  const share = (some: readonly Probe[], all: readonly Probe[]) => some.length / all.length
  const wanted = probes.filter((probe) => probe.mated)
  const others = probes.filter((probe) => !probe.mated)
  const hits = wanted.filter((probe) => isHit(probe, threshold))
  const alarms = others.filter((probe) => !('failed' in probe) && probe.best >= threshold)
  const failed = probes.filter((probe) => 'failed' in probe)
  return {
    damage,
    fnir: 1 - share(hits, wanted),
    fpir: share(alarms, others),
    failures: share(failed, probes),
  }
}
