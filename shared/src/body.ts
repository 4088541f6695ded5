import { Packr, Unpackr } from 'msgpackr'
import type { z } from 'zod'
import { ProtocolFault } from './errors.ts'
import { scan } from './scan.ts'

/** Turns a body into a message, or throws ProtocolFault. */
export type Parse<M> = (body: Uint8Array) => M

const packr = new Packr({ useRecords: false, variableMapSize: true })
const unpackr = new Unpackr({ useRecords: false, int64AsType: 'number' })

/** The msgpack body of `value`. */
export function encodeBody(value: object): Uint8Array {
  return packr.pack(value)
}

/** What `schema` makes of a body, scanned before it is decoded. Throws ProtocolFault. */
export function parseBody<S extends z.ZodType>(schema: S, body: Uint8Array): z.infer<S> {
  scan(body)
  const value: unknown = unpackr.unpack(body)
  const isMap = typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
  if (!isMap || Array.isArray(value)) {
    throw new ProtocolFault('message.not-a-map', 'a message is a map')
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue?.path.join('.') || 'message'
  const code = where === 'type' ? 'message.unknown-type' : 'message.invalid'
  throw new ProtocolFault(code, `${where}: ${issue?.message ?? 'invalid'}`)
}
