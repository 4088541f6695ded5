/** What the file is called in which it is saved. */
export type SavedPicture = { name: string }

/** What the console must know before it asks. */
export type LiveTerms = { reason: 'optional' | 'required'; fps: number; tiles: number }
