import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { DEFAULT_MODELS } from '@vedette/models/models'
import { type Album, readAlbum } from '@vedette/server/evaluate/album'
import { calibrate } from '@vedette/server/evaluate/calibrate'
import {
  askedOf,
  keptOf,
  type People,
  peopleOf,
  shuffled,
} from '@vedette/server/evaluate/search-lists'
import { vectorsOf } from '@vedette/server/gallery/centre'
import { FALSE_SEARCHES } from '@vedette/server/past/bar'
import { KeptIndex } from '@vedette/server/past/kept-index'
import type { Kept } from '@vedette/server/store/past/sightings'
import { type Calibration, thresholdFor } from '@vedette/server/thresholds/published'
import type { Report } from './measure.ts'
import { picturesToCompare } from './recognition-pictures.ts'

const LENGTH = 128
const SIZES = [50, 100, 200, 500, 1000]
const DRAWS = 5
const THREADS = 2

/**
 * How often a search of the past finds a stranger, and how often it misses who was there: thresholds
 * from one half of the people, walks and entries from the other.
 */
export async function benchPastErrors(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-past-errors-'))
  try {
    const { images, files } = await picturesToCompare(home)
    const album = await readAlbum({
      ...{ images, files, threads: THREADS, far: true, models: DEFAULT_MODELS },
      journal: process.env.VEDETTE_JOURNAL ?? join(home, 'journal'),
      onProgress: () => {},
    })
    const people = shuffled([...peopleOf(files)], 1)
    const half = Math.floor(people.length / 2)
    const { points } = calibrate(album, new Map(people.slice(0, half)), 'one half')
    const others = new Map(people.slice(half))
    for (const photos of [1, 2]) {
      for (const size of SIZES.filter((one) => one <= others.size * 0.8)) {
        await measure(report, album, others, { points, size, photos })
      }
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

type Trial = { points: Calibration; size: number; photos: number }

async function measure(
  report: Report,
  album: Album,
  people: People,
  { points, size, photos }: Trial,
): Promise<void> {
  const needed = thresholdFor(points, size * photos, FALSE_SEARCHES)
  const counts = { searches: 0, found: 0, mated: 0, missed: 0 }
  for (let draw = 1; draw <= DRAWS; draw++) {
    const order = shuffled([...people.entries()], draw)
    const walkers = order.slice(0, size)
    await using index = new KeptIndex(DEFAULT_MODELS.embedder, LENGTH)
    for (const [name, files] of walkers) {
      const asked = askedOf(album.get(files.at(-1)!))
      if (asked !== undefined) await index.put(walkOf(name, asked.side), asked.probe)
    }
    for (const [name, files] of order) {
      const mated = walkers.some(([walker]) => walker === name)
      if (mated && files.length <= photos) continue
      const kept = files.slice(0, photos).flatMap((file) => keptOf(album.get(file)) ?? [])
      if (kept.length === 0) continue
      const near = vectorsOf(kept.map(({ vector }) => ({ vector })))
      const { found } = await index.search(near, needed)
      const right = found.some(({ kept: { camera } }) => camera === name)
      if (mated) {
        counts.mated++
        if (!right) counts.missed++
      } else {
        counts.searches++
        if (found.length > 0) counts.found++
      }
    }
  }
  const { searches, found, mated, missed } = counts
  report({
    bench: `past.errors.${size}.${photos}`,
    value: found / searches,
    unit: 'false searches',
    detail: {
      ...{ needed, walks: size, photographs: photos, wanted: FALSE_SEARCHES },
      ...{ searches, found, mated, missed, fnir: mated === 0 ? Number.NaN : missed / mated },
    },
  })
}

/** A walk that knows by its camera whose it is. */
function walkOf(name: string, side: number): Kept {
  return {
    ...{ id: name, slot: '', agent: 'bench', camera: name, track: name },
    ...{ space: DEFAULT_MODELS.embedder, from: 0, until: 0, at: 0, receivedAt: 0, shot: 0 },
    ...{ quality: 1, box: [0, 0, side, side], side, coherence: 1, chips: 1 },
    ...{ pictured: false, bytes: 0 },
  }
}
