import { type Embedding, similarity } from '@vedette/shared/embedding'

/** Which photographs of one enrolment show somebody else. */
export type Kinship = {
  /** Photographs (1 is the first) that are not of whom most of the others are of. */
  odd: number[]
  /** How alike each photograph is to the other most like it; null for a single one. */
  agreement: (number | null)[]
}

/**
 * Tells photographs of one person from those of another: they hang together by similarities of at
 * least `level`, and most of them show whom they are meant to show. Of equal parts all are odd.
 */
export function kinshipOf(templates: readonly Embedding[], level: number): Kinship {
  const scores = templates.map((one, i) =>
    templates.map((other, k) => (i === k ? -1 : similarity(one, other))),
  )
  const partOf = templates.map((_, i) => i)
  for (const [i, row] of scores.entries()) {
    for (const [k, score] of row.entries()) {
      if (score >= level && partOf[i] !== partOf[k]) {
        const [keep, join] = [partOf[i]!, partOf[k]!]
        for (const [n, part] of partOf.entries()) if (part === join) partOf[n] = keep
      }
    }
  }
  const sizes = new Map<number, number>()
  for (const part of partOf) sizes.set(part, (sizes.get(part) ?? 0) + 1)
  const largest = Math.max(...sizes.values())
  const leading = [...sizes].filter(([, size]) => size === largest).map(([part]) => part)
  const [main] = leading
  const odd = partOf.flatMap((part, i) => (leading.length > 1 || part !== main ? i + 1 : []))
  return {
    odd: sizes.size === 1 ? [] : odd,
    agreement: scores.map((row) => (row.length < 2 ? null : Math.max(...row))),
  }
}
