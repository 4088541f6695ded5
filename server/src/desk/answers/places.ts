import type { Place } from '@vedette/shared/place'
import { z } from 'zod'
import type { CameraPlace } from '../../store/places.ts'
import type { FloorPlan } from '../../store/plans.ts'
import type { MapSettings } from '../answered/map.ts'
import {
  count,
  exactly,
  number,
  numberOrNull,
  ofCamera,
  text,
  textOrNull,
  time,
} from './exactly.ts'

const looking = {
  bearing: numberOrNull.describe('degrees clockwise from north'),
  fieldOfView: numberOrNull.describe('degrees'),
}

export const place = exactly<Place>('Place')(
  z.strictObject({ latitude: number, longitude: number, ...looking, address: textOrNull }),
)

export const cameraPlaceAnswer = exactly<CameraPlace>()(
  z.strictObject({
    ...ofCamera,
    origin: z.enum(['operator', 'agent']).describe('who said so'),
    place: place.nullable(),
    address: textOrNull,
    view: z.strictObject({ ...looking, range: numberOrNull.describe('metres') }),
    plan: z
      .strictObject({
        plan: text,
        x: number.describe('0 is left, 1 right'),
        y: number.describe('0 is above, 1 below'),
      })
      .nullable(),
  }),
)

export const planAnswer = exactly<FloorPlan>('FloorPlan')(
  z.strictObject({
    id: text,
    name: text,
    width: count.describe('pixels'),
    height: count.describe('pixels'),
    metres: numberOrNull.describe('that its whole width shows'),
    north: number.describe('where its upper edge looks, degrees clockwise from north'),
    addedBy: text,
    addedAt: time,
  }),
)

export const mapAnswer = exactly<MapSettings>()(
  z.strictObject({
    tiles: z
      .strictObject({ url: text, attribution: text })
      .nullable()
      .describe('null: it shows what it has itself'),
  }),
)
