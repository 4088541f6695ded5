import type { CameraStatus } from '@vedette/server/cameras/known'
import type { Colour } from '@vedette/server/cameras/state'
import type { Tone } from '../parts/Tag.tsx'
import { loadWords, useWords } from '../words.ts'

await loadWords('cameras')

/** What is said of cameras on every page that has any. */
export const useCameraWords = () => useWords('cameras')

export const TONES: Record<Colour, Tone> = { green: 'good', amber: 'warn', red: 'danger' }
/** The worst first. */
export const RANK: Record<Colour, number> = { red: 0, amber: 1, green: 2 }

/** Why its state is what it is, in words. */
export function reasonOf(
  t: ReturnType<typeof useCameraWords>,
  { why, troubles }: Pick<CameraStatus, 'why' | 'troubles'>,
): string {
  if ((why !== 'blind' && why !== 'troubled') || troubles.length === 0) return t(`why.${why}`)
  return troubles.map(({ kind }) => t(`trouble.${kind}`)).join(', ')
}

export const nameOf = ({ agent, camera }: { agent: string; camera: string }) => `${agent}/${camera}`
