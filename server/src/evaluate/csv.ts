const FIELD = /(?:[\t ]*"((?:[^"]|"")*)"[\t ]*|([^",]*))(,|$)/y

/** Fields of a line of CSV without their quotation marks; undefined if those do not match. Source: RFC 4180. */
export function csvFields(line: string): string[] | undefined {
  const fields: string[] = []
  FIELD.lastIndex = 0
  for (;;) {
    const found = FIELD.exec(line)
    if (!found) return undefined
    const [, quoted, plain, end] = found
    fields.push(quoted?.replaceAll('""', '"') ?? plain!.trim())
    if (end === '') return fields
  }
}
