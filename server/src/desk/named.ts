import { Refusal } from '@vedette/shared/errors'
import type { Alert, AlertChange } from '../store/alerts.ts'
import type { EntryStore } from '../store/entries.ts'

/** An alert with the name of whom it is about. */
export type NamedAlert = Alert & {
  /** Undefined once that entry is gone, and while another is as likely: equals give no name. */
  name: string | undefined
  /** The two that it may be, while it is undecided. */
  either: string[] | undefined
}
export type NamedChange = Omit<AlertChange, 'alert'> & { alert: NamedAlert }

/** Gives alerts their names. */
export function naming(entries: EntryStore): (alert: Alert) => Promise<NamedAlert> {
  const nameOf = async (id: string) => (await entries.get(id).catch(forgotten))?.name
  return async (alert) => {
    const name = await nameOf(alert.entryId)
    if (alert.rival === null) return { ...alert, name, either: undefined }
    const other = await nameOf(alert.rival)
    const either = [name, other].filter((known) => known !== undefined)
    return { ...alert, name: undefined, either }
  }
}

function forgotten(error: unknown): undefined {
  if (error instanceof Refusal) return undefined
  throw error
}
