import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Album } from '@vedette/server/evaluate/album'
import type { Likeness } from '@vedette/server/evaluate/album-thread'
import { comparePairs } from '@vedette/server/evaluate/compare-pairs'
import { identify, type Probe } from '@vedette/server/evaluate/open-set'
import {
  enrolled,
  entriesOf,
  type Kept,
  matedProbe,
  nonMatedProbe,
  type People,
  peopleOf,
  searchLists,
  shuffled,
} from '@vedette/server/evaluate/search-lists'
import { sideBySide } from '@vedette/server/evaluate/side-by-side'
import { Walk } from '@vedette/server/matching/walk'
import { Thread, threadModule } from '@vedette/server/thread'
import type { Embedding } from '@vedette/shared/embedding'
import { median, type Report } from './measure.ts'
import { type Pictures, picturesToCompare } from './recognition-pictures.ts'
import type { Ways } from './recognition-thread.ts'

type Way = keyof Ways['ms']
type Faces = ReadonlyMap<string, Ways>
/** How pictures are enrolled and asked about, and whether an entry is also its centre. */
type Stage = { name: string; template: Way; probe: Way; keep: typeof enrolled }

/** Each adds one improvement to the one before. */
const STAGES: readonly Stage[] = [
  { name: 'plain', template: 'plain', probe: 'plain', keep: alone },
  { name: 'mirrored', template: 'mirrored', probe: 'mirrored', keep: alone },
  { name: 'second-landmarks', template: 'closer', probe: 'closer', keep: alone },
  { name: 'jittered-templates', template: 'jittered', probe: 'closer', keep: alone },
  { name: 'centre', template: 'jittered', probe: 'closer', keep: withCentre },
  { name: 'from-afar', template: 'jittered', probe: 'closer', keep: enrolled },
]

/** Templates and nothing else. */
function alone(kept: readonly Kept[]): Embedding[] {
  return kept.map(({ vector }) => vector)
}

/** And what those of an entry have in common. */
function withCentre(kept: readonly Kept[]): readonly Embedding[] {
  return enrolled(kept.map(({ vector }) => ({ vector })))
}

const FPIR = 0.01
/** Sides of faces that are near, and far, pixels. */
const [NEAR, FAR] = [200, 30]
/** Entries of a list, at most (half of all people), and how often one is drawn. */
const TRACK_LIST = 100
const TRACK_DRAWS = 10
/** Pictures of a person that stand for one walk. */
const TRACK_SHOTS = 2
const THREADS = Math.min(2, availableParallelism())
/** What each improvement of recognition brings, on the development pictures of LFW where they are. */
export async function benchRecognition(report: Report): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'vedette-bench-'))
  try {
    await compare(report, await picturesToCompare(home))
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function compare(report: Report, { images, files, pairs }: Pictures): Promise<void> {
  const people = peopleOf(files)
  const faces = await look(images, files)
  for (const { name, template, probe, keep } of STAGES) {
    const album = albumOf(faces, files, (face) => [face[template], face[probe]])
    const { camera } = comparePairs(album, pairs)
    const missed = (templates: number, size: number) =>
      missedOf(album, people, { templates, most: size, keep })
    // The same people asked about as a camera far away would see them.
    const distant = albumOf(faces, files, (face) => [face[template], face.far])
    const small = missedOf(distant, people, { templates: 1, most: 100, keep })
    report({
      bench: `recognition.${name}`,
      value: camera.accuracy,
      unit: 'of pairs right',
      detail: {
        accuracyError: camera.accuracyError,
        tarAtFar001: camera.tar.find(({ far }) => far === 1e-3)!.tar,
        ...named('fnir100', missed(1, 100)),
        ...named('fnir500', missed(1, 500)),
        ...named('fnir100ThreePhotos', missed(3, 100)),
        ...named('fnir100Eyes12', small),
        msPerTemplate: msOf(faces, template),
        msPerProbe: msOf(faces, probe),
      },
    })
  }
  reportTracks(report, faces, people)
}

/** Two pictures of a person as one walk: asked about alone, and fused as the server fuses them. */
function reportTracks(report: Report, faces: Faces, people: People): void {
  const able = [...people.values()].filter((files) => files.length > TRACK_SHOTS)
  const ways = { 'track-single': single, 'track-fused': fused }
  for (const [name, score] of Object.entries(ways)) {
    const probes = Array.from({ length: TRACK_DRAWS }, (_, draw) =>
      tracksOf(faces, shuffled(able, draw + 1), score),
    ).flat()
    const { rates, rank1, mated, nonMated } = identify(probes, [FPIR])
    report({
      bench: `recognition.${name}`,
      value: rates[0]!.fnir,
      unit: 'missed',
      detail: {
        entries: mated / TRACK_DRAWS,
        strangers: nonMated / TRACK_DRAWS,
        shots: TRACK_SHOTS,
        rank1,
      },
    })
  }
}

/** The first people are listed with their first picture; the next ones of everybody are walks. */
function tracksOf(
  faces: Faces,
  order: readonly (readonly string[])[],
  score: (walk: readonly Ways[]) => Asked | undefined,
): Probe[] {
  const listedPeople = Math.min(TRACK_LIST, order.length >> 1)
  const listed = order.slice(0, listedPeople).map(([photo]) => {
    const face = faces.get(photo!)
    return face === undefined ? [] : [keptOf(face)]
  })
  const entries = entriesOf(listed)
  return order.map((files, owner) => {
    const walk = files.slice(1, 1 + TRACK_SHOTS).flatMap((file) => faces.get(file) ?? [])
    const asked = score(walk)
    const of = asked && { probe: asked.probe, side: NEAR }
    const probe = owner < listedPeople ? matedProbe(entries, owner, of) : nonMatedProbe(entries, of)
    return asked === undefined ? probe : scaled(probe, asked.factor)
  })
}

type Asked = { probe: Embedding; factor: number }

function single([first]: readonly Ways[]): Asked | undefined {
  return first && { probe: first.closer, factor: 1 }
}

/** As matching does it: see decision 15. */
function fused(walk: readonly Ways[]): Asked | undefined {
  const [first] = walk
  if (first === undefined) return undefined
  const whole = new Walk({ agent: '', camera: '', track: '' }, first.closer.length)
  let evidence = { probe: first.closer, coherence: 1 }
  for (const [shot, { closer, quality }] of walk.entries()) {
    evidence = whole.add({ ...NOWHERE, shot, probe: closer, quality })
  }
  return { probe: evidence.probe, factor: Math.sqrt(evidence.coherence) }
}

const NOWHERE = {
  ...{ agent: '', space: '', camera: '', track: '', chip: new Uint8Array() },
  ...{ capturedAt: 0, receivedAt: 0, box: [0, 0, 1, 1] as [number, number, number, number] },
}

function scaled(probe: Probe, factor: number): Probe {
  if ('failed' in probe) return probe
  const best = probe.best * factor
  return probe.mated ? { ...probe, best, score: probe.score * factor } : { ...probe, best }
}

async function look(images: string, files: readonly string[]): Promise<Faces> {
  const faces = new Map<string, Ways>()
  let done = 0
  await sideBySide(THREADS, files, {
    open: () => {
      const module = threadModule('recognition-thread', import.meta.url)
      return new Thread<{ file: string }, Ways | undefined>(module, {})
    },
    work: async (thread, file) => {
      const ways = await thread.ask({ file: join(images, file) })
      if (ways !== undefined) faces.set(file, ways)
      if (++done % 500 === 0) process.stderr.write(`${done} of ${files.length} pictures\n`)
    },
  })
  return faces
}

function keptOf({ jittered, far }: Ways): Kept {
  return { vector: jittered, far }
}

function missedOf(
  album: Album,
  people: People,
  options: { templates: number; most: number; keep: typeof enrolled },
): number | undefined {
  return searchLists(album, people, options)
    .find(({ size }) => size === options.most)
    ?.rates.find(({ fpir }) => fpir === FPIR)?.fnir
}

/** Pictures as `waysOf` chooses: a template, and a probe where the face is large enough for that one. */
function albumOf(
  faces: Faces,
  files: readonly string[],
  waysOf: (face: Ways) => [template: Embedding, probe: Embedding | undefined],
): Album {
  return new Map<string, Likeness>(
    files.map((file) => {
      const face = faces.get(file)
      if (face === undefined) return [file, { failure: 'photo.no-face' }]
      const { quality, far } = face
      const [template, probe] = waysOf(face)
      const side = probe === far ? FAR : NEAR
      return [
        file,
        { template, far, probe: probe ?? face.closer, quality, eyeDistance: 0, side, yaw: 0 },
      ]
    }),
  )
}

function msOf(faces: Faces, way: Way): number {
  return median([...faces.values()].map(({ ms }) => ms[way]))
}

function named(name: string, value: number | undefined): Record<string, number> {
  return value === undefined ? {} : { [name]: value }
}
