import { z } from 'zod'
import type { JsonValue } from '../../audit/act.ts'

/** T as JSON has it: what is undefined is not there. */
type Sent<T> = T extends readonly unknown[]
  ? { -readonly [K in keyof T]: Sent<T[K]> }
  : T extends object
    ? string extends keyof T
      ? JsonValue extends T[keyof T]
        ? T
        : { -readonly [K in keyof T]: Sent<T[K]> }
      : { [K in keyof T as undefined extends T[K] ? never : K]: Sent<T[K]> } & {
          [K in keyof T as undefined extends T[K] ? K : never]?:
            | Sent<Exclude<T[K], undefined>>
            | undefined
        }
    : T

/** T with all that may be there. */
type Whole<T> = T extends readonly unknown[]
  ? { [K in keyof T]: Whole<T[K]> }
  : T extends object
    ? string extends keyof T
      ? T
      : { [K in keyof T]-?: Whole<Exclude<T[K], undefined>> }
    : T

/** Whether a schema gives T, no more and no less: what may be left out counts, too. */
type Gives<T, S extends z.ZodType> =
  Sent<T> extends z.output<S>
    ? Whole<z.output<S>> extends Whole<Sent<T>>
      ? Whole<Sent<T>> extends Whole<z.output<S>>
        ? S
        : never
      : never
    : never

/** What the desk's document has once for all routes, by the name that it has there. */
export const NAMED = new Map<string, z.ZodType>()

/**
 * A schema of exactly T: whatever is added to one must be said in the other. Under `name` the
 * document has it once for all routes.
 */
export const exactly =
  <T>(name?: string) =>
  <S extends z.ZodType<Sent<T>>>(schema: Gives<T, S>): S => {
    if (name !== undefined) NAMED.set(name, schema)
    return schema
  }

export const text = z.string()
export const textOrNull = z.string().nullable()
export const texts = z.array(z.string())
export const yes = z.boolean()
export const number = z.number()
export const numberOrNull = z.number().nullable()
export const count = z.int()
export const time = z.int().describe('epoch milliseconds')
export const timeOrNull = time.nullable()
export const span = z.number().describe('milliseconds')
export const person = z.string().nullable().describe('null: nobody')
/** Whatever it is called, and any JSON. */
export const details = z.record(z.string(), z.custom<JsonValue>())
export const ofCamera = { agent: z.string(), camera: z.string() }
/** What words say by name and number, for other languages. */
export const params = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]))
