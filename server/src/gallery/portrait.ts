import type { Embedding } from '@vedette/shared/embedding'

/** What is kept of a photograph. */
export type Portrait = {
  /** The face and its surroundings, re-encoded: nothing else of the file is kept. */
  jpeg: Uint8Array
  quality: number
  /** In the first space asked for, and in the others. */
  also: Likeness[]
} & Likeness

/** A face as it is kept in one space: seen close, and from afar where that is any smaller. */
export type Likeness = { space: string; template: Embedding; far: Embedding | undefined }
