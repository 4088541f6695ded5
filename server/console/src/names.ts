/** What stands between commas, semicolons or space. */
export function namesOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter((name) => name !== '')
}
