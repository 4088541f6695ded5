import type { Frame, Source } from '@vedette/agent/frame'

export const nobody: AbortSignal = new AbortController().signal

/** Every frame until the source ends. */
export async function framesOf(source: Source, signal: AbortSignal = nobody): Promise<Frame[]> {
  const frames: Frame[] = []
  for await (const one of source.frames(signal)) frames.push(one)
  return frames
}

/** The frames that came before the source broke, and what it broke with. */
export async function broken(source: Source): Promise<{ frames: Frame[]; error: unknown }> {
  const frames: Frame[] = []
  try {
    for await (const one of source.frames(nobody)) frames.push(one)
  } catch (error) {
    return { frames, error }
  }
  return { frames, error: undefined }
}

export function sizesOf(frames: readonly Frame[]): string[] {
  return frames.map(({ picture }) => `${picture.width}x${picture.height}`)
}
