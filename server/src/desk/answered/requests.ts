import type { ChangeRequest } from '../../approvals/request.ts'

/** What waits, and the name of whom it is about; undefined where it is about a list. */
export type NamedRequest = ChangeRequest & { name: string | undefined }

/** How much waits for a second person; `others` is what somebody else than whoever looks asked for. */
export type Waiting = { requests: number; imports: number; others: number }
