/** Largest file that the desk takes, bytes, and most pixels. */
export const MOST_BYTES = 8 * 1024 * 1024
export const MOST_PIXELS = 25_000_000
/** More than this is only memory to the desk, pixels on the longer side. */
const ENOUGH = 3840
/** From here on it is worth offering to send less, bytes. */
export const LARGE_BYTES = 4 * 1024 * 1024
const QUALITY = 0.92

export type Kind = 'jpeg' | 'png' | 'webp' | 'heic' | 'other'

const HEIC_BRANDS = ['heic', 'heix', 'hevc', 'heim', 'heis', 'mif1', 'msf1']

/** What a file is by its first bytes, whatever it is called. Source: ISO/IEC 14496-12 for `ftyp`. */
export async function kindOf(file: Blob): Promise<Kind> {
  const head = new Uint8Array(await file.slice(0, 16).arrayBuffer())
  const text = String.fromCharCode(...head)
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp'
  if (text.slice(4, 8) === 'ftyp' && HEIC_BRANDS.includes(text.slice(8, 12))) return 'heic'
  return 'other'
}

export type Measured = { kind: Kind; width: number; height: number }

/** Its kind and pixels, upright; no pixels where this browser cannot show it. */
export async function measure(file: Blob): Promise<Measured> {
  const kind = await kindOf(file)
  const bitmap = await createImageBitmap(file).catch(() => undefined)
  const { width = 0, height = 0 } = bitmap ?? {}
  bitmap?.close()
  return { kind, width, height }
}

/** The same picture with no more pixels than the desk looks at. */
export function shrink(file: Blob): Promise<Blob> {
  return redraw(file, (bitmap) => {
    const { width, height } = bitmap
    const scale = Math.min(1, ENOUGH / Math.max(width, height))
    return { from: { x: 0, y: 0, width, height }, scale }
  })
}

/** Pixels of the upright picture. */
export type Area = { x: number; y: number; width: number; height: number }

/** What `area` shows of it. */
export function cut(file: Blob, area: Area): Promise<Blob> {
  return redraw(file, () => ({ from: area, scale: 1 }))
}

async function redraw(
  file: Blob,
  plan: (bitmap: ImageBitmap) => { from: Area; scale: number },
): Promise<Blob> {
  const bitmap = await createImageBitmap(file)
  try {
    const { from, scale } = plan(bitmap)
    const width = Math.max(1, Math.round(from.width * scale))
    const height = Math.max(1, Math.round(from.height * scale))
    const canvas = new OffscreenCanvas(width, height)
    const context = canvas.getContext('2d')
    context?.drawImage(bitmap, from.x, from.y, from.width, from.height, 0, 0, width, height)
    return await canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
  } finally {
    bitmap.close()
  }
}

/** What a video shows now. */
export async function still(video: HTMLVideoElement): Promise<Blob> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight)
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY })
}

export function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1)
}
