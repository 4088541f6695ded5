import type { MapSettings } from '../answered/map.ts'
import { mapAnswer } from '../answers/places.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

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
