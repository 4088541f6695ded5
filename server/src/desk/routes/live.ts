import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { codeOf, Refusal } from '@vedette/shared/errors'
import { LEAST_LIVE_SIDE, MOST_LIVE_FPS, MOST_LIVE_SIDE } from '@vedette/shared/message'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Place } from '../../cameras/canary-tokens.ts'
import { keyOf } from '../../cameras/known.ts'
import type { Wish } from '../../live/live.ts'
import { Viewer } from '../../live/viewer.ts'
import { LIVE_TYPE, partOf } from '../../live/wire.ts'
import type { Caller } from '../../operators/caller.ts'
import type { LiveTerms, SavedPicture } from '../answered/live.ts'
import { liveTermsAnswer, savedPictureAnswer } from '../answers/cameras.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

/** Cameras of one stream: a window full of tiles. */
const MOST_TILES = 9
/** How often somebody hears that the link is there, milliseconds. */
const STILL_MS = 1000

const wishes = z.object({
  /** AGENT/CAMERA, separated by commas. */
  cameras: z.string().min(1).max(2000),
  fps: z.coerce.number().int().min(1).max(MOST_LIVE_FPS).default(5),
  side: z.coerce.number().int().min(LEAST_LIVE_SIDE).max(MOST_LIVE_SIDE).default(640),
})

/** A picture that somebody saves: which it is, as they saw it. */
const saving = z.strictObject({
  /** AGENT/CAMERA. */
  camera: z.string().min(1).max(200),
  /** When it was taken, epoch milliseconds, by the server's clock. */
  capturedAt: z.number().int().nonnegative(),
  /** Of the JPEG, as it came. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})

/** What cameras see, while somebody looks. */
export async function liveRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { live, store, watchfulness, clock, log } = options
  const running = new Map<ServerResponse, Promise<void>>()

  // They would last as long as somebody looks.
  app.addHook('preClose', async () => {
    for (const response of running.keys()) response.destroy()
    await Promise.all(running.values())
  })

  app.get(
    '/live/terms',
    {
      config: { needs: 'cameras.watch' },
      schema: {
        summary: 'What must be known before a camera is watched',
        answers: { 200: liveTermsAnswer },
      },
    },
    (): LiveTerms => ({
      reason: options.liveReason(),
      fps: MOST_LIVE_FPS,
      tiles: MOST_TILES,
    }),
  )

  /**
   * Says that a picture is saved, which whoever looks has already: before it is, that is on record with
   * why, and with what the file can be known by.
   */
  app.post(
    '/live/saved',
    {
      config: { needs: 'cameras.watch', act: 'live.saved' },
      schema: {
        summary: 'Save a picture that a camera gave while it was watched',
        answers: { 200: savedPictureAnswer },
        body: saving,
      },
    },
    ({ body, caller, hand, recorded }): SavedPicture => {
      const { camera, capturedAt, sha256 } = body
      const [place] = placesOf(camera, caller, watchfulness.cameras.all())
      if (hand.why === null) {
        throw new Refusal('live.no-reason', 'a picture is saved for a reason', {
          hint: 'say what it is needed for; it is recorded',
        })
      }
      if (!live.looks.saw(caller.name, camera, capturedAt)) {
        throw new Refusal('live.not-seen', `${caller.name} did not look through ${camera} then`, {
          hint: 'look through the camera, and save the picture within two minutes',
        })
      }
      const name = nameOf(place!, capturedAt)
      recorded.about = aboutOf(place!)
      recorded.details = { name, capturedAt, sha256 }
      return { name }
    },
  )

  const watched = {
    config: { needs: 'cameras.watch' },
    schema: {
      summary: 'What cameras see, for as long as it is asked for',
      answers: { 200: LIVE_TYPE },
      querystring: wishes,
    },
    exposeHeadRoute: false,
  } as const
  /**
   * Pictures of some cameras in one stream, see live/wire.ts: a browser has no more than six connections
   * to one server. Recorded for each camera when it begins and when it ends.
   */
  app.get('/live', watched, async (request, reply) => {
    const { caller, hand } = request
    const { cameras: names, ...wish } = request.query
    const places = placesOf(names, caller, watchfulness.cameras.all())
    if (options.liveReason() === 'required' && hand.why === null) {
      throw new Refusal('live.no-reason', 'whoever looks through a camera says why', {
        hint: 'give the reason for which it is looked through; it is recorded',
      })
    }
    const stand = live.seats.take(caller.name)
    const done = show(places, wish, request, reply).finally(() => {
      stand()
      running.delete(reply.raw)
    })
    running.set(
      reply.raw,
      done.catch(() => {}),
    )
    await done
  })

  /** Shows `places` until the other end has closed; what cannot be recorded is not shown. */
  async function show(
    places: readonly Place[],
    wish: Wish,
    { hand, caller }: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const since = clock.now()
    const viewer = new Viewer(wish.fps, caller.sees)
    const begun: Place[] = []
    try {
      for (const place of places) {
        await store.audit.note({ kind: 'live.begun', hand, at: since, about: aboutOf(place) })
        begun.push(place)
      }
      reply.hijack()
      const { raw } = reply
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) raw.setHeader(name, value)
      }
      raw.writeHead(200, { 'content-type': LIVE_TYPE, 'cache-control': 'no-store' })
      const leave = places.map((place) => live.look(place, wish, viewer))
      leave.push(live.looks.begin(caller.name, places.map(keyOf)))
      try {
        await send(viewer, raw)
      } finally {
        for (const left of leave) left()
        raw.destroy()
      }
    } finally {
      const at = clock.now()
      for (const place of begun) {
        const details = { ...viewer.counts(keyOf(place)), ms: at - since }
        await store.audit
          .note({ kind: 'live.ended', hand, at, about: aboutOf(place), details })
          .catch((error) => log.error({ code: codeOf(error), by: hand.by }, 'live.unrecorded'))
      }
    }
  }

  /** Sends what there is to see until the other end, or somebody else, has closed. */
  async function send(viewer: Viewer, response: ServerResponse): Promise<void> {
    const wake = () => viewer.wake()
    response.once('close', wake)
    response.on('error', wake)
    let at = 0
    while (!response.destroyed) {
      const part = viewer.next()
      const now = clock.now()
      if (part !== undefined) await written(response, part.head, part.picture)
      if (Math.abs(now - at) >= STILL_MS) {
        await written(response, partOf({ kind: 'still', now }))
        at = now
      }
      if (part !== undefined) continue
      const tick = clock.after(STILL_MS, wake)
      await viewer.news()
      tick.cancel()
    }
  }
}

/** Resolves when the peer has taken it, or is gone: nothing is ever piled up for whoever is slow. */
async function written(
  response: ServerResponse,
  head: Uint8Array,
  picture?: Uint8Array,
): Promise<void> {
  response.cork()
  response.write(head)
  if (picture !== undefined) response.write(picture)
  response.uncork()
  if (!response.writableNeedDrain || response.destroyed) return
  const gone = new AbortController()
  const stop = () => gone.abort()
  response.once('close', stop)
  await once(response, 'drain', { signal: gone.signal }).catch(() => {})
  response.off('close', stop)
}

/** Throws Refusal `request.invalid`, and `camera.not-found` for what is not there for `caller`. */
function placesOf(names: string, caller: Caller, known: readonly Place[]): Place[] {
  const keys = [...new Set(names.split(','))]
  if (keys.length > MOST_TILES) {
    throw new Refusal('request.invalid', `${keys.length} cameras at a time`, {
      hint: `${MOST_TILES} can be looked through together`,
    })
  }
  return keys.map((key) => {
    const place = known.find((one) => keyOf(one) === key)
    // What is not theirs must not be told from what is not there.
    if (place !== undefined && caller.seesCamera(place.agent, place.camera)) {
      return { agent: place.agent, camera: place.camera }
    }
    throw new Refusal('camera.not-found', `no camera ${key}`, {
      hint: 'see: vedette cameras list',
      params: { camera: key },
    })
  })
}

function aboutOf(place: Place) {
  return { agent: place.agent, camera: keyOf(place) }
}

/** AGENT-CAMERA_YYYYMMDDTHHMMSS.mmmZ.jpg, in UTC. */
function nameOf({ agent, camera }: Place, at: number): string {
  const time = new Date(at).toISOString().replaceAll(/[-:]/g, '')
  return `${agent}-${camera}_${time}.jpg`
}
