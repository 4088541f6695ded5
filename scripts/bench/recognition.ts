import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Album } from '@vedette/server/evaluate/album'
import type { Likeness } from '@vedette/server/evaluate/album-thread'
import { comparePairs } from '@vedette/server/evaluate/compare-pairs'
import { identify, type Probe } from '@vedette/server/evaluate/open-set'
import {
  enrolled,
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
type Stage = { name: string; template: Way; probe: Way; centre: boolean }

/** Each adds one improvement to the one before. */
const STAGES: readonly Stage[] = [
  { name: 'plain', template: 'plain', probe: 'plain', centre: false },
  { name: 'mirrored', template: 'mirrored', probe: 'mirrored', centre: false },
  { name: 'second-landmarks', template: 'closer', probe: 'closer', centre: false },
  { name: 'jittered-templates', template: 'jittered', probe: 'closer', centre: false },
  { name: 'centre', template: 'jittered', probe: 'closer', centre: true },
]

const FPIR = 0.01
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
  for (const { name, template, probe, centre } of STAGES) {
    const album = albumOf(faces, files, template, probe)
    const { camera } = comparePairs(album, pairs)
    const keep = centre ? enrolled : (templates: readonly Embedding[]) => templates
    const missed = (templates: number, size: number) =>
      searchLists(album, people, { templates, most: size, keep })
        .find((list) => list.size === size)
        ?.rates.find(({ fpir }) => fpir === FPIR)?.fnir
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
  const entries = order.slice(0, listedPeople).map(([photo]) => {
    const face = faces.get(photo!)
    return enrolled(face === undefined ? [] : [face.jittered])
  })
  return order.map((files, owner) => {
    const walk = files.slice(1, 1 + TRACK_SHOTS).flatMap((file) => faces.get(file) ?? [])
    const asked = score(walk)
    const listed = owner < listedPeople
    const probe = listed
      ? matedProbe(entries, owner, asked?.probe)
      : nonMatedProbe(entries, asked?.probe)
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
  const whole = new Walk({ agent: '', camera: '' }, first.closer.length)
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

function albumOf(faces: Faces, files: readonly string[], template: Way, probe: Way): Album {
  return new Map<string, Likeness>(
    files.map((file) => {
      const face = faces.get(file)
      if (face === undefined) return [file, { failure: 'photo.no-face' }]
      const { quality } = face
      return [
        file,
        { template: face[template], probe: face[probe], quality, eyeDistance: 0, yaw: 0 },
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
