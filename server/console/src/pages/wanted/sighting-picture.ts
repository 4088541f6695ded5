import type { EvidenceFrame } from '@vedette/server/store/evidence'
import { desk, urlOf } from '../../desk.ts'
import type { Sighting } from './enrolling.ts'

/** Where the browser finds the picture of a sighting, or of its frame `shot`, 1 is the first. */
export async function pictureOf({ alert, shot }: Sighting, signal: AbortSignal): Promise<string> {
  const path = `/alerts/${encodeURIComponent(alert)}`
  if (shot === undefined) return urlOf(`${path}/chip`)
  const frames = await desk.get<EvidenceFrame[]>(`${path}/frames`, { signal })
  const frame = frames[Number(shot) - 1]
  return urlOf(frame ? `${path}/frames/${frame.track}/${frame.shot}` : `${path}/chip`)
}
