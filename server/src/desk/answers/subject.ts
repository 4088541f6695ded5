import { z } from 'zod'
import type { Held } from '../../subject/held.ts'
import { ofAlert, stepAnswer } from './alerts.ts'
import { entryAnswer, photoAnswer } from './entries.ts'
import { count, exactly, number, ofCamera, span, text, time, yes } from './exactly.ts'
import { actAnswer } from './record.ts'

export const heldAnswer = exactly<Held>()(
  z.strictObject({
    madeAt: time,
    madeBy: text,
    complete: yes,
    entry: entryAnswer,
    listName: text,
    photos: z.array(photoAnswer),
    templates: z.array(z.strictObject({ space: text, length: count, photo: count, far: yes })),
    alerts: z.array(z.strictObject({ ...ofAlert, life: z.array(stepAnswer) })),
    nearMisses: z.array(
      z.strictObject({ ...ofCamera, walks: count, highest: number, lastAt: time }),
    ),
    rejections: count,
    acts: z.array(actAnswer),
    keeping: z.strictObject({
      entryUntil: time,
      sightingsHours: number,
      alerts: span,
      nearMisses: span,
      acts: span,
      views: span,
    }),
  }),
)
