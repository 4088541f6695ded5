import { AHEAD_MS } from '../../entries/expiry.ts'
import type { Chores } from '../answered/chores.ts'
import { choresAnswer } from '../answers/entries.ts'
import type { DeskParts } from '../parts.ts'
import type { DeskApp } from '../taking.ts'

/** How much there is to do about entries: of the lists that whoever asks sees. */
export async function choreRoutes(app: DeskApp, options: DeskParts): Promise<void> {
  const { store, lists, register, clock } = options

  app.get(
    '/chores',
    {
      config: { needs: 'status.view' },
      schema: { summary: 'How much there is to do about entries', answers: { 200: choresAnswer } },
    },
    async ({ caller }): Promise<Chores> => {
      const seen = lists.all.map(({ id }) => id).filter((id) => caller.sees(id))
      const expiring = await store.entryChanges.expiring(clock.now() + AHEAD_MS, seen)
      const waiting = (await register.pending()).filter(({ list }) => caller.sees(list))
      return { expiring, waiting: waiting.length }
    },
  )
}
