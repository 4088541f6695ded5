import { z } from 'zod'
import type { ModelsStatus } from '../answered/models.ts'
import { count, exactly, text, texts, time } from './exactly.ts'

export const modelsAnswer = exactly<ModelsStatus>()(
  z.strictObject({
    active: text,
    spaces: z.array(
      z.strictObject({
        id: text,
        role: z.enum(['active', 'candidate', 'kept']),
        since: time,
        compared: z.strictObject({
          same: count,
          onlyOld: count,
          onlyNew: count,
          different: count,
          neither: count,
          unseen: count,
        }),
        photos: count,
        done: count,
        failed: z.array(z.strictObject({ entryId: text, photo: count, code: text })),
        missing: texts.describe('entries that nobody would be found by'),
        entries: count,
        templates: count,
        fault: z.strictObject({ code: text, message: text }).nullable(),
      }),
    ),
    agents: z.record(text, texts).describe('by the space that they speak'),
    advice: z
      .strictObject({ code: z.literal('list.too-long'), message: text, hint: text })
      .nullable(),
  }),
)
