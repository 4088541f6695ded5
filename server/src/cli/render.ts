import process from 'node:process'

/** Prints data: a JSON document with `--json`, else what `text` makes of it. Nothing else is data. */
export function print<T>(data: T, { json }: { json?: true }, text: (data: T) => string): void {
  process.stdout.write(`${json ? JSON.stringify(data) : text(data)}\n`)
}

/** Says something to the person at the terminal; not part of the data. */
export function say(words: string): void {
  process.stderr.write(`${words}\n`)
}

/** Rows in columns as wide as they need to be, under a heading. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return 'none'
  const widths = heading.map((head, i) =>
    Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  return [line(heading), ...rows.map(line)].join('\n')
}

/** Local date and time to the second, for people; JSON carries the instant itself. */
export function when(epochMs: number): string {
  const date = new Date(epochMs)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')}`
}
