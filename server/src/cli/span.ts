const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

/** A duration for people, in the largest unit that it has two of, rounded down: `90 d`, `36 h`. */
export function span(ms: number): string {
  const [unit, size] = UNITS.find(([, each]) => ms >= 2 * each || ms === each) ?? ['s', 1000]
  return `${Math.floor(ms / size)} ${unit}`
}
