import { z } from 'zod'

export const count = z.number().int().nonnegative()
export const instant = z.number().int().positive()
export const label = z.string().min(1).max(128)
export const fraction = z.number().min(0).max(1)
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
export const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes')
