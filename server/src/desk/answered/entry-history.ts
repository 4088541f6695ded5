import type { ActRecord } from '../../store/audit-search.ts'

/** What was done to an entry: by whom, when and why. */
export type EntryAct = Pick<ActRecord, 'seq' | 'at' | 'kind' | 'by' | 'why' | 'details'>
