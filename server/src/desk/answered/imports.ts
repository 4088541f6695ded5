import type { Import } from '../../store/imports.ts'

/** An import, and who could approve it. */
export type OpenedImport = Import & { approvers: string[] }
