/** How long a browser may take to begin saving, milliseconds. */
const KEPT_MS = 60_000

/** Has the browser save `content` under that name. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS)
}
