import { z } from 'zod'

const anything = z.record(z.string(), z.unknown())

/** The desk's document. Source: https://spec.openapis.org/oas/v3.1.0 */
export const openApiAnswer = z
  .strictObject({
    openapi: z.literal('3.1.0'),
    info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
    servers: z.array(z.strictObject({ url: z.string() })),
    security: z.array(z.record(z.string(), z.array(z.string()))),
    paths: z.record(z.string(), anything),
    components: z.record(z.string(), anything),
  })
  .describe('see https://spec.openapis.org/oas/v3.1.0')
