/** A file, where it lies below the folder that was given, and how it is read when its turn comes. */
export type Placed = { path: string; read: () => Promise<Blob> }

/** Why nothing of what was given is read. */
export type GivenFault = 'broken' | 'locked' | 'many' | 'paths' | 'bomb'
export type Given = { files: Placed[] } | { fault: GivenFault }

/** Files that are looked at, at most: an import has no more photographs. */
export const MOST_FILES = 100_000

/** A file that unpacks to more than it may have, or than it says. */
export class TooLarge extends Error {
  readonly code = 'photo.too-large'
  /** Bytes. */
  readonly most: number

  constructor(most: number) {
    super(`more than ${most} bytes`)
    this.name = 'TooLarge'
    this.most = most
  }
}
