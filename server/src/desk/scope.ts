import { Refusal, type RefusalCode } from '@vedette/shared/errors'
import type { FastifyInstance } from 'fastify'
import type { Lists } from '../lists/lists.ts'
import type { Caller } from '../operators/caller.ts'
import type { Belonging, Whereabouts, WhereaboutsStore } from '../store/whereabouts.ts'
import type { Within } from '../store/within.ts'

type Thing = { path: RegExp; kind: Belonging; code: RefusalCode; word: string; see: string }

/** What paths name by an id, and what is said where there is none, or none for whoever asks. */
const THINGS: readonly Thing[] = [
  {
    path: /^\/api\/entries\/:id(\/|$)/,
    kind: 'entries',
    code: 'entry.not-found',
    word: 'entry',
    see: 'vedette entries list',
  },
  {
    path: /^\/api\/alerts\/:id(\/|$)/,
    kind: 'alerts',
    code: 'alert.not-found',
    word: 'alert',
    see: 'vedette alerts list',
  },
  {
    path: /^\/api\/rejections\/:id(\/|$)/,
    kind: 'rejections',
    code: 'rejection.not-found',
    word: 'rejection',
    see: 'vedette rejections list',
  },
  {
    path: /^\/api\/cameras\/troubles\/:id(\/|$)/,
    kind: 'troubles',
    code: 'trouble.not-found',
    word: 'trouble',
    see: 'vedette cameras troubles',
  },
]

/**
 * Keeps from everybody what is on lists and of cameras that are not theirs, by the path of what they
 * ask for: it is not there for them. New routes below these paths are confined with the others.
 */
export function confine(app: FastifyInstance, whereabouts: Pick<WhereaboutsStore, 'of'>): void {
  app.addHook('onRequest', async ({ caller, params, routeOptions }) => {
    const { id = '', agent, camera } = params as Record<string, string>
    if (agent !== undefined && camera !== undefined && !caller.seesCamera(agent, camera)) {
      throw new Refusal('camera.not-found', `no camera ${agent}/${camera}`, {
        hint: 'see: vedette cameras list',
        params: { camera: `${agent}/${camera}` },
      })
    }
    const thing = THINGS.find(({ path }) => path.test(routeOptions.url ?? ''))
    if (thing === undefined) return
    const { kind, code, word, see } = thing
    const belongs = await whereabouts.of(kind, id)
    // What is not theirs must not be told from what is not there.
    if (belongs !== undefined && reaches(caller, belongs)) return
    throw new Refusal(code, `no ${word} ${id}`, { hint: `see: ${see}` })
  })
}

/** Whether `caller` may see what belongs there. */
export function reaches(caller: Caller, { list, agent, camera }: Whereabouts): boolean {
  if (list !== undefined && !caller.sees(list)) return false
  return agent === undefined || camera === undefined || caller.seesCamera(agent, camera)
}

/** What the questions of `caller` are confined to. */
export function withinOf(caller: Caller, lists: Pick<Lists, 'all'>): Within {
  const all = lists.all.map(({ id }) => id)
  const seen = all.filter((id) => caller.sees(id))
  const { cameras } = caller.scope
  const confined = seen.length < all.length || caller.scope.lists !== null
  return { lists: confined ? seen : null, cameras }
}
