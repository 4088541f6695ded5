/** A row as it is shown; `gone`: it is none of them any more, and only keeps its place. */
export type Shown<T> = { row: T; gone: boolean }
export type Held<T> = {
  shown: Shown<T>[]
  /** How many have come that would move what is looked at. */
  waiting: number
}

/** `rows` in the places that those of `before` have: each stays where it is, and says what it is now. */
export function hold<T extends { id: string }>(
  before: readonly Shown<T>[],
  rows: readonly T[],
): Held<T> {
  const now = new Map(rows.map((row) => [row.id, row]))
  const shown = before.map(({ row }): Shown<T> => {
    const found = now.get(row.id)
    return { row: found ?? row, gone: found === undefined }
  })
  const known = new Set(before.map(({ row }) => row.id))
  return { shown, waiting: rows.filter(({ id }) => !known.has(id)).length }
}
