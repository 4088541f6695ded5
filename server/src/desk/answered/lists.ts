import type { List } from '../../lists/list.ts'

/** A list, and how many entries may match. */
export type CountedList = List & { live: number }
