/**
 * Rows that are looked at, by their places in the list: they must not move. Only where the list fills
 * its window can that follow what comes in above.
 */
export type Held = { first: number; last: number; full: boolean }

export type Placed = {
  shown: string[]
  /** What would have come between the rows that are looked at, and waits to be asked for. */
  waiting: string[]
  /** How many rows came in above them: as many rows further down they are now. */
  above: number
}

/**
 * Takes in what is new in `sorted` so that no row of `held` moves in the window; everything at once
 * where nothing is held. Rows that are shown keep their order.
 */
export function place(
  shown: readonly string[],
  sorted: readonly string[],
  held: Held | undefined,
): Placed {
  if (held === undefined) return { shown: [...sorted], waiting: [], above: 0 }
  const there = new Set(shown)
  const wanted = new Set(sorted)
  const kept = shown.filter((id) => wanted.has(id))
  const waiting: string[] = []
  const next: string[] = []
  let above = 0
  let index = 0
  for (const id of sorted) {
    if (!there.has(id)) {
      // Behind the rows before it, in front of the row that is next.
      if (index <= held.first && held.full) {
        above++
        next.push(id)
      } else if (index > held.last) next.push(id)
      else waiting.push(id)
      continue
    }
    // Where rows that are shown stand otherwise than sorted, they stay as they are shown.
    next.push(kept[index]!)
    index++
  }
  return { shown: next, waiting, above }
}

/**
 * Which of `leaving` can go without moving row `cursor`, when the window is `scrolled` rows down:
 * those below it, and as many above as the window can follow.
 */
export function leave(
  shown: readonly string[],
  leaving: ReadonlySet<string>,
  cursor: number | undefined,
  scrolled: number,
): { gone: string[]; above: number } {
  const gone: string[] = []
  let above = 0
  shown.forEach((id, index) => {
    if (!leaving.has(id)) return
    if (cursor === undefined || index > cursor) gone.push(id)
    else if (index < cursor && above < scrolled) {
      above++
      gone.push(id)
    }
  })
  return { gone, above }
}
