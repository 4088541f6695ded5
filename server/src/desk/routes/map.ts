import { mapAnswer } from '../answers/places.ts'
import type { Tiles } from '../console-config.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

/** What the map of the console is made of. */
export type MapSettings = {
  /** Null: it shows what it has itself, and nobody else is asked. */
  tiles: Tiles | null
}

export async function mapRoutes(app: DeskApp, { tiles }: DeskParts): Promise<void> {
  app.get(
    '/map',
    {
      config: { needs: 'cameras.view' },
      schema: { summary: 'What the map is made of', answers: { 200: mapAnswer } },
    },
    (): MapSettings => ({ tiles: tiles ?? null }),
  )
}
