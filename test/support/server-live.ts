import type { LiveHead } from '@vedette/server/live/wire'
import type { View } from '@vedette/shared/message'
import { type Credentials, dialOptions } from '@vedette/shared/tls'
import { Agent, request } from 'undici'
import { jpegHeader } from './server-jpeg.ts'

export type LivePart = { head: LiveHead; picture: Buffer }

const PREFIX_BYTES = 8

/** Cuts a stream of live pictures into its parts, as its drawing has them and as plainly as can be. */
export async function* livePartsOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<LivePart> {
  let held = Buffer.alloc(0)
  for await (const chunk of bytes) {
    held = Buffer.concat([held, chunk])
    for (;;) {
      if (held.length < PREFIX_BYTES) break
      const middle = PREFIX_BYTES + held.readUInt32BE(0)
      const end = middle + held.readUInt32BE(4)
      if (held.length < end) break
      const head = JSON.parse(held.subarray(PREFIX_BYTES, middle).toString()) as LiveHead
      yield { head, picture: held.subarray(middle, end) }
      held = held.subarray(end)
    }
  }
}

/** What an agent could say that a camera sees. */
export function viewOf(n: number, more: Partial<View> = {}): View {
  return {
    type: 'view',
    n,
    camera: 'north',
    capturedAt: Date.now(),
    width: 640,
    height: 360,
    faces: [{ track: 't-1', box: [10, 20, 30, 40], quality: 0.5, asked: 1 }],
    picture: jpegHeader(320, 180),
    ...more,
  }
}

/** What operator `credentials` see through cameras, until `signal` aborts or the desk ends it. */
export async function* lookThrough(
  port: number,
  credentials: Credentials,
  query: string,
  signal: AbortSignal,
): AsyncGenerator<LivePart> {
  const connect = dialOptions(credentials, { role: 'server' }) as NonNullable<
    Agent.Options['connect']
  >
  const dispatcher = new Agent({ connect })
  try {
    const url = `https://127.0.0.1:${port}/api/live?${query}`
    const { statusCode, body } = await request(url, { dispatcher, signal })
    if (statusCode !== 200) throw new Error(`${statusCode}: ${await body.text()}`)
    for await (const part of livePartsOf(body)) if (part.head.kind !== 'still') yield part
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await dispatcher.destroy()
  }
}
