import { readFile } from 'node:fs/promises'
import { MAX_PHOTO_BYTES, Photos } from '@vedette/server/gallery/photos'
import { codeOf } from '@vedette/shared/errors'
import type { Report } from './measure.ts'
import { oneFace } from './one-face.ts'
import { corpus, type HostilePicture, SENTINEL } from './pictures/corpus.ts'

const SAMPLE_MS = 4

/** What hostile pictures cost those who read photographs, and whether each is refused as it should. */
export async function benchPictures(report: Report): Promise<void> {
  const face = await oneFace(3)
  const pictures = await corpus(face)
  await using photos = new Photos({})
  const [pid] = photos.pids
  // What is allocated once belongs to no picture.
  await photos.look(face)
  const still = pictures.find(({ name }) => name === 'jpeg-25mpx')
  if (still !== undefined) await photos.look(still.bytes)
  const before = await memoryOf(pid!)
  const taken: { picture: HostilePicture; ms: number; mb: number; wrong: boolean }[] = []
  for (const picture of pictures) {
    let highest = 0
    let watching = true
    const watch = (async () => {
      while (watching) {
        highest = Math.max(highest, await memoryOf(pid!))
        await new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))
      }
    })()
    const began = performance.now()
    const { outcome, kept } = await readOne(photos, picture)
    const ms = performance.now() - began
    watching = false
    await watch
    const leaks = kept?.includes(SENTINEL) ?? false
    taken.push({ picture, ms, mb: highest - before, wrong: outcome !== picture.expected || leaks })
  }
  const bombs = taken.filter(({ picture }) => picture.bomb)
  const wrong = taken.filter((one) => one.wrong).map(({ picture }) => picture.name)
  report({
    bench: 'pictures.hostile',
    value: pictures.length - wrong.length,
    unit: `of ${pictures.length} as they should`,
    detail: {
      wrong: wrong.join(' '),
      largestFile: Math.max(...pictures.map(({ bytes }) => bytes.length)) / MAX_PHOTO_BYTES,
      slowestMs: Math.max(...taken.map(({ ms }) => ms)),
      slowestBombMs: Math.max(...bombs.map(({ ms }) => ms)),
      memoryGrowthMb: Math.max(...taken.map(({ mb }) => mb)),
      processesLost: pid === photos.pids[0] ? 0 : 1,
    },
  })
}

async function readOne(
  photos: Photos,
  { bytes }: HostilePicture,
): Promise<{ outcome: string; kept?: Buffer }> {
  try {
    const { portrait, faces } = await photos.look(bytes)
    if (portrait !== undefined) return { outcome: 'accepted', kept: Buffer.from(portrait.jpeg) }
    return { outcome: faces.length === 0 ? 'photo.no-face' : 'photo.poor-face' }
  } catch (error) {
    return { outcome: codeOf(error) }
  }
}

/** Memory that process `pid` has in use, MiB. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
}
