import { similarity } from '@vedette/shared/embedding'
import type { Album } from './album.ts'
import type { Pair } from './pairs-file.ts'
import { type Verification, verify } from './verification.ts'

export type PairsResult = {
  images: number
  /** Pictures in which no face could be found, or that could not be read. */
  failuresToEnrol: { file: string; reason: string }[]
  /** Both pictures as they would be enrolled: one photograph against another. */
  photographs: Verification
  /** The left one enrolled, the right one as a camera's chip. */
  camera: Verification
}

/** Verification of every pair, both ways in which the product compares. */
export function comparePairs(album: Album, pairs: readonly Pair[]): PairsResult {
  const scored = (right: 'template' | 'probe') =>
    verify(
      pairs.map(({ left, right: other, same, fold }) => {
        const [a, b] = [album.get(left), album.get(other)]
        const there = a !== undefined && b !== undefined && 'template' in a && 'template' in b
        return { score: there ? similarity(a.template, b[right]) : undefined, same, fold }
      }),
    )
  const failuresToEnrol = [...album].flatMap(([file, likeness]) =>
    'failure' in likeness ? [{ file, reason: likeness.failure }] : [],
  )
  return {
    images: album.size,
    failuresToEnrol,
    photographs: scored('template'),
    camera: scored('probe'),
  }
}
