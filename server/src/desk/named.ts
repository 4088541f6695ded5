import { Refusal } from '@vedette/shared/errors'
import type { Lists } from '../lists/lists.ts'
import type { Caller } from '../operators/caller.ts'
import type { Alert, AlertChange } from '../store/alerts.ts'
import type { Entry, EntryStore } from '../store/entries.ts'

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

/** Whom an alert is about, and whom else it may be; undefined where there is none, or none any more. */
export type Whom = { entry: Entry | undefined; rival: Entry | undefined }

/** Gives alerts their names, and those of their lists; of lists that `caller` does not see, none. */
export function naming(
  entries: Pick<EntryStore, 'get'>,
  lists: Pick<Lists, 'find'>,
): (alert: Alert, caller: Pick<Caller, 'sees'>) => Promise<NamedAlert> {
  return async (alert, caller) => dressed(alert, await aboutWhom(entries, alert), lists, caller)
}

export async function aboutWhom(entries: Pick<EntryStore, 'get'>, alert: Alert): Promise<Whom> {
  const find = (id: string) => entries.get(id).catch(forgotten)
  const entry = await find(alert.entryId)
  return { entry, rival: alert.rival === null ? undefined : await find(alert.rival) }
}

/** The alert with the names that `caller` sees. */
export function dressed(
  alert: Alert,
  { entry, rival }: Whom,
  lists: Pick<Lists, 'find'>,
  caller: Pick<Caller, 'sees'>,
): NamedAlert {
  const nameOf = (one: Entry | undefined) =>
    one !== undefined && caller.sees(one.list) ? one.name : undefined
  const name = nameOf(entry)
  const { name: listName, colour, priority } = lists.find(alert.list) ?? {}
  const list = { listName, colour, priority }
  if (alert.rival === null) return { ...alert, ...list, name, either: undefined }
  const either = [name, nameOf(rival)].filter((known) => known !== undefined)
  return { ...alert, ...list, name: undefined, either }
}

function forgotten(error: unknown): undefined {
  if (error instanceof Refusal) return undefined
  throw error
}
