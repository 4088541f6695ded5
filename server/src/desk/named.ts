import { Refusal } from '@vedette/shared/errors'
import type { Lists } from '../lists/lists.ts'
import type { Caller } from '../operators/caller.ts'
import type { Alert, AlertChange } from '../store/alerts.ts'
import type { EntryStore } from '../store/entries.ts'

/** An alert with the name of whom it is about. */
export type NamedAlert = Alert & {
  /** Undefined once that entry is gone, and while another is as likely: equals give no name. */
  name: string | undefined
  /** The two that it may be, while it is undecided. */
  either: string[] | undefined
  /** What its list is called, and how urgent it is; undefined once that list is gone. */
  listName: string | undefined
  colour: string | undefined
  priority: number | undefined
}
export type NamedChange = Omit<AlertChange, 'alert'> & { alert: NamedAlert }

/** Gives alerts their names, and those of their lists; of lists that `caller` does not see, none. */
export function naming(
  entries: EntryStore,
  lists: Pick<Lists, 'find'>,
): (alert: Alert, caller: Pick<Caller, 'sees'>) => Promise<NamedAlert> {
  return async (alert, caller) => {
    const nameOf = async (id: string) => {
      const entry = await entries.get(id).catch(forgotten)
      return entry !== undefined && caller.sees(entry.list) ? entry.name : undefined
    }
    const name = await nameOf(alert.entryId)
    const { name: listName, colour, priority } = lists.find(alert.list) ?? {}
    const list = { listName, colour, priority }
    if (alert.rival === null) return { ...alert, ...list, name, either: undefined }
    const other = await nameOf(alert.rival)
    const either = [name, other].filter((known) => known !== undefined)
    return { ...alert, ...list, name: undefined, either }
  }
}

function forgotten(error: unknown): undefined {
  if (error instanceof Refusal) return undefined
  throw error
}
