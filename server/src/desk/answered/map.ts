import type { Tiles } from '../console-config.ts'

/** What the map of the console is made of. */
export type MapSettings = {
  /** Null: it shows what it has itself, and nobody else is asked. */
  tiles: Tiles | null
}
